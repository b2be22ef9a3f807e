"""Beginning a verb anew when the database ended its transaction because two waited for each other."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import OperationalError

__all__ = ["repeated_after_deadlock"]

log = logging.getLogger(__name__)

_ATTEMPTS = 3
_ENDED = frozenset({"40P01", "40001"})
"""deadlock_detected and serialization_failure (PostgreSQL, appendix A). SQLite has one writer at a time and knows neither."""

_Asked = ParamSpec("_Asked")
_Given = TypeVar("_Given")


def repeated_after_deadlock(verb: Callable[_Asked, _Given]) -> Callable[_Asked, _Given]:
    """Make a verb begin anew, three times at most, where PostgreSQL ended it in favour of another. Only for verbs that are one
    transaction (`app.services.core.writing`) and nothing beside it: whoever was ended has changed nothing, and told nobody."""

    @wraps(verb)
    def repeated(*args: _Asked.args, **kwargs: _Asked.kwargs) -> _Given:
        for attempt in range(1, _ATTEMPTS):
            try:
                return verb(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in _ENDED:
                    raise
                log.info("%s waited for somebody who waited for it, and begins anew (%s)", verb.__name__, attempt)
        return verb(*args, **kwargs)

    return repeated
