"""Logging in with a password and with codes, for tests of accounts."""

from binascii import unhexlify

from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor

LOGIN, CODE, SET_UP = "/admin/login/", "/admin/login/code/", "/admin/login/set-up/"
PASSWORD = "seven tall poplars"
HOME, ELSEWHERE = "192.0.2.10", "198.51.100.7"


def log_in(client, name="mei", password=PASSWORD, *, address=HOME, **more):
    return client.post(LOGIN, {"username": name, "password": password, **more}, REMOTE_ADDR=address)


def give_code(client, code, *, address=HOME, **more):
    return client.post(CODE, {"code": code, **more}, REMOTE_ADDR=address)


def is_logged_in(client):
    return client.get("/admin/").status_code == 200


def set_up(user):
    """Give an account a second factor; returns its recovery codes."""
    key = second_factor.new_key()
    return second_factor.set_up(user, key, code_of_key(key))[1]


def code_of_key(key):
    return f"{totp(unhexlify(key)):06}"


def code_of(user):
    """Return the code that the app of an account shows, as if the last one had been given half a minute ago."""
    TOTPDevice.objects.filter(user=user).update(last_t=-1)
    return code_of_key(TOTPDevice.objects.get(user=user).key)
