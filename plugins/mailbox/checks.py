"""The connection test: incoming, folders, outgoing and the Sent folder one by one, each answer with what to do about it."""

from collections.abc import Iterator

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected
from connectors.imap_smtp import Endpoint, IMAPConnection, preset_for_address
from plugins.mailbox.connection import imap_connection, smtp_connection
from plugins.mailbox.sending import sent_folder
from plugins.mailbox.settings import APPEND, DELIVERED, NONE, SERVER, XOAUTH2, MailboxSettings
from tidings import Account, Check, ConnectionReport, Host

__all__ = ["connection_report"]

INCOMING, FOLDERS, OUTGOING, SENT = "Incoming mail", "Folders", "Outgoing mail", "Copies of sent mail"
TEST_TIMEOUT_S = 12.0
_USUAL = {
    INCOMING: "Usual are port 993 with TLS, or 143 with STARTTLS.",
    OUTGOING: "Usual are port 465 with TLS, or 587 with STARTTLS.",
}


def connection_report(host: Host, account: Account) -> ConnectionReport:
    """Try both halves, also when the first one fails: the owner should see all that is wrong at once."""
    settings = MailboxSettings.of(account)
    return ConnectionReport((*_incoming(host, account, settings), _outgoing(host, account, settings)))


def _incoming(host: Host, account: Account, settings: MailboxSettings) -> Iterator[Check]:
    if settings.receive_by == DELIVERED:
        listens = host.config.get("listen", "")
        why = f"A mail server delivers to {listens}." if listens else "Set TIDINGS_PLUGIN_MAILBOX_LISTEN and start again."
        yield Check(INCOMING, bool(listens), why)
        return
    try:
        with imap_connection(host, account, TEST_TIMEOUT_S) as imap:
            yield Check(INCOMING, True, _welcome(imap, settings))
            yield _folders(imap, settings)
            if settings.sent_copy in (SERVER, APPEND):
                yield _sent(imap, settings)
    except ConnectorError as error:
        yield Check(INCOMING, False, _advice(INCOMING, error, settings, settings.imap))


def _welcome(imap: IMAPConnection, settings: MailboxSettings) -> str:
    how = "tells of new mail at once" if imap.can_idle else "is asked for new mail every minute"
    return f"Signed in to {settings.imap.host} as {settings.username}; it {how}."


def _folders(imap: IMAPConnection, settings: MailboxSettings) -> Check:
    names = [box.name for box in imap.list_mailboxes() if box.is_selectable]
    missing = [name for name in settings.folders if name not in names and name.upper() != "INBOX"]
    if missing:
        return Check(FOLDERS, False, f"There is no folder “{missing[0]}”. There are: {', '.join(names[:30])}.")
    states = [imap.select(folder) for folder in settings.folders]
    return Check(FOLDERS, True, "; ".join(f"{state.name}: {state.exists} messages" for state in states) + ".")


def _sent(imap: IMAPConnection, settings: MailboxSettings) -> Check:
    folder = sent_folder(imap, settings)
    names = [box.name for box in imap.list_mailboxes() if box.is_selectable]
    if folder in names:
        return Check(SENT, True, f"They are in {folder}.")
    if folder is None and settings.sent_copy == APPEND:
        return Check(SENT, True, "No folder for sent mail was found, so no copies are kept there.")
    what = f"There is no folder “{folder}”" if folder else "No folder for sent mail was found"
    return Check(SENT, False, f"{what}. Name one of: {', '.join(names[:30])}; or choose to keep no copies.")


def _outgoing(host: Host, account: Account, settings: MailboxSettings) -> Check:
    try:
        with smtp_connection(host, account, TEST_TIMEOUT_S) as smtp:
            abilities = smtp.check()
    except ConnectorError as error:
        return Check(OUTGOING, False, _advice(OUTGOING, error, settings, settings.smtp))
    limit = f", mail of at most {abilities.size_limit // 1_000_000} MB" if abilities.size_limit else ""
    who = "without a sign-in" if settings.smtp_auth == NONE else f"as {settings.smtp_username}"
    return Check(OUTGOING, True, f"{settings.smtp.host} accepts us {who}{limit}.")


def _advice(half: str, error: ConnectorError, settings: MailboxSettings, server: Endpoint) -> str:
    """What the server or the network said, and what to do about it."""
    return f"{error.reason.rstrip('.')}. {_what_to_do(half, error, settings, server)}".strip()


def _what_to_do(half: str, error: ConnectorError, settings: MailboxSettings, server: Endpoint) -> str:
    if isinstance(error, AuthExpired):
        return _about_sign_in(settings)
    if isinstance(error, RateLimited):
        return "The server asks us to wait. Try again in a few minutes."
    if isinstance(error, Rejected):
        return "" if error.step == "login" and not server.host else "Ask the provider what it expects here."
    if "CA_FILE" in error.reason:
        return "Correct the path and start again."
    if error.step == "tls" and "not trusted" in error.reason:
        return (
            "Use the name that stands in the certificate. A certificate of your own authority is trusted once "
            "TIDINGS_PLUGIN_MAILBOX_CA_FILE names its file."
        )
    if error.step == "connect" and "was found" in error.reason:
        return f"Check the spelling of the {half.split()[0].lower()} server."
    return f"Check port {server.port} and the encryption chosen for it ({_spoken(server)}). {_USUAL[half]}"


def _about_sign_in(settings: MailboxSettings) -> str:
    if settings.auth == XOAUTH2:
        return "Sign in with the provider again and enter the new refresh token."
    preset = preset_for_address(settings.address)
    if preset is None or not preset.hint:
        return "Check the user name and the password; some providers want a password made for mail programs."
    return f"{preset.title}: {preset.hint} {preset.help_url}".strip()


def _spoken(server: Endpoint) -> str:
    return {"tls": "TLS", "starttls": "STARTTLS", "none": "none"}[server.security]
