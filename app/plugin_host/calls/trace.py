"""Printing each call of plugin code (`TIDINGS_TRACE_HOOKS=1`): which hook, whose, how long and how it ended; never what it was about."""

import sys
from collections.abc import Callable
from functools import wraps
from time import perf_counter
from typing import Any

__all__ = ["traced"]


def traced(function: Callable[..., Any], plugin: str, hook: str) -> Callable[..., Any]:
    """The function itself, with a line on standard error after each call."""

    @wraps(function, assigned=(), updated=())
    def call(*arguments: Any, **named: Any) -> Any:
        started, outcome = perf_counter(), "raised"
        try:
            answer = function(*arguments, **named)
            outcome = "nothing" if answer is None else f"answered {type(answer).__name__}"
            return answer
        except BaseException as error:
            outcome = f"raised {type(error).__name__}"
            raise
        finally:
            sys.stderr.write(f"hook {hook} {plugin} {(perf_counter() - started) * 1000:.2f} ms {outcome}\n")

    return call
