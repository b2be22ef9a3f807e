"""IMAP and SMTP as mail providers speak them: reading a mailbox, waiting for mail, handing mail in.

`IMAPConnection` and `SMTPConnection` are the two clients; `presets` knows the providers' addresses.
"""

from connectors.imap_smtp.imap import IMAPConnection
from connectors.imap_smtp.presets import (
    PRESETS,
    Endpoint,
    ProviderPreset,
    preset_for_address,
    preset_for_host,
    preset_for_mx,
)
from connectors.imap_smtp.smtp import SMTPConnection
from connectors.imap_smtp.types import (
    Auth,
    FetchedMail,
    IdleEvent,
    IMAPSettings,
    Mailbox,
    MailboxState,
    MailHeader,
    MailSummary,
    PasswordAuth,
    Security,
    SMTPAbilities,
    SMTPReceipt,
    SMTPSettings,
    XOAuth2,
)

__all__ = [
    "PRESETS",
    "Auth",
    "Endpoint",
    "FetchedMail",
    "IMAPConnection",
    "IMAPSettings",
    "IdleEvent",
    "MailHeader",
    "MailSummary",
    "Mailbox",
    "MailboxState",
    "PasswordAuth",
    "ProviderPreset",
    "SMTPAbilities",
    "SMTPConnection",
    "SMTPReceipt",
    "SMTPSettings",
    "Security",
    "XOAuth2",
    "preset_for_address",
    "preset_for_host",
    "preset_for_mx",
]
