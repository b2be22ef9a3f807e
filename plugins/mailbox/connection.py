"""Opening the two connections of an account: IMAP to read, SMTP to send. What is said on them is in `reading` and `sending`."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.errors import AuthExpired, Rejected, Unavailable
from connectors.imap_smtp import (
    Auth,
    IMAPConnection,
    IMAPSettings,
    PasswordAuth,
    SMTPConnection,
    SMTPSettings,
    XOAuth2,
)
from plugins.mailbox.settings import NONE, OTHER, PASSWORD, MailboxSettings
from plugins.mailbox.signing_in.tokens import AccessToken
from tidings import Account, Host

__all__ = ["imap_connection", "smtp_connection", "trusted_authorities"]

TIMEOUT_S = 30.0


@contextmanager
def imap_connection(host: Host, account: Account, timeout_s: float = TIMEOUT_S) -> Iterator[IMAPConnection]:
    """A signed-in IMAP connection, closed at the end. Raises `ConnectorError`."""
    settings = MailboxSettings.of(account)
    auth = _auth(host, account, settings)
    server = settings.imap
    _require_host(server.host, "incoming")
    connection = IMAPConnection(
        IMAPSettings(server.host, auth, server.port, server.security, timeout_s), ssl_context=trusted_authorities(host)
    )
    _open(connection, auth)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def smtp_connection(host: Host, account: Account, timeout_s: float = TIMEOUT_S) -> Iterator[SMTPConnection]:
    """A signed-in SMTP connection, closed at the end. Raises `ConnectorError`."""
    settings = MailboxSettings.of(account)
    auth = _smtp_auth(host, account, settings)
    server = settings.smtp
    _require_host(server.host, "outgoing")
    connection = SMTPConnection(
        SMTPSettings(server.host, auth, server.port, server.security, timeout_s), ssl_context=trusted_authorities(host)
    )
    _open(connection, auth)
    try:
        yield connection
    finally:
        connection.close()


def _open(connection: IMAPConnection | SMTPConnection, auth: Auth | None) -> None:
    """Open it; a stored access token that the server refuses is replaced by a fresh one, once."""
    try:
        connection.open()
    except AuthExpired:
        token = auth.token if isinstance(auth, XOAuth2) else None
        if not isinstance(token, AccessToken) or not token.is_kept_one:
            raise
        token.refuse()
        connection.open()


def _auth(host: Host, account: Account, settings: MailboxSettings) -> Auth:
    if settings.auth == PASSWORD:
        return _password(settings.username, account.secret("password"))
    return XOAuth2(settings.username, AccessToken(host, account, settings))


def _smtp_auth(host: Host, account: Account, settings: MailboxSettings) -> Auth | None:
    if settings.smtp_auth == NONE:
        return None
    if settings.smtp_auth == OTHER:
        return _password(settings.smtp_username, account.secret("smtp_password"))
    return _auth(host, account, settings)


def _password(username: str, password: str) -> PasswordAuth:
    try:
        return PasswordAuth(username, password)
    except ValueError as error:
        raise AuthExpired(str(error), step="login") from None


def _require_host(name: str, direction: str) -> None:
    if not name:
        raise Rejected(f"No {direction} server is set for this account.", step="login")


def trusted_authorities(host: Host) -> ssl.SSLContext:
    """The machine's authorities, and the owner's own where `TIDINGS_PLUGIN_MAILBOX_CA_FILE` names a file of certificates. Raises
    `Unavailable` when that cannot be read."""
    context = ssl.create_default_context()
    if path := host.config.get("ca_file", ""):
        try:
            context.load_verify_locations(path)
        except (OSError, ssl.SSLError) as error:
            reason = f"TIDINGS_PLUGIN_MAILBOX_CA_FILE names {path}, which holds no readable certificates ({error})."
            raise Unavailable(reason, step="tls") from None
    return context
