"""
The site with the settings of production, in a process of its own (``test_production``): prints what it answers as JSON.

Tables are made without migrations, which would take ten times as long.
"""

import json
import os
import sys

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import get_resolver

SAMPLES = {
    "int": "1",
    "str": "1",
    "path": "1",
    "slug": "x",
    "uuid": "12345678-1234-1234-1234-123456789012",
    "reference": "TW-222222",
}
REGEXES = {r"^(?P<app_label>": "tenders/", r"(?P<url>": "nothing/"}


def admin_paths(patterns, prefix=""):
    """Yield an address for each pattern below ``/admin/``."""
    for pattern in patterns:
        route = str(pattern.pattern)
        if not hasattr(pattern, "url_patterns") and not (prefix + route).startswith("admin/"):
            continue
        for name, converter in getattr(pattern.pattern, "converters", {}).items():
            kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
            route = route.replace(f"<{kind}:{name}>", SAMPLES[kind]).replace(f"<{name}>", SAMPLES[kind])
        for start, sample in REGEXES.items():
            route = sample if route.startswith(start) else route
        if hasattr(pattern, "url_patterns"):
            yield from admin_paths(pattern.url_patterns, prefix + route)
        else:
            yield f"/{prefix}{route}"


def main():
    from django.contrib.auth.models import User

    from tests.accounts import LOGIN, PASSWORD, SET_UP, code_of_key

    settings.MIGRATION_MODULES = {config.label: None for config in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)
    User.objects.create_superuser("mei", password=PASSWORD)
    client = Client(headers={"host": "localhost"})
    secure = {"secure": True}
    home = client.get("/", **secure)
    login = client.get(LOGIN, **secure)
    static = client.get(f"{settings.STATIC_URL}favicon.svg", **secure)
    static.close()
    client.post(LOGIN, {"username": "mei", "password": PASSWORD}, **secure)
    paths = sorted(set(admin_paths(get_resolver().url_patterns)))
    ends = {path: client.get(path, follow=True, **secure).request["PATH_INFO"] for path in paths}
    posts = {path: client.post(path, {"post": "yes"}, **secure).status_code for path in paths if "login" not in path}
    client.get(SET_UP, **secure)
    key = client.session["second_factor_key"]
    client.post(SET_UP, {"code": code_of_key(key)}, **secure)
    cookies = {name: str(cookie) for name, cookie in client.cookies.items()}
    is_logged_in = client.get("/admin/", **secure).status_code == 200
    headers = {"home": dict(home.headers), "login": dict(login.headers), "static": dict(static.headers)}
    answers = {"headers": headers, "cookies": cookies, "ends": ends, "posts": posts, "in": is_logged_in}
    json.dump({**answers, "cookies_of_home": list(home.cookies)}, sys.stdout)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenderwatch.settings")
    django.setup()
    setup_test_environment()
    main()
