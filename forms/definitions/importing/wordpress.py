"""The export file of WordPress (WXR, an RSS with elements of its own), as far as forms of Contact Form 7 are in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from forms.base import translatable
from forms.definitions.importing.drafts import nothing_found
from forms.definitions.parts import is_language

__all__ = ["MAX_EXPORT", "WordPressForm", "is_export", "read_export"]

MAX_EXPORT = 20_000_000
POST_TYPE = "wpcf7_contact_form"


@dataclass(frozen=True, slots=True)
class WordPressForm:
    """One form: its template with shortcodes, and what it says to thank. `language` is empty where it was not told."""

    title: str
    template: str
    language: str = ""
    thanks: str = ""


def is_export(text: str) -> bool:
    """Whether a text is a whole export rather than one form's template."""
    return bool(re.match(r"\s*(?:\ufeff)?\s*<(?:\?xml|rss)\b", text))


def read_export(text: str) -> tuple[WordPressForm, ...]:
    """The forms in an export, without those in its bin. Raises `DefinitionError` when it cannot be read."""
    if len(text) > MAX_EXPORT:
        raise nothing_found(translatable("The file is too large. Export only the contact forms."))
    try:
        root = fromstring(text.lstrip("\ufeff \r\n\t").encode(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise nothing_found(translatable("This is no export of WordPress that can be read.")) from error
    return tuple(_forms(root))


def _forms(root: Any) -> Iterator[WordPressForm]:
    for item in root.iter("item"):
        if _text(item, "post_type") != POST_TYPE or _text(item, "status") == "trash":
            continue
        meta = {_text(one, "meta_key"): _text(one, "meta_value") for one in item if _name(one) == "postmeta"}
        yield WordPressForm(
            title=_text(item, "title"),
            template=meta.get("_form") or _text(item, "encoded"),
            language=_language(meta.get("_locale", "")),
            thanks=_serialised(meta.get("_messages", ""), "mail_sent_ok"),
        )


def _text(element: Any, name: str) -> str:
    """The text of the first child of this name, whatever its namespace: WordPress counts its versions there."""
    return next(((one.text or "").strip() for one in element if _name(one) == name), "")


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _language(locale: str) -> str:
    """The language of a locale, "de_DE_formal" → "de"; empty when it is none."""
    code = "-".join(locale.split("_")[:2])
    return code.partition("-")[0] if is_language(code) else ""


def _serialised(text: str, key: str) -> str:
    """The text under a key of an array that PHP's serialize() wrote: s:<bytes>:"key";s:<bytes>:"text";."""
    data = text.encode()
    match = re.search(rb's:\d+:"' + re.escape(key.encode()) + rb'";s:(\d{1,5}):"', data)
    return data[match.end() : match.end() + int(match[1])].decode(errors="ignore") if match else ""
