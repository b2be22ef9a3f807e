"""Every catalogue is whole: it holds each text that the code shows, translated, with its placeholders and markup kept.

`make messages` brings the catalogues up to date; what is new in them is empty until somebody translates it.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from app import extraction

ROOT = Path(__file__).parents[2]
CORE = ROOT / "app" / "translations"
LANGUAGES = sorted(path.name for path in CORE.iterdir() if path.is_dir() and path.name != "__pycache__")
PLUGINS = sorted(path.parent.name for path in (ROOT / "plugins").glob("*/manifest.toml"))
ROOMS = {"core": ("app", "forms", "themes"), **{name: (f"plugins/{name}",) for name in PLUGINS}}
EVERY = [(where, language) for where in ROOMS for language in LANGUAGES]

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w+\}")
MARKUP = re.compile(r"</?\w[^>]*>|&\w+;|`[^`]*`|\n")
ADDRESS = re.compile(r"\b(?:[A-Z]+_[A-Z_]+|https?://\S+|is:\w+)\b")


@cache
def catalogue(where: str, language: str) -> Catalog:
    folder = CORE if where == "core" else ROOT / "plugins" / where / "translations"
    with (folder / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(where: str, language: str) -> list[Message]:
    return [message for message in catalogue(where, language) if message.id]


def forms_of(message: Message) -> Iterator[tuple[str, str]]:
    """(text, translation) pairs; the first form of a plural stands beside the singular, the others beside the plural."""
    if isinstance(message.id, str):
        yield message.id, message.string
    else:
        yield from ((message.id[min(place, 1)], form) for place, form in enumerate(message.string))


@cache
def shown(where: str) -> frozenset:
    """Every text that the code of this room shows, as `make messages` finds it."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    own = {"tidings": extraction.extract, "tidings_manifest": extraction.extract_manifest}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "translatable": None}
    return frozenset(
        message
        for room in ROOMS[where]
        for _, _, message, _, _ in extract_from_dir(
            ROOT / room, [(pattern, own.get(method, method)) for pattern, method in methods], options, keywords
        )
    )


def test_there_are_catalogues():
    assert {"de", "es", "fr", "pl"} <= set(LANGUAGES)
    assert len(shown("core")) > 500


@pytest.mark.parametrize(("where", "language"), EVERY)
def test_a_catalogue_holds_what_the_code_shows_and_nothing_else(where, language):
    held = {message.id for message in messages(where, language)}
    assert held == shown(where), "run: make messages"


@pytest.mark.parametrize(("where", "language"), EVERY)
def test_a_catalogue_is_translated_to_the_last_text(where, language):
    found = messages(where, language)
    assert not [m.id for m in found if "fuzzy" in m.flags], "marked as doubtful"
    assert not [m.id for m in found for _, translation in forms_of(m) if not translation.strip()], "not translated"
    count = catalogue(where, language).num_plurals
    assert not [m.id for m in found if isinstance(m.id, tuple) and len(m.string) != count], "plural forms are missing"


@pytest.mark.parametrize(("where", "language"), EVERY)
@pytest.mark.parametrize("kept", [PLACEHOLDER, MARKUP, ADDRESS], ids=["placeholders", "markup", "names and addresses"])
def test_a_translation_keeps_what_is_filled_in_or_marked_up(where, language, kept):
    different = [
        (text, translation)
        for message in messages(where, language)
        for text, translation in forms_of(message)
        if sorted(kept.findall(text)) != sorted(kept.findall(translation))
    ]
    assert not different


@pytest.mark.parametrize(("where", "language"), EVERY)
def test_a_translation_begins_and_ends_like_its_text(where, language):
    different = [
        (text, translation)
        for message in messages(where, language)
        for text, translation in forms_of(message)
        if (text[-1] == "…", text[-1:] == ".", text != text.strip())
        != (translation[-1] == "…", translation[-1:] == ".", translation != translation.strip())
    ]
    assert not different


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_has_one_translation_wherever_it_is_shown(language):
    """All catalogues are one at run time, so a plugin's other translation of a text of ours would never be seen."""
    ours = {message.id: message.string for message in messages("core", language)}
    others = [
        (where, message.id, message.string, ours[message.id])
        for where in PLUGINS
        for message in messages(where, language)
        if message.id in ours and ours[message.id] != message.string
    ]
    assert not others
