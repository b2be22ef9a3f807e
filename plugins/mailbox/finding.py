"""Finding the servers of an account whose owner typed an address and a password alone, and saying who named them."""

from collections.abc import Mapping

from connectors.errors import Unavailable
from connectors.imap_smtp import Endpoint
from connectors.mail_discovery import ISPDB, SOURCES, Discovery, Reach, Resolver, Source, find_servers
from plugins.mailbox.connection import trusted_authorities
from plugins.mailbox.settings import IMAP, OTHER, MailboxSettings
from tidings import Check, Found, Host, translatable

__all__ = ["find_settings"]

SERVERS = translatable("Servers")
_TOLD: Mapping[Source, str] = {
    "provider": translatable("The usual ones of %(title)s."),
    "mx": translatable("Found by DNS: the mail of %(domain)s is kept by %(title)s."),
    "srv": translatable("Found by DNS (%(name)s)."),
    "autoconfig": translatable("Found on the domain's own web server (%(name)s)."),
    "ispdb": translatable("Found in Thunderbird's list of providers (%(name)s)."),
    "guess": translatable("Found by trying the usual names (%(name)s)."),
}


def find_settings(host: Host, settings: Mapping[str, object]) -> Found:
    """The servers that were left empty; nothing when there are none to look for."""
    mailbox = MailboxSettings.read(settings)
    missing = [half for half in _needed(mailbox) if not getattr(mailbox, half).host]
    if not missing or "@" not in mailbox.address:
        return Found()
    try:
        found = _discover(host, mailbox.address, asks_our_table=settings.get("provider") != OTHER)
    except ValueError:
        return Found()
    except Unavailable as error:
        return Found(told=(Check(SERVERS, False, error.reason),))
    return Found(_values(found, missing, mailbox), *_told(host, found, missing, mailbox), _steps(found))


def _needed(mailbox: MailboxSettings) -> tuple[str, ...]:
    return ("imap", "smtp") if mailbox.receive_by == IMAP else ("smtp",)


def _discover(host: Host, address: str, *, asks_our_table: bool) -> Discovery:
    sources = SOURCES if asks_our_table else tuple(each for each in SOURCES if each not in ("provider", "mx"))
    reach = Reach(Resolver(host.nameserver), trusted_authorities(host))
    ispdb = host.config.get("ispdb", ISPDB)
    return find_servers(address, reach=reach, ispdb="" if ispdb.lower() == "off" else ispdb, sources=sources)


def _values(found: Discovery, missing: list[str], mailbox: MailboxSettings) -> dict[str, object]:
    """What goes into the form's empty fields."""
    values: dict[str, object] = {}
    for half in missing:
        server: Endpoint | None = getattr(found, half)
        if server is not None:
            values |= {f"{half}_host": server.host, f"{half}_port": server.port, f"{half}_security": server.security}
    if found.username and mailbox.username.lower() == mailbox.address and "imap_host" in values:
        values["username"] = found.username
    return values


def _told(host: Host, found: Discovery, missing: list[str], mailbox: MailboxSettings) -> tuple[tuple[Check, ...], str]:
    """The line of the report, and the field to look at if it is not all right."""
    domain = mailbox.address.rpartition("@")[2]
    lost = [half for half in missing if getattr(found, half) is None]
    if lost:
        return (Check(SERVERS, False, _not_found(host, domain, lost)),), f"{lost[0]}_host"
    if not found.is_confirmed:
        text = host.gettext(
            "DNS names %(servers)s, outside of %(domain)s. If that is right, test again: only then is the password sent there."
        )
        names = dict.fromkeys(getattr(found, half).host for half in missing)
        return (Check(SERVERS, False, text % {"servers": ", ".join(names), "domain": domain}),), f"{missing[0]}_host"
    told = _TOLD[found.source or "guess"]
    text = host.gettext(told)
    title = found.preset.title if found.preset else found.named_by
    detail = text % {"name": found.named_by, "domain": domain, "title": title}
    if found.auth == "xoauth2":
        detail += " " + host.gettext("They take sign-in by token only.")
    return (Check(SERVERS, True, detail),), ""


def _not_found(host: Host, domain: str, lost: list[str]) -> str:
    if len(lost) == 2:
        text = host.gettext(
            "None were found for %(domain)s. Enter the names of both servers; your provider's help pages have them."
        )
    elif lost == ["imap"]:
        text = host.gettext("No server for incoming mail was found for %(domain)s. Enter its name.")
    else:
        text = host.gettext("No server for outgoing mail was found for %(domain)s. Enter its name.")
    return text % {"domain": domain}


def _steps(found: Discovery) -> tuple[tuple[str, str], ...]:
    return tuple((step.asked, step.answer) for step in found.steps)
