"""One JSON object of a definition while it is read: every value is taken once, checked, and what is wrong is noted with its path."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from babel import Locale, UnknownLocaleError

from forms.base import translatable
from forms.definitions.cleaning import clean_text
from forms.definitions.problems import Problem

__all__ = ["Part", "is_language"]

Named = TypeVar("Named", bound=StrEnum)

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-(?:[A-Z]{2}|\d{3}))?", re.ASCII)


class Part:
    """`data` is what stands at `path`; anything but an object counts as an empty one and is a problem."""

    def __init__(self, data: object, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self._known: set[str] = set()
        if not isinstance(data, Mapping):
            self._note(path, translatable("There must be an object here."))

    def refuse(self, key: str, text: str, **details: object) -> None:
        """Note a problem with the value of a key."""
        self._note(self._path(key), text, **details)

    def text(self, key: str, most: int, default: str = "") -> str:
        """A text of one language, or of none."""
        value = self._take(key, default)
        return self._text(value, key, most)

    def said(self, key: str, most: int) -> dict[str, str]:
        """A text by language; empty ones are left out."""
        value = self._take(key, {})
        if not isinstance(value, Mapping):
            self.refuse(key, translatable("There must be a text for each language here."))
            return {}
        for language in value:
            if not is_language(language):
                self.refuse(f"{key}.{language}"[:80], translatable("This is no language we know."))
        texts = {str(language): self._text(text, f"{key}.{language}", most) for language, text in value.items()}
        return {language: text for language, text in texts.items() if text}

    def texts(self, key: str, most_of_them: int, most: int) -> tuple[str, ...]:
        """A list of texts without empty and repeated ones."""
        found = [self._text(one, f"{key}[{place}]", most) for place, one in enumerate(self._list(key, most_of_them))]
        return tuple(dict.fromkeys(one for one in found if one))

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self._take(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.refuse(key, translatable("Enter a whole number from %(least)s to %(most)s."), least=least, most=most)
        return default

    def flag(self, key: str, default: bool) -> bool:
        """Yes or no."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            self.refuse(key, translatable("This is either true or false."))
            return default
        return value

    def one_of(self, key: str, names: type[Named], default: Named | None = None) -> Named | None:
        """One of some words; without a default it must be there."""
        value = self._take(key, default)
        if value is None and self._data.get(key) is None and default is None:
            self.refuse(key, translatable("This is missing."))
            return None
        try:
            return names(value)
        except ValueError:
            self.refuse(key, translatable("This must be one of: %(names)s."), names=", ".join(names))
            return default

    def parts(self, key: str, most: int) -> list["Part"]:
        """The objects of a list."""
        return [
            Part(one, self._path(f"{key}[{place}]"), self.problems) for place, one in enumerate(self._list(key, most))
        ]

    def part(self, key: str) -> "Part | None":
        """An object, or None when there is none."""
        value = self._take(key, None)
        return None if value is None else Part(value, self._path(key), self.problems)

    def has(self, key: str) -> bool:
        """Whether anything stands there."""
        return self._data.get(key) is not None

    def close(self, *known: str) -> None:
        """Note every key that nobody asked for and that is none of `known`."""
        for key in self._data:
            if key not in self._known and key not in known:
                self.refuse(str(key)[:80], translatable("Nothing of this name belongs here."))

    def _take(self, key: str, default: Any) -> Any:
        self._known.add(key)
        value = self._data.get(key)
        return default if value is None else value

    def _list(self, key: str, most: int) -> Sequence[Any]:
        value = self._take(key, ())
        if not isinstance(value, list | tuple):
            self.refuse(key, translatable("There must be a list here."))
            return ()
        if len(value) > most:
            self.refuse(key, translatable("There can be at most %(most)s of these."), most=most)
        return value[:most]

    def _text(self, value: Any, key: str, most: int) -> str:
        if not isinstance(value, str):
            self.refuse(key[:80], translatable("There must be a text here."))
            return ""
        text = clean_text(value)
        if len(text) > most:
            self.refuse(key[:80], translatable("This can have at most %(most)s characters."), most=most)
        return text[:most]

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _note(self, path: str, text: str, **details: object) -> None:
        self.problems.append(Problem(path, text, {name: str(value) for name, value in details.items()}))


def is_language(code: object) -> bool:
    """Whether a text is the code of a language as pages name it: "de", "pt-BR", "zh-Hant"."""
    if not isinstance(code, str) or not _LANGUAGE.fullmatch(code):
        return False
    try:
        Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True
