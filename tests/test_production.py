"""The site with the settings of production: cookies, headers, and nobody in the admin without a second factor."""

import json

import pytest

from tests.accounts import SET_UP
from tests.test_settings import PRODUCTION, run

pytestmark = pytest.mark.xdist_group("production")  # one process of the site answers for all


@pytest.fixture(scope="module")
def site():
    """What the site answers, from a process of its own (``production_site``)."""
    variables = {**PRODUCTION, "DJANGO_SETTINGS_MODULE": "tenderwatch.settings", "DATABASE_URL": "sqlite://:memory:"}
    result = run("-m", "tests.production_site", **variables)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


# The second factor


def test_every_page_of_the_admin_leads_to_the_set_up_of_the_second_factor(site):
    ends = {path: end for path, end in site["ends"].items() if not path.startswith("/admin/password-reset/")}

    assert len(ends) > 80
    assert [path for path, end in ends.items() if end != SET_UP] == []


def test_no_form_of_the_admin_is_accepted_before(site):
    assert {status for path, status in site["posts"].items() if "password-reset" not in path} == {302}
    assert {status for path, status in site["posts"].items() if "password-reset" in path} == {404}  # there is no mail


def test_the_second_factor_opens_the_admin(site):
    assert site["in"]


# Cookies


def test_cookies_belong_to_the_host_alone(site):
    assert {name for name in site["cookies"] if not name.startswith("__Host-")} == set()
    for cookie in site["cookies"].values():
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
        assert not [part for part in attributes if part.startswith("domain")]
    assert {"__Host-session", "__Host-csrf"} <= site["cookies"].keys()


# Headers, by the rules of Mozilla's HTTP Observatory: 100 points and what is added or taken off

STRICT_REFERRERS = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
SIX_MONTHS = 15_768_000  # seconds


def points_by_header(headers):
    """Return the points that each header adds, or takes off by not being as it should be."""
    policy = dict(directive.strip().partition(" ")[::2] for directive in headers["Content-Security-Policy"].split(";"))
    hsts = headers["Strict-Transport-Security"]
    is_strict = (
        policy["default-src"] == "'none'"
        and policy["form-action"] in {"'none'", "'self'"}
        and policy["base-uri"] in {"'none'", "'self'"}
        and not [value for value in policy.values() if "unsafe" in value or "data:" in value or "*" in value]
    )
    return {
        "Content-Security-Policy": 10 if is_strict else -25,
        "X-Frame-Options": 5 if policy["frame-ancestors"] == "'none'" else -20,  # by the policy
        "Referrer-Policy": 5 if headers["Referrer-Policy"] in STRICT_REFERRERS else -5,
        "Cross-Origin-Resource-Policy": 10 if headers["Cross-Origin-Resource-Policy"] == "same-origin" else -5,
        "Strict-Transport-Security": 0 if int(hsts.partition(";")[0].removeprefix("max-age=")) >= SIX_MONTHS else -10,
        "X-Content-Type-Options": 0 if headers["X-Content-Type-Options"] == "nosniff" else -5,
        "Access-Control-Allow-Origin": -50 if "Access-Control-Allow-Origin" in headers else 0,
    }


@pytest.mark.parametrize("page", ["home", "login"])
def test_the_headers_of_pages_are_worth_130_points(site, page):
    assert 100 + sum(points_by_header(site["headers"][page]).values()) == 130


@pytest.mark.parametrize("page", ["home", "login", "static"])
def test_other_sites_embed_nothing(site, page):
    headers = site["headers"][page]

    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_https_may_be_preloaded(site):
    assert site["headers"]["home"]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def test_pages_of_readers_set_no_cookie(site):
    assert site["cookies_of_home"] == []
    assert "Cookie" not in site["headers"]["home"].get("Vary", "")
