"""SPF (RFC 7208): whether a domain lets a server send in its name. Pure; the questions are asked by a function that is handed in."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .lookup import Ask, LookupFailed

__all__ = ["check_spf"]

_MOST_LOOKUPS, _MOST_VOID, _MOST_NAMES = 10, 2, 10
_LONGEST_RECORD, _LONGEST_NAME = 5_000, 253
_VERDICTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_TERM = re.compile(r"([-+~?]?)([a-z][a-z0-9_.-]*)(?:([:=/])(.*))?\Z", re.IGNORECASE)
_MACRO = re.compile(r"%\{([a-z])(\d*)(r?)([-.+,/_=]*)\}|%([%_-])", re.IGNORECASE)
_PREFIX = re.compile(r"(.*?)(?:/(\d{1,2}))?(?://(\d{1,3}))?\Z")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[\w-]{1,63}\.)+[\w-]{1,63}\Z", re.ASCII)
_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class _Broken(Exception):
    """The record cannot be used (§2.6.7)."""


@dataclass
class _Check:
    """Who sends, and how much has been asked for it."""

    ip: _IPAddress
    sender: str
    helo: str
    ask: Ask
    lookups: int = field(default=0)
    voids: int = field(default=0)


def check_spf(ip: str, sender: str, helo: str, ask: Ask) -> tuple[str, str]:
    """(verdict, the domain it is about). `sender`: the return path, empty for delivery reports; then the name the server gave counts."""
    person = sender if "@" in sender else f"postmaster@{helo}"
    domain = person.rpartition("@")[2].lower().rstrip(".")
    if not _DOMAIN.match(domain):
        return "none", ""
    try:
        return _verdict_of(_Check(ipaddress.ip_address(ip), person, helo, ask), domain), domain
    except LookupFailed:
        return "temperror", domain
    except _Broken:
        return "permerror", domain


def _verdict_of(check: _Check, domain: str) -> str:
    """The check of one domain's record (§4)."""
    if not _DOMAIN.match(domain):
        return "none"
    records = [one for one in check.ask(domain, "TXT") if one.lower() == "v=spf1" or one.lower().startswith("v=spf1 ")]
    if not records:
        return "none"
    if len(records) > 1 or len(records[0]) > _LONGEST_RECORD:
        raise _Broken
    terms = [_parsed(term) for term in records[0].split()[1:]]
    for sign, name, separator, value in terms:
        if separator != "=" and _matches(check, domain, name, separator, value):
            return _VERDICTS[sign or "+"]
    redirects = [value for _, name, separator, value in terms if separator == "=" and name == "redirect"]
    if not redirects:
        return "neutral"
    _count(check)
    verdict = _verdict_of(check, _expanded(check, domain, redirects[0]))
    if verdict == "none":
        raise _Broken
    return verdict


def _parsed(term: str) -> tuple[str, str, str, str]:
    """(sign, name in lower case, what separates it from its value, value)."""
    found = _TERM.match(term)
    if found is None or (found[3] == "=" and found[1]):
        raise _Broken
    separator = found[3] or ""
    value = f"/{found[4]}" if separator == "/" else found[4] or ""
    name = found[2].lower()
    if separator != "=" and name not in _MECHANISMS:
        raise _Broken
    return found[1], name, separator, value


def _matches(check: _Check, domain: str, name: str, separator: str, value: str) -> bool:
    if (separator == ":" and not value) or (name in ("include", "exists", "ip4", "ip6") and separator != ":"):
        raise _Broken
    if name == "all" and separator:
        raise _Broken
    if name not in ("all", "ip4", "ip6"):
        _count(check)
    return _MECHANISMS[name](check, domain, value)


def _count(check: _Check) -> None:
    check.lookups += 1
    if check.lookups > _MOST_LOOKUPS:
        raise _Broken


def _asked(check: _Check, name: str, kind: str) -> tuple[str, ...]:
    """The answer; more than two empty ones are too many (§4.6.4)."""
    found = check.ask(name, kind) if _DOMAIN.match(name) else ()
    if not found:
        check.voids += 1
        if check.voids > _MOST_VOID:
            raise _Broken
    return found


# ---- mechanisms (§5)
def _all(check: _Check, domain: str, value: str) -> bool:
    return True


def _include(check: _Check, domain: str, value: str) -> bool:
    verdict = _verdict_of(check, _expanded(check, domain, value))
    if verdict == "none":
        raise _Broken
    return verdict == "pass"


def _a(check: _Check, domain: str, value: str) -> bool:
    name, bits = _target(check, domain, value)
    return _is_among(check, _asked(check, name, _kind(check)), bits)


def _mx(check: _Check, domain: str, value: str) -> bool:
    name, bits = _target(check, domain, value)
    exchangers = _asked(check, name, "MX")
    if len(exchangers) > _MOST_NAMES:
        raise _Broken
    return any(_is_among(check, _asked(check, one, _kind(check)), bits) for one in exchangers)


def _ptr(check: _Check, domain: str, value: str) -> bool:
    target = _expanded(check, domain, value) if value else domain
    return any(one == target or one.endswith(f".{target}") for one in _proven_names(check))


def _ip4(check: _Check, domain: str, value: str) -> bool:
    return _is_in(check, value, 4)


def _ip6(check: _Check, domain: str, value: str) -> bool:
    return _is_in(check, value, 6)


def _exists(check: _Check, domain: str, value: str) -> bool:
    return bool(_asked(check, _expanded(check, domain, value), "A"))


_MECHANISMS = {"all": _all, "include": _include, "a": _a, "mx": _mx, "ptr": _ptr, "ip4": _ip4, "ip6": _ip6, "exists": _exists}  # fmt: skip


def _kind(check: _Check) -> str:
    return "A" if check.ip.version == 4 else "AAAA"


def _is_in(check: _Check, value: str, version: int) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise _Broken from None
    if network.version != version:
        raise _Broken
    return check.ip.version == version and check.ip in network


def _target(check: _Check, domain: str, value: str) -> tuple[str, int]:
    """The name that `a` and `mx` are about, and how many bits of its addresses count."""
    found = _PREFIX.match(value)
    assert found is not None  # each part may be missing
    name = _expanded(check, domain, found[1]) if found[1] else domain
    bits = int(found[2] or 32) if check.ip.version == 4 else int(found[3] or 128)
    if bits > check.ip.max_prefixlen:
        raise _Broken
    return name, bits


def _is_among(check: _Check, addresses: Sequence[str], bits: int) -> bool:
    return any(check.ip in ipaddress.ip_network(f"{address}/{bits}", strict=False) for address in addresses)


def _proven_names(check: _Check) -> list[str]:
    """The names of the sending address that lead back to it (§5.5). Trouble while asking makes them none."""
    try:
        names = check.ask(str(check.ip), "PTR")[:_MOST_NAMES]
        return [name.lower() for name in names if str(check.ip) in check.ask(name, _kind(check))]
    except LookupFailed:
        return []


# ---- macros (§7)
def _expanded(check: _Check, domain: str, text: str) -> str:
    if "%" in _MACRO.sub("", text):
        raise _Broken
    name = _MACRO.sub(lambda found: _value(check, domain, found), text).lower().rstrip(".")
    return name if len(name) <= _LONGEST_NAME else name[-_LONGEST_NAME - 1 :].partition(".")[2]


def _value(check: _Check, domain: str, found: re.Match[str]) -> str:
    if found[5]:
        return {"%": "%", "_": " ", "-": "%20"}[found[5]]
    letter = found[1].lower()
    if letter not in "slodiphv" or found[2] == "0":
        raise _Broken
    parts = re.split(f"[{re.escape(found[4] or '.')}]", _letters(check, domain, letter))
    if found[3]:
        parts.reverse()
    return ".".join(parts[-int(found[2]) :] if found[2] else parts)


def _letters(check: _Check, domain: str, letter: str) -> str:
    local, _, host = check.sender.rpartition("@")
    if letter == "p":
        return next(iter(_proven_names(check)), "unknown")
    if letter == "i":
        return str(check.ip) if check.ip.version == 4 else ".".join(check.ip.exploded.replace(":", ""))
    version = "in-addr" if check.ip.version == 4 else "ip6"
    return {"s": check.sender, "l": local or "postmaster", "o": host, "d": domain, "h": check.helo, "v": version}[
        letter
    ]
