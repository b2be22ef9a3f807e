"""Five ways of looking for the servers of one address. Each gives what it found with the steps it took, and never raises for what others
do wrong. Whose answer counts is decided in `finding`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import quote, urlsplit

from connectors.errors import ConnectorError, Unavailable
from connectors.imap_smtp import Endpoint, Security, preset_for_host, preset_for_mx
from connectors.mail_discovery.autoconfig import NamedServers, read_autoconfig
from connectors.mail_discovery.documents import fetch_document, is_within
from connectors.mail_discovery.probing import Protocol, answers
from connectors.mail_discovery.reach import Reach
from connectors.mail_discovery.records import is_public
from connectors.mail_discovery.types import Discovery, Source, Step

__all__ = ["Search", "by_autoconfig", "by_guess", "by_ispdb", "by_mail_exchanger", "by_service_records"]

_NOTHING = "nothing"
_IMAP: tuple[tuple[str, Security], ...] = (("_imaps._tcp", "tls"), ("_imap._tcp", "starttls"))
_SMTP: tuple[tuple[str, Security], ...] = (("_submissions._tcp", "tls"), ("_submission._tcp", "starttls"))
"""Services of RFC 6186 and RFC 8314, encrypted ones from the start first. Without STARTTLS the second ones are not used."""


@dataclass(frozen=True)
class Search:
    """What is looked for and with what. `domain` is ASCII and in lower case."""

    address: str
    domain: str
    reach: Reach
    ispdb: str

    @cached_property
    def exchangers(self) -> tuple[str, ...]:
        """The domain's mail exchangers; empty when DNS does not say."""
        try:
            return self.reach.resolver.mail_exchangers(self.domain)
        except Unavailable:
            return ()


def by_mail_exchanger(search: Search) -> Discovery:
    """A known provider that takes the domain's mail keeps it too."""
    asked = f"MX {search.domain}"
    try:
        exchangers = search.reach.resolver.mail_exchangers(search.domain)
    except Unavailable as error:
        return Discovery(steps=(Step(asked, error.reason),))
    preset = preset_for_mx(exchangers)
    names = ", ".join(exchangers[:5]) or _NOTHING
    if preset is None:
        return Discovery(steps=(Step(asked, names),))
    step = Step(asked, f"{names} ({preset.title})")
    return Discovery("mx", exchangers[0], preset.imap, preset.smtp, preset=preset, steps=(step,))


def by_service_records(search: Search) -> Discovery:
    """The servers that DNS names for the domain."""
    imap, imap_steps = _service(search, _IMAP)
    smtp, smtp_steps = _service(search, _SMTP)
    steps = (*imap_steps, *smtp_steps)
    named = [server.host for server in (imap, smtp) if server]
    if not named:
        return Discovery(steps=steps)
    is_confirmed = all(is_within(host, search.domain) or preset_for_host(host) for host in named)
    preset = preset_for_host(imap.host) if imap else None
    return Discovery("srv", named[0], imap, smtp, preset=preset, is_confirmed=is_confirmed, steps=steps)


def _service(search: Search, kinds: tuple[tuple[str, Security], ...]) -> tuple[Endpoint | None, list[Step]]:
    steps: list[Step] = []
    for label, security in kinds:
        name = f"{label}.{search.domain}"
        try:
            services = search.reach.resolver.services(name)
        except Unavailable as error:
            steps.append(Step(f"SRV {name}", error.reason))
            continue
        listed = ", ".join(f"{service.host}:{service.port}" for service in services[:5])
        steps.append(Step(f"SRV {name}", listed or _NOTHING))
        if services:
            return Endpoint(services[0].host, services[0].port, security), steps
    return None, steps


def by_autoconfig(search: Search) -> Discovery:
    """The document that the domain's own web server has for mail programs."""
    path = f"mail/config-v1.1.xml?emailaddress={quote(search.address)}"
    found = Discovery()
    for start in (f"https://autoconfig.{search.domain}", f"https://{search.domain}/.well-known/autoconfig"):
        found = found.completed_by(_document(search, f"{start}/{path}", "autoconfig", search.domain))
        if found.is_whole:
            break
    return found


def by_ispdb(search: Search) -> Discovery:
    """What Thunderbird's list has for the domain, or for the provider that takes its mail."""
    if not search.ispdb:
        return Discovery(steps=(Step("Thunderbird's list", "switched off"),))
    home = urlsplit(search.ispdb).hostname or ""
    found = Discovery()
    for domain in dict.fromkeys((search.domain, *_parents(search.exchangers[:1]))):
        found = found.completed_by(_document(search, f"{search.ispdb.rstrip('/')}/{domain}", "ispdb", home))
        if found.is_whole:
            break
    return found


def _parents(hosts: tuple[str, ...]) -> list[str]:
    """mx1.mail.example.net may belong to mail.example.net or to example.net."""
    parts = [host.split(".") for host in hosts]
    return [".".join(labels[start:]) for labels in parts for start in (1, 2) if len(labels) - start >= 2]


def _document(search: Search, url: str, source: Source, home: str) -> Discovery:
    """Fetch and read one document. `home`: the domain whose web servers may be in our own network."""
    asked = url.partition("?")[0]
    try:
        named = _reachable(search, read_autoconfig(fetch_document(url, search.reach, home), search.address))
    except ConnectorError as error:
        return Discovery(steps=(Step(asked, error.reason),))
    hosts = [f"{server.host}:{server.port}" for server in (named.imap, named.smtp) if server]
    step = Step(asked, ", ".join(hosts) or "no server that can be used")
    if not hosts:
        return Discovery(steps=(step,))
    preset = preset_for_host(named.imap.host) if named.imap else None
    by = urlsplit(url).hostname or ""
    return Discovery(source, by, named.imap, named.smtp, named.username, named.auth, preset, steps=(step,))


def _reachable(search: Search, named: NamedServers) -> NamedServers:
    """Without servers that do not exist, and without those of another domain that lead into our own network."""

    def is_right(server: Endpoint | None) -> bool:
        if server is None or is_within(server.host, search.domain):
            return server is not None
        addresses = search.reach.resolver.addresses(server.host)
        return bool(addresses) and all(is_public(address) for address in addresses)

    imap, smtp = (server if is_right(server) else None for server in (named.imap, named.smtp))
    return replace(named, imap=imap, smtp=smtp)


def by_guess(search: Search) -> Discovery:
    """Customary names below the domain that answer with a certificate of their own."""
    ports = search.reach.ports
    own = [host for host in search.exchangers if is_within(host, search.domain)][:1]
    places: dict[Protocol, list[Endpoint]] = {
        "imap": _places(search.domain, "imap", own, ports.imap_tls, ports.imap_starttls),
        "smtp": _places(search.domain, "smtp", own, ports.smtp_tls, ports.smtp_starttls),
    }
    tried = [(protocol, server) for protocol, servers in places.items() for server in servers]
    with ThreadPoolExecutor(len(tried), thread_name_prefix="mail-guess") as pool:
        heard = list(pool.map(lambda each: answers(each[0], each[1], search.reach), tried))
    right = [each for each, is_there in zip(tried, heard, strict=True) if is_there]
    imap, smtp = (next((server for kind, server in right if kind == half), None) for half in ("imap", "smtp"))
    reached = ", ".join(f"{server.host}:{server.port}" for server in (imap, smtp) if server)
    step = Step("Trying " + ", ".join(dict.fromkeys(server.host for _, server in tried)), reached or "nobody answers")
    if imap is None and smtp is None:
        return Discovery(steps=(step,))
    return Discovery("guess", reached, imap, smtp, steps=(step,))


def _places(domain: str, label: str, own: list[str], tls: int, starttls: int) -> list[Endpoint]:
    hosts = dict.fromkeys((f"{label}.{domain}", f"mail.{domain}", *own, domain))
    kinds: tuple[tuple[int, Security], ...] = ((tls, "tls"), (starttls, "starttls"))
    return [Endpoint(host, port, security) for port, security in kinds for host in hosts]
