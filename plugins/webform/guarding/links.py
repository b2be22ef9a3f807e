"""The links in a message: how many lead away from the visitor's own page, how many hide where they lead."""

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from plugins.webform.guarding.phrases import shared_domains, shortener_domains
from tidings import InboundMessage

__all__ = [
    "CODE",
    "LINK",
    "foreign_links",
    "has_bare_domain",
    "hidden_links",
    "leads_somewhere",
    "links_in",
    "names_own_site",
    "sites_of",
    "without_links",
]

LINK = re.compile(r"(?:https?://|www\.)[^\s<>\[\]\"'()]+", re.IGNORECASE)
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
"""What people paste who report a fault: many have the same, and it may hold any address."""
_SHORT = re.compile(r"(?<![\w@./-])(?:[a-z0-9-]+\.)+[a-z]{2,10}/[\w./?=&%#-]{2,}", re.IGNORECASE)
_BARE = re.compile(
    r"(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|net|org|info|biz|xyz|top|click|site|online|shop|store|club|vip|win|bet|icu|live|pro|ru|cn|io)(?![\w.@-])",
    re.IGNORECASE,
)
_PAGES = ("Page", "Came from")


def links_in(text: str) -> Sequence[str]:
    """Web addresses, with or without "https://" as long as they have a path ("bit.ly/x")."""
    found = LINK.findall(text)
    return found + _SHORT.findall(LINK.sub(" ", text))


def without_links(text: str) -> str:
    return _SHORT.sub(" ", LINK.sub(" ", text))


def has_bare_domain(text: str) -> bool:
    """Whether it names a site without making a link of it ("visit lamps.example.com")."""
    return bool(_BARE.search(without_links(text)))


def names_own_site(message: InboundMessage, text: str) -> bool:
    """Whether it names the site of the form, but no page of it: programs fill it into what they send to everybody."""
    sites = {_site(message.fields.get(label, "")) for label in _PAGES} - {""}
    said = without_links(text).casefold()
    return any(re.search(rf"(?<![\w@./-])(?:www\.)?{re.escape(site)}(?![\w@/-])", said) for site in sites)


def foreign_links(message: InboundMessage, text: str) -> Sequence[str]:
    """Links that do not lead to the site on which the form was filled in; customers point at orders and pages there."""
    own = {_site(message.fields.get(label, "")) for label in _PAGES} - {""}
    return [link for link in links_in(text) if _site(link) not in own]


def sites_of(links: Sequence[str]) -> frozenset[str]:
    """The sites that links lead to, without those where everybody may leave something."""
    sites = {_site(link) for link in links} - {""}
    return frozenset(site for site in sites if site not in shared_domains() and site not in shortener_domains())


def leads_somewhere(links: Sequence[str]) -> bool:
    """Whether one of them leads to more than a site where everybody may leave pictures and files."""
    return any(_site(link) not in shared_domains() for link in links)


def hidden_links(links: Sequence[str]) -> int:
    """How many lead through a service that says nothing of where they lead, are raw internet addresses or carry a password."""
    return sum(1 for link in links if _is_hidden(link))


def _is_hidden(link: str) -> bool:
    parts = _parts(link)
    host = (parts.hostname or "").casefold().removeprefix("www.") if parts else ""
    return host in shortener_domains() or bool(re.fullmatch(r"[\d.]+", host)) or bool(parts and parts.password)


def _site(address: str) -> str:
    """The last two labels of its name, three below two short ones ("shop.co.uk")."""
    parts = _parts(address)
    labels = (parts.hostname or "").casefold().split(".") if parts else []
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 2
    return ".".join(labels[-count:])


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        parts.hostname  # noqa: B018  # raises for what is no address
    except ValueError:
        return None
    return parts
