"""What is particular to each provider whose mailboxes are opened by signing in. Which servers they have stands in imap_smtp/presets.py.

Google: https://developers.google.com/workspace/gmail/imap/xoauth2-protocol,
https://developers.google.com/identity/protocols/oauth2#expiration
Microsoft: https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth,
https://learn.microsoft.com/entra/identity-platform/refresh-tokens
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["GOOGLE", "MICROSOFT", "PROVIDERS", "MailProvider"]


@dataclass(frozen=True)
class MailProvider:
    """One provider. `authorise` and `token` may have a place for `{tenant}`, whose accounts may sign in.

    `mail_scopes` are those without which no mail is read or sent, `scopes` all that are asked for; `options` go to the page of consent.
    `names_scopes`: a refresh says what it is for, since tokens are made for one resource at a time. A refresh token that nobody uses for
    `idle_days` dies. `domains`: what belongs to the provider, so that its tokens go nowhere else.
    """

    key: str
    title: str
    authorise: str
    token: str
    mail_scopes: tuple[str, ...]
    other_scopes: tuple[str, ...]
    idle_days: int
    domains: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    names_scopes: bool = False

    @property
    def scopes(self) -> tuple[str, ...]:
        return (*self.mail_scopes, *self.other_scopes)

    def keeps(self, host: str) -> bool:
        """Whether a server is one of the provider's own."""
        name = host.lower().rstrip(".")
        return any(name == domain or name.endswith(f".{domain}") for domain in self.domains)


GOOGLE = MailProvider(
    key="google",
    title="Google",
    authorise="https://accounts.google.com/o/oauth2/v2/auth",
    token="https://oauth2.googleapis.com/token",
    mail_scopes=("https://mail.google.com/",),
    other_scopes=("openid", "email"),
    idle_days=180,
    domains=("gmail.com", "googlemail.com", "google.com"),
    # Without these two Google gives a refresh token only the first time somebody agrees, and never again.
    options={"access_type": "offline", "prompt": "consent"},
)
MICROSOFT = MailProvider(
    key="microsoft",
    title="Microsoft",
    authorise="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    token="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    mail_scopes=(
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send",
    ),
    other_scopes=("offline_access", "openid", "email"),
    idle_days=90,
    domains=("office365.com", "outlook.com", "office.com", "office365.us", "partner.outlook.cn"),
    options={"prompt": "select_account"},
    names_scopes=True,
)
PROVIDERS: Mapping[str, MailProvider] = {one.key: one for one in (GOOGLE, MICROSOFT)}
