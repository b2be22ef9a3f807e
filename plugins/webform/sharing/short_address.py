"""The short address of a form ("https://desk.example.com/s/contact"), with a word that an admin chose."""

import re
from dataclasses import dataclass

from tidings import Host, translatable

__all__ = ["ShortAddress", "WordRefused", "drop_word", "read_word", "set_word", "short_address"]

_WORD = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")

NO_WORD = translatable("Use 2 to 40 letters from a to z, digits and hyphens, such as “contact”.")
TAKEN = translatable("“%(word)s” leads to something else already. Choose another word.")


@dataclass(frozen=True, slots=True)
class ShortAddress:
    """The chosen word and the whole address; both are empty while none was chosen."""

    word: str = ""
    url: str = ""


class WordRefused(ValueError):
    """The word cannot be had; the text is a sentence for the admin."""


def short_address(host: Host, account_id: int) -> ShortAddress:
    """What was chosen for a form."""
    kept = host.store.get(_kept_under(account_id)) or {}
    return ShortAddress(kept.get("word", ""), kept.get("url", ""))


def set_word(host: Host, account_id: int, typed: str, path: str) -> ShortAddress:
    """Let a word lead to the form's page at `path`; the word before it leads nowhere from now on. Raises `WordRefused`."""
    word, before = read_word(host, typed), short_address(host, account_id)
    if word == before.word:
        return before
    try:
        url = host.short_address(word, path)
    except ValueError as error:
        raise WordRefused(host.gettext(TAKEN) % {"word": word}) from error
    if before.word:
        host.drop_short_address(before.word)
    host.store.set(_kept_under(account_id), {"word": word, "url": url})
    return ShortAddress(word, url)


def drop_word(host: Host, account_id: int) -> None:
    """Let the form be found under its long address only. Nothing happens when it has no other."""
    before = short_address(host, account_id)
    if before.word:
        host.drop_short_address(before.word)
        host.store.delete(_kept_under(account_id))


def read_word(host: Host, typed: str) -> str:
    """The word as it stands in addresses. Raises `WordRefused`."""
    word = typed.strip().lower()
    if len(word) < 2 or not _WORD.match(word):
        raise WordRefused(host.gettext(NO_WORD))
    return word


def _kept_under(account_id: int) -> str:
    return f"short:{account_id}"
