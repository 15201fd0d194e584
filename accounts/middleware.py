"""Who a request comes from: nobody without the second factor, for the log, and for the list of sessions."""

from django.utils.functional import SimpleLazyObject

from accounts import sessions
from accounts.second_factor import effective_user
from accounts.security_log import current_request


class AccountMiddleware:
    """
    Make a user who has not given a needed second factor an anonymous one, for all that follows.

    So no view has to ask for it. Stands behind the middleware of ``django.contrib.auth`` and ``django_otp``.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.user = SimpleLazyObject(lambda user=request.user: effective_user(user))
        token = current_request.set(request)
        try:
            response = self.get_response(request)
        finally:
            current_request.reset(token)
        # A session that no view has read is left alone, as the response would vary by its cookie; so is a database that
        # has just failed.
        may_be_read = request.session.accessed and response.status_code < 500
        if may_be_read and sessions.STARTED in request.session and request.user.is_authenticated:
            sessions.note_use(request)
        return response
