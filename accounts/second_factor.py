"""
The second factor of an account: an authenticator app (TOTP) and ten recovery codes, each of which works once.

Who has set one up is always asked for it; with ``SECOND_FACTOR_REQUIRED`` nobody else is logged in. Wrong codes are
limited twice: with wrong passwords, by name and address (``accounts.limits``), and by the device, which waits 1, 2, 4,
8… seconds after them, from wherever they came. The latter does not concern an address from which the account has logged
in before, so that nobody who knows its password can keep its owner out.
"""

import time
import unicodedata
from base64 import b32encode
from binascii import unhexlify

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.security_log import log
from accounts.sessions import end_sessions

NUM_RECOVERY_CODES = 10
CODE_LENGTH = 6  # digits that an app shows; a recovery code has eight characters
TOLERANCE = 1  # steps of 30 seconds by which the clock of an app may differ


class InvalidCodeError(Exception):
    """A code that is wrong, or not looked at because others were just before; then ``wait_until`` is a moment."""

    def __init__(self, wait_until=None):
        super().__init__()
        self.wait_until = wait_until


def app_of(user):
    """Return the authenticator app of an account, or None."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def is_set_up(user):
    return app_of(user) is not None


def is_needed(user):
    """Return whether an account is logged in only with a second factor."""
    return settings.SECOND_FACTOR_REQUIRED or is_set_up(user)


def effective_user(user):
    """Return the user of a session, or nobody as long as the second factor of its account is not verified."""
    return user if not user.is_authenticated or user.is_verified() or not is_needed(user) else AnonymousUser()


def normalize_code(text):
    """Return a typed code without blanks and hyphens, in small letters of half width."""
    return "".join(unicodedata.normalize("NFKC", text).replace("-", "").split()).lower()


def verify_code(user, code, *, is_known_address=False):
    """
    Return the device that accepts a normalized code; raises ``InvalidCodeError``, and then the failure is counted.

    Which device is asked follows from the form of the code, so that a wrong one does not slow down the other.
    """
    is_of_app = len(code) == CODE_LENGTH and code.isdecimal()
    code = code if code.isascii() else ""
    model = TOTPDevice if is_of_app else StaticDevice
    wait_until = None
    with transaction.atomic():
        device = model.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is not None:
            if is_known_address:
                device.throttle_reset(commit=False)
            is_allowed, details = device.verify_is_allowed()
            if is_allowed and device.verify_token(code):
                return device
            wait_until = None if is_allowed else details["locked_until"]
    raise InvalidCodeError(wait_until)


def new_key():
    """Return a new secret for an authenticator app, as hexadecimal digits."""
    return TOTPDevice().key


def secret_text(key):
    """Return a secret as people type it into an app: Base32 in groups of four."""
    text = b32encode(unhexlify(key)).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def app_address(user, key):
    """Return the ``otpauth:`` address that a QR code holds."""
    return TOTPDevice(user=user, key=key).config_url


@transaction.atomic
def set_up(user, key, code):
    """
    Make the app that knows a secret the second factor of an account, in place of the one before.

    Returns the device and, at the first time, new recovery codes, else None. Raises ``InvalidCodeError`` if the code is
    not that of the app.
    """
    app = TOTP(unhexlify(key))
    app.time = time.time()
    if not (code.isdecimal() and len(code) == CODE_LENGTH and app.verify(int(code), TOLERANCE)):
        raise InvalidCodeError
    is_first = not TOTPDevice.objects.filter(user=user).exists()
    TOTPDevice.objects.filter(user=user).delete()
    device = TOTPDevice.objects.create(user=user, name="app", key=key, drift=app.drift, last_t=app.t())
    log("second-factor-set-up" if is_first else "second-factor-replaced", user=user)
    return device, _new_recovery_codes(user) if is_first else None


def num_recovery_codes(user):
    """Return how many recovery codes of an account are left."""
    return StaticToken.objects.filter(device__user=user).count()


def renew_recovery_codes(user):
    """Replace the recovery codes of an account; returns the new ones, in groups of four characters."""
    codes = _new_recovery_codes(user)
    log("recovery-codes-renewed", user=user)
    return codes


@transaction.atomic
def _new_recovery_codes(user):
    device = StaticDevice.objects.get_or_create(user=user, defaults={"name": "recovery codes"})[0]
    device.token_set.all().delete()
    tokens = [StaticToken.random_token() for _ in range(NUM_RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=token) for token in tokens)
    return [f"{token[:4]}-{token[4:]}" for token in tokens]


@transaction.atomic
def reset(user):
    """Remove the second factor of an account and end its sessions; return whether there was one."""
    was_set_up = is_set_up(user)
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).delete()
    end_sessions(user)
    log("second-factor-reset", user=user)
    return was_set_up
