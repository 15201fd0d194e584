"""The admin has the colours and the type of the public site."""

import re
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
ALIASES = {"brand": "accent", "brand-soft": "accent-soft"}  # ``--accent`` is one of Django's own
PROPERTY = re.compile(r"--([\w-]+): ([^;]+);")


def public_properties():
    """Return the custom properties of the public site: {name: (light, dark)}."""
    text = (STATIC / "tenderwatch.css").read_text(encoding="utf-8")
    light, dark = (dict(PROPERTY.findall(block)) for block in re.findall(r":root \{(.*?)\}", text, re.DOTALL)[:2])
    return {name: (value, dark.get(name, value)) for name, value in light.items()}


def admin_properties():
    """Return the same of the admin, without those that are Django's."""
    text = (STATIC / "admin.css").read_text(encoding="utf-8")
    block = re.search(r":root, html\[data-theme\] \{(.*?)\n\}", text, re.DOTALL)[1]
    found = {}
    for name, value in PROPERTY.findall(block):
        pair = re.fullmatch(r"light-dark\((#\w+), (#\w+)\)", value)
        if name not in ALIASES.values():
            found[ALIASES.get(name, name)] = pair.groups() if pair else (value, value)
    return found


@pytest.mark.parametrize(
    "name",
    [
        *("paper", "raised", "ink", "soft", "line", "accent", "accent-soft", "underline", "underline-quiet"),
        *("note", "warn", "warn-soft", "good", "good-soft", "serif", "sans"),
    ],
)
def test_the_admin_has_the_property_of_the_site(name):
    assert admin_properties()[name] == public_properties()[name]


def test_the_admin_has_no_other_colours():
    text = (STATIC / "admin.css").read_text(encoding="utf-8")
    public = {value for pair in public_properties().values() for value in pair}

    assert set(re.findall(r"#[0-9a-f]{3,6}\b(?=[;,) ])", text)) <= public
