"""The cache that several web nodes share: Valkey or Redis. Without it, or while it fails, pages are computed anew."""

import logging
import time

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PAUSE = 5.0  # seconds after a failure in which the server is not asked: each request would wait for it


class SharedCache(RedisCache):
    """Django's cache in Redis, empty while the server does not answer."""

    _failed_at = float("-inf")  # of this process

    def get(self, key, default=None, version=None):
        return self._try(super().get, key, default, version, otherwise=default)

    def get_many(self, keys, version=None):
        return self._try(super().get_many, keys, version, otherwise={})

    def set(self, *arguments, **options):
        return self._try(super().set, *arguments, otherwise=None, **options)

    def set_many(self, data, *arguments, **options):
        return self._try(super().set_many, data, *arguments, otherwise=list(data), **options)

    def add(self, *arguments, **options):
        return self._try(super().add, *arguments, otherwise=False, **options)

    def touch(self, *arguments, **options):
        return self._try(super().touch, *arguments, otherwise=False, **options)

    def delete(self, *arguments, **options):
        return self._try(super().delete, *arguments, otherwise=False, **options)

    def _try(self, ask, *arguments, otherwise, **options):
        if time.monotonic() - SharedCache._failed_at < PAUSE:
            return otherwise
        try:
            return ask(*arguments, **options)
        except RedisError as error:
            SharedCache._failed_at = time.monotonic()
            logger.warning("The shared cache does not answer, pages are computed: %s", error)
            return otherwise
