"""What the site offers: its addresses, by the description that it gives of itself."""

import json
import os
from urllib.request import urlopen

import pytest

SITE = os.environ["SITE"]


def fetch(path):
    """Return the bytes at a path of the site."""
    with urlopen(f"{SITE}{path}") as response:
        return response.read()


def fetch_json(path):
    return json.loads(fetch(path))


def pytest_generate_tests(metafunc):
    """Give a test that takes ``path`` every described path that ends like the test's mark ``paths`` says."""
    if "path" in metafunc.fixturenames:
        endings = metafunc.definition.get_closest_marker("paths").args
        described = fetch_json("/openapi.json")["paths"]
        if not (paths := [path for path in described if path.endswith(endings)]):
            raise pytest.UsageError(f"No address of the site ends with any of {endings}.")
        metafunc.parametrize("path", paths)


@pytest.fixture(scope="session")
def site():
    return SITE
