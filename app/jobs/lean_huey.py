"""huey without the clients of the storages that this process does not use: it loads those of Redis and of PostgreSQL wherever they are
installed, 17 MB in each process. What Tidings uses of huey is imported from here."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = [
    "Consumer",
    "Huey",
    "HueyException",
    "PostgresHuey",
    "PriorityRedisHuey",
    "SqliteHuey",
    "TaskWrapper",
    "bring_postgres",
    "bring_redis",
]

_CLIENTS = ("redis", "psycopg")


@contextmanager
def _unseen(names: tuple[str, ...]) -> Iterator[None]:
    """Let imports in the block do without these modules, as where they are not installed; those that are loaded anyway are seen."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is how `import` knows that a module must not be found
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _unseen(_CLIENTS):
    import huey.storage as storage
    from huey import Huey, PostgresHuey, PriorityRedisHuey, SqliteHuey
    from huey.api import TaskWrapper
    from huey.consumer import Consumer
    from huey.exceptions import HueyException


def bring_redis() -> None:
    """Give huey what it left out, before a queue on Redis is opened."""
    from redis import ConnectionPool, Redis
    from redis.exceptions import ConnectionError, TimeoutError

    found = {
        "Redis": Redis,
        "ConnectionPool": ConnectionPool,
        "ConnectionError": ConnectionError,
        "TimeoutError": TimeoutError,
    }
    vars(storage).update(found)
    storage.RedisStorage.redis_client = Redis


def bring_postgres() -> None:
    """The same for a queue on PostgreSQL."""
    import psycopg

    storage.psycopg = psycopg
