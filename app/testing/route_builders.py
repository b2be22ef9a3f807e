"""Whoever makes an app for each test makes the same rules of addresses each time, and compiling what builds an address from a rule is most
of the time that takes. Here it is compiled once per rule of the session."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.routing import Rule

__all__ = ["kept_route_builders"]


@pytest.fixture(scope="session")
def kept_route_builders() -> Iterator[None]:
    """Rules of the same text share their builders, which know nothing of the app: they get the rule whenever they are called."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", _keeping(Rule._compile_builder))
        yield


def _keeping(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    kept: dict[tuple[object, ...], Any] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:  # become part of what is compiled
            return compile_builder(rule, append_unknown)
        key = append_unknown, rule.rule, *rule._trace
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    return builder
