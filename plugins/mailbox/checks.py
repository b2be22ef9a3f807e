"""The connection test: incoming, folders, outgoing and the Sent folder one by one, each answer with what to do about it."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected
from connectors.imap_smtp import Endpoint, IMAPConnection, SMTPConnection, preset_for_address, preset_for_host
from connectors.mail_oauth import MICROSOFT, PROVIDERS
from plugins.mailbox.connection import imap_connection, smtp_connection
from plugins.mailbox.dkim_signing import is_published
from plugins.mailbox.limits import note_largest
from plugins.mailbox.published import note_published, published_text
from plugins.mailbox.return_address import SAMPLE, made_by
from plugins.mailbox.sending import sent_folder, signing_key
from plugins.mailbox.settings import APPEND, DELIVERED, NONE, SERVER, XOAUTH2, MailboxSettings
from plugins.mailbox.signing_in.tokens import refresh_key, without_tokens
from tidings import Account, Check, ConnectionReport, Host, translatable

__all__ = ["connection_report"]

INCOMING, OUTGOING = translatable("Incoming mail"), translatable("Outgoing mail")
RETURNS = translatable("What comes back")
SIGNATURE = translatable("Signature of the domain")
FOLDERS, SENT = translatable("Folders"), translatable("Copies of sent mail")
TEST_TIMEOUT_S = 12.0
MOST_NAMES = 30
_USUAL = {
    INCOMING: translatable("Usual are port 993 with TLS, or 143 with STARTTLS."),
    OUTGOING: translatable("Usual are port 465 with TLS, or 587 with STARTTLS."),
}


def connection_report(host: Host, account: Account) -> ConnectionReport:
    """Try both halves, also when the first one fails: the owner should see all that is wrong at once.

    Where the owner signs in at the provider and has not done so, or not for good, nobody can be let in yet: then only what the servers say
    before that is tried.
    """
    settings = MailboxSettings.of(account)
    if settings.auth in PROVIDERS and _waits_for_sign_in(host, account, settings):
        return ConnectionReport(tuple(_before_sign_in(host, account, settings)), needs_sign_in=True)
    signature = _signature(host, account, settings)
    return ConnectionReport((*_incoming(host, account, settings), *_outgoing(host, account, settings), *signature))


def _waits_for_sign_in(host: Host, account: Account, settings: MailboxSettings) -> bool:
    opened = smtp_connection if settings.receive_by == DELIVERED else imap_connection
    try:
        with opened(host, account, TEST_TIMEOUT_S):
            return False
    except AuthExpired:
        return True
    except ConnectorError:  # the test itself says what that is
        return not account.secret(refresh_key(settings.auth))


def _before_sign_in(host: Host, account: Account, settings: MailboxSettings) -> Iterator[Check]:
    """Whether both servers answer. Without a token each is left when it asks for one."""
    nobody = replace(account, id=0, secrets=without_tokens(account.secrets))
    halves = [(INCOMING, imap_connection, settings.imap), (OUTGOING, smtp_connection, settings.smtp)]
    for half, opened, server in halves[settings.receive_by == DELIVERED :]:
        try:
            with opened(host, nobody, TEST_TIMEOUT_S):
                pass
        except AuthExpired:
            pass
        except ConnectorError as error:
            yield Check(half, False, _advice(host, half, error, settings, server))
            continue
        yield Check(
            half, True, host.gettext("%(server)s answers. The next step is to sign in.") % {"server": server.host}
        )


def _incoming(host: Host, account: Account, settings: MailboxSettings) -> Iterator[Check]:
    if settings.receive_by == DELIVERED:
        listens = host.config.get("listen", "")
        taken = host.gettext("A mail server delivers to %(address)s.") % {"address": listens}
        missing = host.gettext("Set TIDINGS_PLUGIN_MAILBOX_LISTEN and start again.")
        yield Check(INCOMING, bool(listens), taken if listens else missing)
        return
    try:
        with imap_connection(host, account, TEST_TIMEOUT_S) as imap:
            yield Check(INCOMING, True, _welcome(host, imap, settings))
            yield _folders(host, imap, settings)
            if settings.sent_copy in (SERVER, APPEND):
                yield _sent(host, imap, settings)
    except ConnectorError as error:
        yield Check(INCOMING, False, _advice(host, INCOMING, error, settings, settings.imap))


def _welcome(host: Host, imap: IMAPConnection, settings: MailboxSettings) -> str:
    if imap.can_idle:
        text = host.gettext("Signed in to %(server)s as %(name)s; it tells of new mail at once.")
    else:
        text = host.gettext("Signed in to %(server)s as %(name)s; it is asked for new mail every minute.")
    return text % {"server": settings.imap.host, "name": settings.username}


def _folders(host: Host, imap: IMAPConnection, settings: MailboxSettings) -> Check:
    names = [box.name for box in imap.list_mailboxes() if box.is_selectable]
    missing = [name for name in settings.folders if name not in names and name.upper() != "INBOX"]
    if missing:
        text = host.gettext("There is no folder “%(name)s”. There are: %(names)s.")
        return Check(FOLDERS, False, text % {"name": missing[0], "names": ", ".join(names[:MOST_NAMES])})
    states = [imap.select(folder) for folder in settings.folders]
    return Check(FOLDERS, True, "; ".join(f"{state.name}: {_messages(host, state.exists)}" for state in states) + ".")


def _messages(host: Host, count: int) -> str:
    return host.ngettext("%(num)s message", "%(num)s messages", count) % {"num": count}


def _sent(host: Host, imap: IMAPConnection, settings: MailboxSettings) -> Check:
    folder = sent_folder(imap, settings)
    names = [box.name for box in imap.list_mailboxes() if box.is_selectable]
    if folder in names:
        return Check(SENT, True, host.gettext("They are in %(name)s.") % {"name": folder})
    if folder is None and settings.sent_copy == APPEND:
        return Check(SENT, True, host.gettext("No folder for sent mail was found, so no copies are kept there."))
    missing = host.gettext("There is no folder “%(name)s”.") % {"name": folder}
    what = missing if folder else host.gettext("No folder for sent mail was found.")
    text = host.gettext("Name one of: %(names)s; or choose to keep no copies.") % {
        "names": ", ".join(names[:MOST_NAMES])
    }
    return Check(SENT, False, f"{what} {text}")


def _outgoing(host: Host, account: Account, settings: MailboxSettings) -> Iterator[Check]:
    try:
        with smtp_connection(host, account, TEST_TIMEOUT_S) as smtp:
            abilities = smtp.check()
            note_largest(host, account, abilities.size_limit)
            yield Check(OUTGOING, True, _accepted(host, settings, abilities.size_limit))
            if settings.return_pattern:
                yield _return_address(host, smtp, settings.return_pattern)
    except ConnectorError as error:
        yield Check(OUTGOING, False, _advice(host, OUTGOING, error, settings, settings.smtp))


def _return_address(host: Host, smtp: SMTPConnection, pattern: str) -> Check:
    """Whether the server lets mail come from such an address; whether mail to it arrives, nobody can try here."""
    address = made_by(pattern, SAMPLE)
    try:
        smtp.try_sender(address)
    except Rejected as error:
        text = host.gettext("The server lets no mail come from %(address)s: %(why)s Choose this mailbox instead.")
        return Check(RETURNS, False, text % {"address": address, "why": error.reason})
    return Check(RETURNS, True, host.gettext("Undeliverable mail comes back to %(address)s.") % {"address": pattern})


def _accepted(host: Host, settings: MailboxSettings, size_limit: int | None) -> str:
    if settings.smtp_auth == NONE:
        text = host.gettext("%(server)s accepts us without a sign-in.")
    else:
        text = host.gettext("%(server)s accepts us as %(name)s.")
    if size_limit:
        text += " " + host.gettext("A mail may have %(size)s MB there.")
    return text % {"server": settings.smtp.host, "name": settings.smtp_username, "size": (size_limit or 0) // 1_000_000}


def _signature(host: Host, account: Account, settings: MailboxSettings) -> Iterator[Check]:
    """Whether receivers can check what is signed here. It is all right as long as the record is not there yet: it can only be made once the
    account's page shows it."""
    key = signing_key(account, settings)
    if key is None:
        return
    try:
        is_there = is_published(key, host.nameserver)
    except ConnectorError as error:
        yield Check(SIGNATURE, True, host.gettext("Nobody could be asked for the key: %(why)s") % {"why": error.reason})
        return
    note_published(host, account.id, key, is_there)
    yield Check(SIGNATURE, is_there is not None, published_text(host, is_there) % {"name": key.record_name})


def _advice(host: Host, half: str, error: ConnectorError, settings: MailboxSettings, server: Endpoint) -> str:
    """What the server or the network said, and what to do about it."""
    return f"{error.reason.rstrip('.')}. {_what_to_do(host, half, error, settings, server)}".strip()


def _what_to_do(host: Host, half: str, error: ConnectorError, settings: MailboxSettings, server: Endpoint) -> str:
    if isinstance(error, AuthExpired):
        return _about_sign_in(host, half, settings)
    if isinstance(error, RateLimited):
        return host.gettext("The server asks us to wait. Try again in a few minutes.")
    if isinstance(error, Rejected):
        return (
            "" if error.step == "login" and not server.host else host.gettext("Ask the provider what it expects here.")
        )
    if "CA_FILE" in error.reason:
        return host.gettext("Correct the path and start again.")
    if error.step == "tls" and "not trusted" in error.reason:
        return host.gettext(
            "Use the name that stands in the certificate. A certificate of your own authority is trusted once "
            "TIDINGS_PLUGIN_MAILBOX_CA_FILE names its file."
        )
    if error.step == "connect" and "was found" in error.reason:
        return host.gettext("Check the spelling of the server's name.")
    text = host.gettext("Check port %(port)s and the encryption chosen for it (%(encryption)s).")
    return f"{text} {host.gettext(_USUAL[half])}" % {"port": server.port, "encryption": _spoken(host, server)}


def _about_sign_in(host: Host, half: str, settings: MailboxSettings) -> str:
    if settings.auth == MICROSOFT.key and half == OUTGOING:
        return host.gettext(
            "An admin of the organisation may have to allow “Authenticated SMTP” for this mailbox: admin.microsoft.com → Users → Mail → "
            "Manage email apps."
        )
    if settings.auth in PROVIDERS:
        return host.gettext("Sign in again.")
    if settings.auth == XOAUTH2:
        return host.gettext("Sign in with the provider again and enter the new refresh token.")
    preset = preset_for_address(settings.address) or preset_for_host(settings.imap.host)
    if preset is None or not preset.hint:
        return host.gettext(
            "Check the user name and the password; some providers want a password made for mail programs."
        )
    return f"{preset.title}: {preset.hint} {preset.help_url}".strip()


def _spoken(host: Host, server: Endpoint) -> str:
    return {"tls": "TLS", "starttls": "STARTTLS"}.get(server.security) or host.gettext("no encryption")
