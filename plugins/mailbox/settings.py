"""One account's settings as a value: what stands in the form, read once and typed. Secrets stay in the `Account`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from connectors.imap_smtp import Endpoint, Security, preset_for_host
from plugins.mailbox.aliases import Alias, read_aliases
from plugins.mailbox.return_address import is_made_by, pattern_problem, plus_pattern
from tidings import MAIL, Account, OwnAddresses

__all__ = [
    "ALWAYS",
    "APPEND",
    "AUTOMATIC",
    "DELIVERED",
    "MailboxSettings",
    "OAuthClient",
    "PASSWORD",
    "SERVER",
    "XOAUTH2",
    "default_port",
    "keeper_of_copies",
]

IMAP, DELIVERED = "imap", "delivered"
"""How mail comes in: fetched by us, or handed to our listener by a mail server."""
PASSWORD, XOAUTH2 = "password", "xoauth2"
"""Kinds of sign-in."""
SAME, OTHER, NONE = "same", "other", "none"
"""Whose sign-in the outgoing server wants."""
AUTOMATIC = "auto"
"""Whatever suits the provider."""
SERVER, APPEND = "server", "append"
"""Who puts a copy of sent mail into the Sent folder (`NONE`: nobody)."""
OFF, ALWAYS = "off", "always"
"""Whether the receipt of a message is confirmed."""
TAKE, JOIN, LEAVE = "take", "join", "leave"
"""What is done with mail in which we stand only in Cc: taken in, only into conversations that exist, or left alone."""
PLUS, OWN = "plus", "own"
"""Where what comes back goes (`OFF`: to the account's address): to a plus address of it, or to a pattern of the owner's."""
EVERYBODY, SENDER = "everybody", "sender"
"""Who gets an answer: all who got the message, or only who wrote it."""

_PORTS = {"imap": {"tls": 993, "starttls": 143, "none": 143}, "smtp": {"tls": 465, "starttls": 587, "none": 25}}


def default_port(protocol: str, security: str) -> int:
    """The port that servers use for "imap" or "smtp" with this security (RFC 8314)."""
    return _PORTS[protocol].get(security, _PORTS[protocol]["tls"])


@dataclass(frozen=True)
class OAuthClient:
    """Where and as whom access tokens are fetched; the client's secret and the refresh token are secrets of the account."""

    token_url: str
    client_id: str
    scope: str


@dataclass(frozen=True)
class MailboxSettings:
    """What an admin decided about one mailbox. `folders` is never empty; the first one is watched."""

    address: str
    display_name: str
    receive_by: str
    auth: str
    username: str
    imap: Endpoint
    smtp: Endpoint
    smtp_auth: str
    smtp_username: str
    oauth: OAuthClient
    folders: tuple[str, ...]
    sent_copy: str
    sent_folder: str
    has_plus_addresses: bool
    answers_all: bool
    dkim_domain: str
    dkim_selector: str
    signature: str
    trusted_hosts: tuple[str, ...]
    confirms: str
    confirmation: str
    aliases: tuple[Alias, ...]
    cc_only: str
    return_pattern: str

    @property
    def addresses(self) -> tuple[str, ...]:
        """What the mailbox is written to: its own address, then the others."""
        return tuple(dict.fromkeys(filter(None, (self.address, *(alias.address for alias in self.aliases)))))

    @property
    def own(self) -> OwnAddresses:
        """The same, to be asked."""
        return OwnAddresses(tuple((0, address) for address in self.addresses))

    def sends_from(self, address: str) -> str:
        """The address itself where it is one of the mailbox's, else the mailbox's own."""
        return address.lower() if address and self.own.gets(MAIL, address) else self.address

    def takes_tags_of(self, address: str) -> bool:
        """Whether mail to `address` with a tag arrives here. Of an alias nobody said so, unless all of its domain does."""
        is_caught = f"*@{address.rpartition('@')[2]}" in self.addresses
        return self.has_plus_addresses and (address == self.address or is_caught)

    def name_of(self, address: str) -> str:
        """The name in From that the owner gave an address, or all of its domain; else that of the mailbox."""
        names = {alias.address: alias.name for alias in self.aliases}
        everything = f"*@{address.rpartition('@')[2]}"
        return names.get(address) or (address != self.address and names.get(everything)) or self.display_name

    def is_return_address(self, address: str) -> bool:
        """Whether it looks like one that something comes back to."""
        return bool(self.return_pattern) and is_made_by(self.return_pattern, address)

    @classmethod
    def of(cls, account: Account) -> "MailboxSettings":
        """The settings of an account; what was never set has the form's default."""
        return cls.read(account.settings, account.address)

    @classmethod
    def read(cls, settings: Mapping[str, Any], address: str = "") -> "MailboxSettings":
        """The same from the bare settings. `address` stands in for one that is missing."""
        text = {key: str(value).strip() for key, value in settings.items() if isinstance(value, str)}
        own = text.get("address") or address
        username = text.get("username") or own
        return cls(
            address=own.lower(),
            display_name=text.get("display_name", ""),
            receive_by=text.get("receive_by") or IMAP,
            auth=text.get("auth") or PASSWORD,
            username=username,
            imap=_endpoint(settings, text, "imap"),
            smtp=_endpoint(settings, text, "smtp"),
            smtp_auth=text.get("smtp_auth") or SAME,
            smtp_username=text.get("smtp_username") or username,
            oauth=OAuthClient(*(text.get(f"oauth_{key}", "") for key in ("token_url", "client_id", "scope"))),
            folders=_folders(text.get("folders", "")) or ("INBOX",),
            sent_copy=_sent_copy(text),
            sent_folder=text.get("sent_folder", ""),
            has_plus_addresses=bool(settings.get("plus_addresses")),
            dkim_domain=text.get("dkim_domain") or own.lower().rpartition("@")[2],
            dkim_selector=text.get("dkim_selector", ""),
            answers_all=text.get("answers_to") != SENDER,
            signature=text.get("signature", ""),
            trusted_hosts=_lines(text.get("trusted_hosts", "")) or _receiving_hosts(text.get("imap_host", "")),
            confirms=text.get("confirms") or OFF,
            confirmation=text.get("confirmation", ""),
            aliases=read_aliases(text.get("aliases", "")),
            cc_only=text.get("cc_only") or TAKE,
            return_pattern=_return_pattern(text, own.lower()),
        )


def keeper_of_copies(smtp_host: str, receive_by: str) -> str:
    """Who has to put a copy of sent mail into the Sent folder when it leaves by this server."""
    preset = preset_for_host(smtp_host)
    if preset is not None and preset.saves_sent:
        return SERVER
    return APPEND if receive_by == IMAP else NONE


def _sent_copy(text: Mapping[str, str]) -> str:
    choice = text.get("sent_copy") or NONE
    return (
        keeper_of_copies(text.get("smtp_host", ""), text.get("receive_by") or IMAP) if choice == AUTOMATIC else choice
    )


def _return_pattern(text: Mapping[str, str], address: str) -> str:
    """Of the addresses that things come back to; empty where that is the mailbox's own."""
    choice = text.get("return_address") or OFF
    pattern = plus_pattern(address) if choice == PLUS else text.get("return_pattern", "")
    return "" if choice == OFF or pattern_problem(pattern) else pattern.lower()


def _endpoint(settings: Mapping[str, Any], text: Mapping[str, str], protocol: str) -> Endpoint:
    security = cast(Security, text.get(f"{protocol}_security") or "tls")
    port = settings.get(f"{protocol}_port") or default_port(protocol, security)
    return Endpoint(text.get(f"{protocol}_host", ""), int(port), security)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip().lower() for line in text.splitlines() if line.strip()))


def _receiving_hosts(imap_host: str) -> tuple[str, ...]:
    preset = preset_for_host(imap_host)
    return preset.receiving_hosts if preset else ()


def _folders(text: str) -> tuple[str, ...]:
    """One folder a line, each once. The name INBOX may be written in any case (RFC 3501 §5.1)."""
    names = (line.strip() for line in text.splitlines() if line.strip())
    return tuple(dict.fromkeys("INBOX" if name.upper() == "INBOX" else name for name in names))
