"""A log-in between its two steps: the password was right, and the second factor is to come. It lasts ten minutes."""

from datetime import timedelta

from django.contrib.auth import load_backend, login
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.second_factor import is_needed

KEY = "pending_login"
LIFETIME = timedelta(minutes=10)


def begin(request, user):
    """Remember in a new session whose password was right; nobody is logged in yet."""
    request.session.flush()
    request.session[KEY] = {
        "user": user.pk,
        "backend": user.backend,
        "hash": user.get_session_auth_hash(),
    }
    request.session.set_expiry(timezone.now() + LIFETIME)
    rotate_token(request)


def pending_user(request):
    """Return the account whose second factor is to come, or None."""
    pending = request.session.get(KEY)
    if not pending:
        return None
    user = load_backend(pending["backend"]).get_user(pending["user"])  # None if it is not active any more
    if user is None or not is_needed(user) or not constant_time_compare(pending["hash"], user.get_session_auth_hash()):
        return None
    user.backend = pending["backend"]
    return user


def complete(request, user, device):
    """Log in an account with the device that its second factor was given by."""
    del request.session[KEY]
    user.otp_device = device
    login(request, user, backend=user.backend)


def cancel(request):
    """Forget whose password was right."""
    request.session.flush()
