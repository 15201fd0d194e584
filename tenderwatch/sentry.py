"""Reports of errors to Sentry, with ``SENTRY_DSN``: where an error happened and its request id, no personal data."""

from importlib import import_module

from django.core.exceptions import ImproperlyConfigured

from tenderwatch import request_ids

OFF = {"mode": "off"}
NO_PERSONAL_DATA = {  # sentry-sdk's successor of ``send_default_pii=False``
    "user_info": False,
    "cookies": OFF,
    "http_headers": {"request": OFF},
    "http_bodies": [],
    "url_query_params": OFF,
    "database_query_data": False,
    "stack_frame_variables": False,
}
KEPT_OF_REQUEST = ("method", "url")  # neither query, cookies, headers nor environment
DROPPED = ("user", "breadcrumbs", "extra")


def start(dsn, *, environment, **options):
    """Start to report errors; raises ``ImproperlyConfigured`` if the package is not installed."""
    try:
        sentry_sdk = import_module("sentry_sdk")
    except ImportError as error:
        raise ImproperlyConfigured(
            "SENTRY_DSN is set, but sentry-sdk is not installed: install what requirements-sentry.txt lists."
        ) from error
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        data_collection=NO_PERSONAL_DATA,
        max_breadcrumbs=0,  # they would hold statements of SQL
        auto_session_tracking=False,
        before_send=without_personal_data,
        **options,
    )


def without_personal_data(event, hint):
    """
    Return an event without what people typed or are.

    Messages of exceptions and log lines quote values, so only the kind of an exception and the template of a line
    are sent: the log has the rest, under the same request id.
    """
    for name in DROPPED:
        event.pop(name, None)
    request = event.get("request", {})
    event["request"] = {name: request[name] for name in KEPT_OF_REQUEST if name in request}
    for exception in event.get("exception", {}).get("values", []):
        exception["value"] = ""
    if "logentry" in event:
        event["logentry"] = {"message": event["logentry"].get("message", "")}
    if request_id := request_ids.current.get():
        event.setdefault("tags", {})["request_id"] = request_id
    return event
