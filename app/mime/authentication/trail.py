"""The way of a mail to its mailbox, as far as it can be believed: what was noted by servers on this side of the border.

A sender can write any header. Only what the own receiving servers put on top is theirs, so the way is read from the top down to the first
server that was somebody else's.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .results import parse_results, split_comments

__all__ = ["Trail", "read_trail"]

_MOST_HOPS, _MOST_RESULTS = 100, 50
_BRACKETED = re.compile(r"\[(?:ipv6:)?([0-9a-f.:]{2,45})\]", re.IGNORECASE)
_BARE = re.compile(r"(?:ipv6:)?([0-9a-f.:]{2,45})\Z", re.IGNORECASE)
_LOOKED_UP = re.compile(r"([\w.-]{1,255}) \[", re.ASCII)
_WRITES_BELOW = frozenset({"mx.google.com"})
"""Servers that write their results right below their own Received, and into each mail: so their first word there is never a sender's."""
_SUBMITTED = re.compile(r"(?:utf8)?(?:esmtps?|lmtps?|smtps?)a\Z|asmtp\Z|http", re.IGNORECASE)
"""Protocols of those who signed in to send (RFC 3848): their own address is nobody's mail server."""


@dataclass(frozen=True, slots=True)
class Trail:
    """`results`: the believed values of Authentication-Results, the newest first. `border`: IP address and name of the server that handed
    the mail over to the first own one, or two empty texts. `return_path`: whom that server named as its sender."""

    results: tuple[str, ...] = ()
    border: tuple[str, str] = ("", "")
    return_path: str = ""


@dataclass(frozen=True, slots=True)
class _Hop:
    """One Received field. `at`: its place in the header. `source`: how the other server called itself; `proven`: its name as DNS had it,
    empty where the field does not say."""

    at: int
    source: str
    proven: str
    ip: str
    by: str
    protocol: str


def read_trail(header: Sequence[tuple[str, str]], trusted: Sequence[str]) -> Trail:
    """The believed part of a header (lower-case names, values on one line).

    `trusted`: names of servers whose word counts, also with wildcards ("*.example.com"). Without any it is the server that wrote the
    topmost Received field: whoever sent the mail could not put anything above that.
    """
    places = [at for at, (name, _) in enumerate(header) if name == "received"][:_MOST_HOPS]
    patterns = [pattern.lower() for pattern in trusted]
    own, border = _own_hops((_hop(at, header[at][1]) for at in places), patterns)
    if not own:
        return Trail()
    end = next((at for at in places if at > own[-1].at), len(header))
    found = [(at, value) for at, (name, value) in enumerate(header[:end]) if name == "authentication-results"][
        :_MOST_RESULTS
    ]
    above = [value for at, value in found if at < own[-1].at and _counts(at, value, own, patterns)]
    below = [value for at, value in found if at > own[-1].at and patterns and _is_first_word(value, border)]
    paths = [value.strip("<> ") for name, value in header[:end] if name == "return-path"]
    is_known = border is not None and not _SUBMITTED.match(border.protocol)
    return Trail(
        results=tuple(above or below[:1]),
        border=(border.ip, border.source) if border is not None and is_known else ("", ""),
        return_path=paths[0] if paths else "",
    )


def _own_hops(hops: Iterable[_Hop], patterns: Sequence[str]) -> tuple[list[_Hop], _Hop | None]:
    """The hops that own servers noted, the newest first, and the one of them at which the mail came in from outside."""
    own: list[_Hop] = []
    for hop in hops:
        if not _is_own(hop, own, patterns):
            break
        own.append(hop)
        if hop.ip and not _is_inside(hop, patterns):
            return own, hop
    return own, None


def _is_own(hop: _Hop, above: Sequence[_Hop], patterns: Sequence[str]) -> bool:
    if patterns:
        return _matches(hop.by, patterns)
    return bool(hop.by) and (not above or (not above[-1].ip and above[-1].source == above[-1].by))


def _is_inside(hop: _Hop, patterns: Sequence[str]) -> bool:
    """Whether the mail only went from one own server to another. What the other one called itself proves nothing: a sender could have
    written all that stands below."""
    return bool(patterns) and (_matches(hop.proven, patterns) or _matches(hop.ip, patterns) or _is_private(hop.ip))


def _counts(at: int, value: str, own: Sequence[_Hop], patterns: Sequence[str]) -> bool:
    """Whether results are those of a trusted host. Where they name none, they are of the own server that wrote the next Received
    below."""
    if not patterns:
        return True
    host = parse_results(value).host or next((hop.by for hop in own if hop.at > at), "")
    return _matches(host, patterns)


def _is_first_word(value: str, border: _Hop | None) -> bool:
    """Whether results below the border's line are that server's all the same. Of any other one they may be a sender's."""
    return border is not None and border.by in _WRITES_BELOW and parse_results(value).host == border.by


def _matches(host: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(host, pattern) for pattern in patterns)


def _hop(at: int, value: str) -> _Hop:
    """`from mail.example.com (rdns [192.0.2.1]) by mx.example.org with ESMTP id …; date`"""
    head = value[:2_000]
    words, comments = split_comments(head)
    plain = words.split()
    has_source = len(plain) > 1 and plain[0].lower() == "from"
    source = plain[1] if has_source else ""
    return _Hop(
        at=at,
        source=_name_of(source, comments),
        proven=_proven_name(comments),
        ip=_ip(source, comments) if has_source else "",
        by=_after("by", plain[2 if has_source else 0 :]).lower().rstrip(".;"),
        protocol=_after("with", plain),
    )


def _after(word: str, words: Sequence[str]) -> str:
    """What follows a word."""
    return next((words[at + 1] for at, one in enumerate(words[:-1]) if one.lower() == word), "")


def _name_of(source: str, comments: Sequence[str]) -> str:
    """How the other server called itself. Exim notes that in brackets when it does not believe it."""
    said = next((match for comment in comments if (match := re.search(r"\bhelo[= ](\S{1,255})", comment, re.I))), None)
    return (said[1] if said and source.startswith("[") else source).lower().rstrip(".")


def _proven_name(comments: Sequence[str]) -> str:
    """`(rdns.example.com [192.0.2.1])`: the name that the own server looked up. Sendmail says when it did not lead back."""
    found = (_LOOKED_UP.match(comment) for comment in comments[:1] if "forged" not in comment.lower())
    return next((match[1].lower().rstrip(".") for match in found if match), "")


def _ip(source: str, comments: Sequence[str]) -> str:
    """The address of the other server. What it said of itself is passed over: anybody may say any address."""
    for comment in comments[:2]:
        if comment.lower().startswith("helo"):
            continue
        found = _BRACKETED.search(comment) or _BARE.match(comment.strip())
        if found and (address := _address(found[1])):
            return address
    found = _BRACKETED.match(source)
    return _address(found[1]) if found else ""


def _address(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


def _is_private(ip: str) -> bool:
    address = ipaddress.ip_address(ip)
    return any(address in network for network in _PRIVATE if network.version == address.version)


_PRIVATE = tuple(
    ipaddress.ip_network(name)
    for name in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
