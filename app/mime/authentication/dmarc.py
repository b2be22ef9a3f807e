"""DMARC: whether the domain that a mail names as its sender vouches for it (RFC 7489). Its organisation is found by asking up the tree of
names (draft-ietf-dmarc-dmarcbis §4.8), so that no list of public suffixes is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .lookup import Ask, LookupFailed

__all__ = ["check_dmarc"]

_MOST_QUESTIONS = 8
_POLICIES = ("none", "quarantine", "reject")
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[\w-]{1,63}\.)+[\w-]{1,63}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What counts for a sender's domain. `organisation`: the name below which all belongs together."""

    organisation: str
    policy: str
    is_dkim_strict: bool
    is_spf_strict: bool


def check_dmarc(
    author: str, spf: tuple[str, str] | None, signatures: Sequence[tuple[str, str]], ask: Ask
) -> tuple[str, str]:
    """(verdict, what the domain asks for: "none", "quarantine", "reject" or an empty text).

    `spf` and `signatures`: (verdict, domain) of each check. `spf` is None where nobody knows which server the mail came from: then nothing
    is said against it. "none": the domain says nothing, or nothing is known.
    """
    try:
        rules = _rules(author, ask)
    except LookupFailed:
        return "temperror", ""
    if rules is None:
        return "none", ""
    aligned = [one for one, domain in signatures if _is_aligned(domain, author, rules, rules.is_dkim_strict)]
    if spf is not None and _is_aligned(spf[1], author, rules, rules.is_spf_strict):
        aligned.append(spf[0])
    if "pass" in aligned:
        return "pass", rules.policy
    if "temperror" in aligned:
        return "temperror", rules.policy
    return "none" if spf is None else "fail", rules.policy


def _rules(author: str, ask: Ask) -> _Rules | None:
    """None where neither the domain nor its organisation has a record."""
    if not _NAME.match(author):
        return None
    found = list(_records(author, ask))
    if not found:
        return None
    organisation = _organisation(author, found)
    own = dict(found).get(author)
    tags = own if own is not None else dict(found).get(organisation, found[-1][1])
    return _Rules(
        organisation, _policy(tags, is_own=own is not None), tags.get("adkim") == "s", tags.get("aspf") == "s"
    )


def _records(author: str, ask: Ask) -> Iterator[tuple[str, Mapping[str, str]]]:
    """(name, tags) of the records from a domain upwards. Of very long names the middle is left out."""
    labels = author.split(".")
    names = [author] + [".".join(labels[at:]) for at in range(max(1, len(labels) - _MOST_QUESTIONS + 1), len(labels))]
    for name in names:
        texts = [one for one in ask(f"_dmarc.{name}", "TXT") if re.match(r"v=DMARC1\s*(?:;|\Z)", one)]
        if len(texts) == 1:
            tags = _tags(texts[0])
            yield name, tags
            if tags.get("psd") == "n":
                return


def _tags(text: str) -> Mapping[str, str]:
    pairs = (part.partition("=") for part in text[:2_000].split(";"))
    return {name.strip().lower(): value.strip().lower() for name, sign, value in pairs if sign}


def _organisation(author: str, found: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    name, tags = found[-1]
    if tags.get("psd") == "y" and name != author:
        return ".".join(author.split(".")[-len(name.split(".")) - 1 :])
    return name


def _policy(tags: Mapping[str, str], *, is_own: bool) -> str:
    said = tags.get("p", "none") if is_own else tags.get("sp", tags.get("p", "none"))
    policy = said if said in _POLICIES else "none"
    return _POLICIES[max(0, _POLICIES.index(policy) - 1)] if tags.get("t") == "y" else policy


def _is_aligned(domain: str, author: str, rules: _Rules, is_strict: bool) -> bool:
    """Domains above the author's speak for it as well: whoever has them decides on every name below."""
    if is_strict or not _NAME.match(domain):
        return domain == author
    return f".{domain}".endswith(f".{rules.organisation}") or f".{author}".endswith(f".{domain}")
