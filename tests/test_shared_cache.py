"""The cache that web nodes share: pages are the same without it, and their keys name the release."""

import pytest
from django.core.cache import caches
from redis.exceptions import RedisError

from tenders import caching
from tenders.caching import version_digest
from tenderwatch import shared_cache
from tenderwatch.shared_cache import SharedCache
from tests.factories import create_tender


@pytest.fixture
def unreachable(settings, monkeypatch):
    """Share a cache that nothing answers for: a port that is closed on every machine."""
    monkeypatch.setattr(SharedCache, "_failed_at", float("-inf"))
    cache = {"BACKEND": "tenderwatch.shared_cache.SharedCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": cache}
    return caches["default"]


def test_pages_are_shown_without_the_cache(client, db, unreachable):
    create_tender(title_en="A road")

    assert "A road" in client.get("/tenders/").text
    assert "A road" in client.get("/tenders/").text


def test_an_unreachable_cache_is_empty(unreachable):
    assert unreachable.get("key", "default") == "default"
    assert unreachable.get_many(["key"]) == {}
    assert unreachable.set_many({"key": 1}) == ["key"]
    assert unreachable.add("key", 1) is False
    assert unreachable.get_or_set("key", 2) == 2
    unreachable.set("key", 1)
    unreachable.delete("key")


def test_a_failing_cache_is_not_asked_for_some_seconds(unreachable, monkeypatch):
    asked = []

    def ask(*arguments):
        asked.append(arguments)
        raise RedisError

    now = iter([100, 101, 102, 100 + shared_cache.PAUSE + 1, 120])
    monkeypatch.setattr(shared_cache.time, "monotonic", lambda: next(now))
    for _ in range(2):
        unreachable._try(ask, otherwise=None)
    assert len(asked) == 1

    unreachable._try(ask, otherwise=None)

    assert len(asked) == 2


def test_an_error_of_the_site_is_no_failure_of_the_cache(unreachable):
    def wrong():
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        unreachable._try(wrong, otherwise=None)


def test_keys_name_version_and_release(monkeypatch):
    key = version_digest("version", "list")

    assert key == version_digest("version", "list")
    assert key != version_digest("other", "list")
    monkeypatch.setattr(caching, "code_version", lambda: "next release")
    assert key != version_digest("version", "list")


@pytest.mark.parametrize(("name", "value"), [("TIME_ZONE", "UTC"), ("OCDS_PREFIX", "ocds-a1b2c3")])
def test_settings_that_pages_show_are_a_part_of_the_release(settings, name, value):
    before = caching.code_version.__wrapped__()
    setattr(settings, name, value)

    assert caching.code_version.__wrapped__() != before
