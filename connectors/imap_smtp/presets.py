"""Where the well-known mail providers keep IMAP and SMTP, and what a person must switch on there first.

Each entry's help page is its source. A domain of one's own is recognised by its mail exchangers (`preset_for_mx`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from connectors.imap_smtp.types import Security

AuthKind = Literal["password", "app_password", "xoauth2"]


@dataclass(frozen=True)
class Endpoint:
    """One server address."""

    host: str
    port: int
    security: Security


@dataclass(frozen=True)
class ProviderPreset:
    """A provider's servers. The user name is the full mail address everywhere unless the hint says otherwise.

    `auth` lists the kinds of login it accepts, the recommended one first. `saves_sent` is true where the provider
    itself puts mail handed in by SMTP into the Sent folder, so that a second copy would be one too many. `receiving_hosts`: how its
    servers name themselves in the header of what they receive, with wildcards, or the addresses they have; where it is empty the topmost
    one is the last of them.
    """

    key: str
    title: str
    imap: Endpoint
    smtp: Endpoint
    auth: tuple[AuthKind, ...] = ("password",)
    domains: tuple[str, ...] = ()
    mx_suffixes: tuple[str, ...] = ()
    hint: str = ""
    help_url: str = ""
    saves_sent: bool = False
    receiving_hosts: tuple[str, ...] = ()


def preset_for_address(address: str) -> ProviderPreset | None:
    """Return the preset that the domain of a mail address belongs to; None for a domain nobody knows."""
    return _BY_DOMAIN.get(address.rpartition("@")[2].strip().rstrip(".").lower())


def preset_for_mx(exchangers: Iterable[str]) -> ProviderPreset | None:
    """Return the preset of the provider that runs these mail exchangers (host names from an MX lookup)."""
    for exchanger in exchangers:
        name = "." + exchanger.strip().rstrip(".").lower()
        for suffix, preset in _BY_MX_SUFFIX:
            if name.endswith("." + suffix):
                return preset
    return None


def preset_for_host(host: str) -> ProviderPreset | None:
    """Return the first preset with this server, for reading or for sending; None for a server of nobody we know."""
    return _BY_HOST.get(host.strip().rstrip(".").lower())


def _tls(host: str, port: int = 993) -> Endpoint:
    return Endpoint(host, port, "tls")


def _starttls(host: str) -> Endpoint:
    return Endpoint(host, 587, "starttls")


_SWITCH_ON = "First allow IMAP and SMTP access in the settings of the mailbox; it is off at the start."
_ZOHO_HINT = "Allow IMAP access in the mail settings; with two-factor login, make an application-specific password."

PRESETS: tuple[ProviderPreset, ...] = (
    ProviderPreset(
        "gmail",
        "Gmail and Google Workspace",
        _tls("imap.gmail.com"),
        _tls("smtp.gmail.com", 465),
        auth=("xoauth2", "app_password"),
        domains=("gmail.com", "googlemail.com"),
        mx_suffixes=("google.com", "googlemail.com"),
        hint="The password of the account does not work: turn on 2-step verification and make an app password.",
        help_url="https://myaccount.google.com/apppasswords",
        saves_sent=True,
        receiving_hosts=("mx.google.com", "2002:a05:*"),
    ),
    ProviderPreset(
        "microsoft365",
        "Microsoft 365",
        _tls("outlook.office365.com"),
        _starttls("smtp.office365.com"),
        auth=("xoauth2",),
        domains=("onmicrosoft.com",),
        mx_suffixes=("mail.protection.outlook.com", "mx.microsoft"),
        hint="Passwords are not accepted. An administrator must allow authenticated SMTP for the mailbox.",
        help_url="https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission",
        saves_sent=True,
        receiving_hosts=("*.outlook.com", "*.office365.com", "2603:10*"),
    ),
    ProviderPreset(
        "outlook",
        "Outlook.com, Hotmail, Live",
        _tls("outlook.office365.com"),
        _starttls("smtp-mail.outlook.com"),
        auth=("xoauth2",),
        domains=(
            "outlook.com",
            "outlook.de",
            "outlook.fr",
            "outlook.es",
            "hotmail.com",
            "hotmail.co.uk",
            "hotmail.de",
            "hotmail.fr",
            "hotmail.it",
            "hotmail.es",
            "live.com",
            "live.de",
            "live.fr",
            "live.co.uk",
            "msn.com",
        ),
        mx_suffixes=("olc.protection.outlook.com",),
        hint="Passwords are not accepted: sign in with Microsoft, after allowing IMAP in the settings.",
        help_url="https://support.microsoft.com/office/d088b986-291d-42b8-9564-9c414e2aa040",
        saves_sent=True,
        receiving_hosts=("*.outlook.com", "*.office365.com", "2603:10*"),
    ),
    ProviderPreset(
        "icloud",
        "iCloud Mail",
        _tls("imap.mail.me.com"),
        _starttls("smtp.mail.me.com"),
        auth=("app_password",),
        domains=("icloud.com", "me.com", "mac.com"),
        mx_suffixes=("mail.icloud.com",),
        hint="Make an app-specific password. With an address of your own domain, the user name is the iCloud address.",
        help_url="https://support.apple.com/102654",
        receiving_hosts=("*.icloud.com", "*.me.com", "*.apple.com"),
    ),
    ProviderPreset(
        "yahoo",
        "Yahoo Mail",
        _tls("imap.mail.yahoo.com"),
        _tls("smtp.mail.yahoo.com", 465),
        auth=("app_password",),
        domains=(
            "yahoo.com",
            "yahoo.co.uk",
            "yahoo.de",
            "yahoo.fr",
            "yahoo.es",
            "yahoo.it",
            "yahoo.ca",
            "yahoo.co.in",
            "yahoo.com.br",
            "ymail.com",
            "rocketmail.com",
        ),
        mx_suffixes=("yahoodns.net",),
        hint="Make an app password in the security settings of the account.",
        help_url="https://login.yahoo.com/account/security",
    ),
    ProviderPreset(
        "aol",
        "AOL Mail",
        _tls("imap.aol.com"),
        _tls("smtp.aol.com", 465),
        auth=("app_password",),
        domains=("aol.com", "aol.de", "aim.com"),
        hint="Make an app password in the security settings of the account.",
        help_url="https://login.aol.com/account/security",
    ),
    ProviderPreset(
        "fastmail",
        "Fastmail",
        _tls("imap.fastmail.com"),
        _tls("smtp.fastmail.com", 465),
        auth=("app_password",),
        domains=("fastmail.com", "fastmail.fm", "fastmail.net", "fastmail.org", "sent.com"),
        mx_suffixes=("messagingengine.com",),
        hint="Make an app password with access to IMAP and SMTP.",
        help_url="https://www.fastmail.help/hc/en-us/articles/360058752854",
        receiving_hosts=("*.messagingengine.com", "*.internal"),
    ),
    ProviderPreset(
        "gmx",
        "GMX",
        _tls("imap.gmx.net"),
        _tls("mail.gmx.net", 465),
        domains=("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.eu", "gmx.org", "gmx.info"),
        mx_suffixes=("gmx.net",),
        hint=_SWITCH_ON,
        help_url="https://hilfe.gmx.net/pop-imap/einschalten.html",
    ),
    ProviderPreset(
        "gmx.com",
        "GMX.com",
        _tls("imap.gmx.com"),
        _tls("mail.gmx.com", 465),
        domains=("gmx.com", "gmx.us", "gmx.co.uk", "gmx.fr", "gmx.es"),
        hint=_SWITCH_ON,
        help_url="https://support.gmx.com/pop-imap/toggle.html",
    ),
    ProviderPreset(
        "web.de",
        "WEB.DE",
        _tls("imap.web.de"),
        _tls("smtp.web.de", 465),
        domains=("web.de", "email.de"),
        mx_suffixes=("web.de",),
        hint=_SWITCH_ON,
        help_url="https://hilfe.web.de/pop-imap/einschalten.html",
    ),
    ProviderPreset(
        "zoho",
        "Zoho Mail",
        _tls("imap.zoho.com"),
        _tls("smtp.zoho.com", 465),
        auth=("app_password", "password"),
        domains=("zoho.com", "zohomail.com"),
        hint=_ZOHO_HINT,
        help_url="https://www.zoho.com/mail/help/imap-access.html",
    ),
    ProviderPreset(
        "zoho.pro",
        "Zoho Mail (own domain)",
        _tls("imappro.zoho.com"),
        _tls("smtppro.zoho.com", 465),
        auth=("app_password", "password"),
        mx_suffixes=("zoho.com",),
        hint=_ZOHO_HINT,
        help_url="https://www.zoho.com/mail/help/imap-access.html",
    ),
    ProviderPreset(
        "zoho.eu",
        "Zoho Mail (Europe)",
        _tls("imap.zoho.eu"),
        _tls("smtp.zoho.eu", 465),
        auth=("app_password", "password"),
        domains=("zoho.eu", "zohomail.eu"),
        hint=_ZOHO_HINT,
        help_url="https://www.zoho.com/mail/help/imap-access.html",
    ),
    ProviderPreset(
        "zoho.pro.eu",
        "Zoho Mail (own domain, Europe)",
        _tls("imappro.zoho.eu"),
        _tls("smtppro.zoho.eu", 465),
        auth=("app_password", "password"),
        mx_suffixes=("zoho.eu",),
        hint=_ZOHO_HINT,
        help_url="https://www.zoho.com/mail/help/imap-access.html",
    ),
    ProviderPreset(
        "mailbox.org",
        "mailbox.org",
        _tls("imap.mailbox.org"),
        _tls("smtp.mailbox.org", 465),
        auth=("app_password", "password"),
        domains=("mailbox.org",),
        mx_suffixes=("mailbox.org",),
        hint="With two-factor login, make an application password.",
        help_url="https://kb.mailbox.org/en/private/",
    ),
    ProviderPreset(
        "posteo",
        "Posteo",
        _tls("posteo.de"),
        _tls("posteo.de", 465),
        domains=("posteo.de", "posteo.net", "posteo.eu", "posteo.org"),
        mx_suffixes=("posteo.de",),
        help_url="https://posteo.de/en/help",
    ),
    ProviderPreset(
        "t-online",
        "T-Online",
        _tls("secureimap.t-online.de"),
        _tls("securesmtp.t-online.de", 465),
        domains=("t-online.de", "magenta.de"),
        mx_suffixes=("t-online.de",),
        hint="Use the password for mail programs, which you set in the customer centre; it is not the login password.",
        help_url="https://www.telekom.de/hilfe/apps-dienste/e-mail/server",
    ),
    ProviderPreset(
        "ionos",
        "IONOS",
        _tls("imap.ionos.com"),
        _tls("smtp.ionos.com", 465),
        mx_suffixes=("ionos.com", "1and1.com"),
        hint="Use the password of the mailbox, not the one of the IONOS account.",
        help_url="https://www.ionos.com/help/email/",
    ),
    ProviderPreset(
        "ionos.de",
        "IONOS (Germany)",
        _tls("imap.ionos.de"),
        _tls("smtp.ionos.de", 465),
        domains=("online.de", "onlinehome.de"),
        mx_suffixes=("ionos.de", "kundenserver.de"),
        hint="Use the password of the mailbox, not the one of the IONOS account.",
        help_url="https://www.ionos.de/hilfe/e-mail/",
    ),
    ProviderPreset(
        "ovh",
        "OVHcloud (MX Plan)",
        _tls("ssl0.ovh.net"),
        _tls("ssl0.ovh.net", 465),
        mx_suffixes=("mail.ovh.net", "ovh.net"),
        help_url="https://help.ovhcloud.com/",
    ),
    ProviderPreset(
        "infomaniak",
        "Infomaniak",
        _tls("mail.infomaniak.com"),
        _tls("mail.infomaniak.com", 465),
        domains=("ik.me", "ikmail.com", "etik.com"),
        mx_suffixes=("infomaniak.ch", "infomaniak.com"),
        hint="Make a device password for the mailbox.",
        help_url="https://www.infomaniak.com/en/support/faq",
    ),
    ProviderPreset(
        "strato",
        "STRATO",
        _tls("imap.strato.de"),
        _tls("smtp.strato.de", 465),
        mx_suffixes=("rzone.de",),
        help_url="https://www.strato.de/faq/",
    ),
    ProviderPreset(
        "yandex",
        "Yandex Mail",
        _tls("imap.yandex.com"),
        _tls("smtp.yandex.com", 465),
        auth=("app_password",),
        domains=("yandex.com", "yandex.ru", "yandex.by", "yandex.kz", "ya.ru"),
        mx_suffixes=("yandex.net", "yandex.ru"),
        hint="Allow IMAP with app passwords in the settings for mail programs, then make an app password for mail.",
        help_url="https://id.yandex.com/security/app-passwords",
    ),
    ProviderPreset(
        "mail.ru",
        "Mail.ru",
        _tls("imap.mail.ru"),
        _tls("smtp.mail.ru", 465),
        auth=("app_password",),
        domains=("mail.ru", "inbox.ru", "list.ru", "bk.ru"),
        mx_suffixes=("mail.ru",),
        hint="Make a password for external applications in the security settings.",
        help_url="https://help.mail.ru/mail/security/protection/external",
    ),
)

_BY_HOST = {server.host: preset for preset in reversed(PRESETS) for server in (preset.smtp, preset.imap)}
_BY_DOMAIN = {domain: preset for preset in PRESETS for domain in preset.domains}
# Longest suffix first: olc.protection.outlook.com is not a company's Microsoft 365.
_BY_MX_SUFFIX = sorted(
    ((suffix, preset) for preset in PRESETS for suffix in preset.mx_suffixes), key=lambda pair: -len(pair[0])
)
