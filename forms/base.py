"""The base of all forms. What WTForms says by itself ("Field cannot be longer than …") goes through whatever `speak_through` was given."""

from typing import Protocol

import wtforms

__all__ = ["Form", "Texts", "current_texts", "speak_through", "translatable"]


class Texts(Protocol):
    """Looks texts up in the language of the moment; what is unknown comes back as it is."""

    def gettext(self, text: str, /) -> str: ...
    def ngettext(self, singular: str, plural: str, count: int, /) -> str: ...


_texts: list[Texts] = []


def speak_through(texts: Texts) -> None:
    """Let every form of this process ask `texts` from now on."""
    _texts[:] = [texts]


class _Plain:
    """Plain English, as long as nobody was handed in."""

    def gettext(self, text: str, /) -> str:
        return text

    def ngettext(self, singular: str, plural: str, count: int, /) -> str:
        return singular if count == 1 else plural


def current_texts() -> Texts:
    """Whoever forms ask for texts."""
    return next(iter(_texts), None) or _Plain()


def translatable(text: str) -> str:
    """The text itself; being called so makes `make messages` find it. Whoever shows it translates it."""
    return text


class Form(wtforms.Form):
    """A form. Labels, descriptions and sentences stand in it in plain English; whoever renders it translates them."""

    _fields: dict[str, wtforms.Field]

    class Meta:
        catalogue: Texts | None = None

        def get_translations(self, form: wtforms.Form) -> Texts | None:
            return self.catalogue or next(iter(_texts), None)
