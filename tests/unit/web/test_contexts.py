"""Promises of the contexts: frozen, described, and avatars that stay the same."""

import dataclasses
import inspect

import pytest

from app.web import contexts
from app.web.contexts import avatar
from app.web.contexts.shell import HUES

CLASSES = [value for value in vars(contexts).values() if inspect.isclass(value)]


@pytest.mark.parametrize("context", CLASSES, ids=lambda context: context.__name__)
def test_context_is_a_frozen_and_described_dataclass(context):
    assert dataclasses.is_dataclass(context)
    assert context.__dataclass_params__.frozen
    assert not (context.__doc__ or "").startswith(f"{context.__name__}("), "no docstring of its own"


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Ada Okafor", "AO"),
        ("Ada", "A"),
        ("Accounts, Birch & Co", "AC"),
        ("ada@example.test", "AT"),
        ("", "?"),
        ("  - ", "?"),
        ("渡辺 健", "渡健"),
    ],
)
def test_avatar_shows_initials(name, initials):
    assert avatar(name).initials == initials


def test_avatar_keeps_its_tint_for_the_same_key():
    assert avatar("Ada", 7).hue == avatar("Ada Okafor", 7).hue
    assert 0 <= avatar("Ben").hue < HUES
