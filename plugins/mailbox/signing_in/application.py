"""The applications that were registered with Google and Microsoft: their settings page, and what is asked of the providers with them.

The addresses are the providers' own unless the environment names others (`TIDINGS_PLUGIN_MAILBOX_MICROSOFT_TOKEN_URL` and its like), as
national clouds need.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from wtforms import Field, StringField
from wtforms.validators import Length, Optional, Regexp, ValidationError

from connectors.imap_smtp import ProviderPreset, preset_for_address, preset_for_host
from connectors.mail_oauth import GOOGLE, MICROSOFT, PROVIDERS, MailProvider, OAuthApplication
from tidings import Host, SecretField, SettingsForm

__all__ = ["CALLBACK", "ApplicationForm", "application_of", "may_have_tokens", "preset_for_sign_in", "secret_ends_at"]

CALLBACK = "/callback"
_AS_TYPED = {"autocomplete": "off", "spellcheck": "false"}
_HOSTS = {GOOGLE.key: "imap.gmail.com", MICROSOFT.key: "outlook.office365.com"}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ApplicationForm(SettingsForm):
    """What holds for all mailboxes that are opened by signing in. Nothing of it is needed for passwords."""

    fieldsets = (
        ("Sign in with Google", ("google_client_id", "google_client_secret")),
        (
            "Sign in with Microsoft",
            ("microsoft_client_id", "microsoft_client_secret", "microsoft_secret_ends", "microsoft_tenant"),
        ),
    )

    google_client_id = StringField(
        "Client ID",
        [Optional(), Length(max=300)],
        render_kw=_AS_TYPED,
        description="Ends in .apps.googleusercontent.com. A mailbox that signs in with Google leads to a page that says how to make one.",
    )
    google_client_secret = SecretField(
        "Client secret", [Optional(), Length(max=300)], description="From the same page of Google. Kept encrypted."
    )
    microsoft_client_id = StringField(
        "Application (client) ID",
        [Optional(), Length(max=100)],
        render_kw=_AS_TYPED,
        description="Of the application registered with Microsoft Entra. A mailbox that signs in with Microsoft leads to a page that says "
        "how.",
    )
    microsoft_client_secret = SecretField(
        "Client secret",
        [Optional(), Length(max=300)],
        description="Its value, not its ID. Kept encrypted.",
    )
    microsoft_secret_ends = StringField(
        "The client secret ends on",
        [Optional(), Length(max=10)],
        render_kw={"type": "date"},
        description="Microsoft shows it beside the secret. Admins are reminded 30, 7 and 1 days before.",
    )
    microsoft_tenant = StringField(
        "Tenant",
        [Optional(), Length(max=100), Regexp(r"\A[A-Za-z0-9.-]+\Z", message="This is not the ID of a tenant.")],
        default="common",
        render_kw=_AS_TYPED,
        description="common lets everybody sign in. For an application of one organisation only: its tenant ID or domain.",
    )

    def validate_microsoft_secret_ends(self, field: Field) -> None:
        try:
            date.fromisoformat(field.data)
        except ValueError:
            raise ValidationError("Give a day, such as 2027-05-31.") from None


def application_of(host: Host, provider: MailProvider) -> OAuthApplication | None:
    """What was registered with a provider; None until an admin has entered it."""
    client_id, secret = (_setting(host, provider, name) for name in ("client_id", "client_secret"))
    if not client_id or not secret:
        return None
    tenant = _setting(host, provider, "tenant") or "common"
    authorise, token = (
        host.config.get(f"{provider.key}_{name}_url") or address
        for name, address in (("authorise", provider.authorise), ("token", provider.token))
    )
    return OAuthApplication(
        client_id=client_id,
        client_secret=secret,
        token_url=token.replace("{tenant}", tenant),
        authorise_url=authorise.replace("{tenant}", tenant),
        redirect_uri=host.url(CALLBACK),
        scopes=provider.scopes,
        refresh_scopes=provider.scopes if provider.names_scopes else (),
        options=provider.options,
    )


def secret_ends_at(host: Host, provider: MailProvider) -> datetime | None:
    """When the provider takes the application's secret no more: at the end of the day that was entered."""
    try:
        day = date.fromisoformat(_setting(host, provider, "secret_ends"))
    except ValueError:
        return None
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def preset_for_sign_in(sign_in: Any, address: str) -> ProviderPreset | None:
    """The servers of the provider that somebody signs in to; None for other ways to sign in."""
    provider = PROVIDERS.get(sign_in)
    if provider is None:
        return None
    by_address = preset_for_address(address)
    is_its_own = by_address is not None and provider.keeps(by_address.imap.host)
    return by_address if is_its_own else preset_for_host(_HOSTS[provider.key])


def may_have_tokens(sign_in: Any, server: str) -> bool:
    """Whether what the provider hands out may be shown to a server: one of its own, or one inside this machine."""
    provider = PROVIDERS.get(sign_in)
    return provider is None or provider.keeps(server) or server in _LOOPBACK


def _setting(host: Host, provider: MailProvider, name: str) -> str:
    return str(host.settings.get(f"{provider.key}_{name}") or "").strip()
