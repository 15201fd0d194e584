"""What every test may ask for."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

FIXTURES = ("regions", "categories", "blockchain_2018_2019")


def pytest_configure(config):
    """Collect static files once: pages are tested with the hashed ones that people are served."""
    is_worker = hasattr(config, "workerinput")
    if not is_worker and not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture
def article_data(db):
    """The 34 identified tenders of the article, as `make run` loads them."""
    call_command("loaddata", *FIXTURES, verbosity=0)


@pytest.fixture
def all_data(article_data):
    """The article's tenders and the later ones."""
    call_command("loaddata", "later_tenders", verbosity=0)
