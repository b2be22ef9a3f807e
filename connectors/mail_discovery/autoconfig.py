"""Reading the document in which a provider names its servers to Thunderbird
(https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring

from connectors.errors import Rejected
from connectors.imap_smtp import Endpoint, Security

__all__ = ["NamedServers", "read_autoconfig"]

_SECURITIES: dict[str, Security] = {"SSL": "tls", "STARTTLS": "starttls"}
_SIGN_INS = {
    "password-cleartext": "password",
    "password-encrypted": "password",
    "plain": "password",
    "secure": "password",
    "OAuth2": "xoauth2",
}
_HOST = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class NamedServers:
    """The servers of a document that we can use; None where it names none."""

    imap: Endpoint | None
    smtp: Endpoint | None
    username: str
    auth: Literal["password", "xoauth2"]


@dataclass(frozen=True)
class _Server:
    endpoint: Endpoint
    username: str
    sign_ins: frozenset[str]


def read_autoconfig(document: bytes, address: str) -> NamedServers:
    """The servers for an address: IMAP and SMTP only, TLS before STARTTLS, never unencrypted. Raises `Rejected` when it cannot be read."""
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:
        raise Rejected(f"the document cannot be read ({type(error).__name__})", step="data") from None
    imap = _best(_servers(root, "incomingServer", "imap", address))
    smtp = _best(_servers(root, "outgoingServer", "smtp", address))
    takes_password = all("password" in server.sign_ins for server in (imap, smtp) if server)
    return NamedServers(
        imap.endpoint if imap else None,
        smtp.endpoint if smtp else None,
        "" if imap is None or imap.username.lower() == address.lower() else imap.username,
        "password" if takes_password else "xoauth2",
    )


def _best(servers: Iterator[_Server]) -> _Server | None:
    """TLS from the start first, else the document's order."""
    return min(servers, key=lambda server: server.endpoint.security != "tls", default=None)


def _servers(root: Any, tag: str, kind: str, address: str) -> Iterator[_Server]:
    for element in root.iterfind(f"emailProvider/{tag}"):
        server = _server(element, address) if element.get("type", "").lower() == kind else None
        if server is not None:
            yield server


def _server(element: Any, address: str) -> _Server | None:
    """One entry, unless it is unencrypted, wants a sign-in that we do not know, or is no server at all."""
    host = _filled(element.findtext("hostname"), address).lower().rstrip(".")
    port = (element.findtext("port") or "").strip()
    security = _SECURITIES.get((element.findtext("socketType") or "").strip())
    names = {(each.text or "").strip() for each in element.iterfind("authentication")}
    sign_ins = frozenset(_SIGN_INS[name] for name in names if name in _SIGN_INS)
    if security is None or not sign_ins or not _HOST.fullmatch(host) or not _is_port(port):
        return None
    return _Server(Endpoint(host, int(port), security), _username(element, address), sign_ins)


def _username(element: Any, address: str) -> str:
    """The user name; one that still holds a placeholder, or that is unreasonably long, counts as the address."""
    name = _filled(element.findtext("username"), address)
    return name if name and "%" not in name and len(name) <= 254 and name.isprintable() else address


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 5 and 0 < int(text) < 65536


def _filled(text: str | None, address: str) -> str:
    local, _, domain = address.rpartition("@")
    places = {"%EMAILADDRESS%": address, "%EMAILLOCALPART%": local, "%EMAILDOMAIN%": domain}
    return re.sub("|".join(places), lambda found: places[found[0]], (text or "").strip())
