"""The connection test: signing in, reading, labels, the address to send as, and pushes, each with what to do about it."""

from collections.abc import Iterator

from connectors.errors import AuthExpired, Rejected
from connectors.gmail import GmailClient
from plugins.gmail.access import REFRESH_TOKEN
from plugins.gmail.application import Application
from plugins.gmail.known_labels import KnownLabels
from plugins.gmail.mailbox import Mailbox, open_mailbox
from plugins.gmail.settings import OAUTH, GmailSettings
from tidings import Account, ChannelError, Check, ConnectionReport, Host, NeedsReauth, translatable

__all__ = ["connection_report"]

SIGN_IN, LABELS, SENDING, PUSHES = (
    translatable("Sign-in"),
    translatable("Labels"),
    translatable("Sending"),
    translatable("Pushes"),
)


def connection_report(host: Host, account: Account) -> ConnectionReport:
    """Try each thing the mailbox needs. One that nobody has signed in to yet is right so far."""
    settings = GmailSettings.of(account)
    if settings.sign_in == OAUTH and not account.secret(REFRESH_TOKEN):
        return ConnectionReport((_not_signed_in(host, account),), needs_sign_in=not account.id)
    checks: list[Check] = []
    try:
        with open_mailbox(host, account) as mailbox:
            checks.extend(_checks(host, mailbox, settings))
    except ChannelError as error:
        checks.append(Check(SIGN_IN, False, _advice(host, error, settings)))
    return ConnectionReport((*checks, *_pushes(host, settings)))


def _not_signed_in(host: Host, account: Account) -> Check:
    return Check(SIGN_IN, not account.id, host.gettext("Nobody has signed in to this mailbox yet."))


def _checks(host: Host, mailbox: Mailbox, settings: GmailSettings) -> Iterator[Check]:
    profile = mailbox.ask(GmailClient.profile)
    found = profile.email_address.lower()
    if found != settings.address:
        text = host.gettext("Google opens the mailbox %(found)s instead of %(wanted)s. Sign in with the right account.")
        yield Check(SIGN_IN, False, text % {"found": found, "wanted": settings.address})
        return
    text = host.ngettext("%(address)s, %(num)s message", "%(address)s, %(num)s messages", profile.messages_total)
    yield Check(SIGN_IN, True, text % {"address": found, "num": profile.messages_total})
    yield _labels(host, mailbox, settings)
    yield _sending(host, mailbox, settings)


def _labels(host: Host, mailbox: Mailbox, settings: GmailSettings) -> Check:
    missing = KnownLabels(mailbox).missing(settings.labels)
    if not missing:
        return Check(LABELS, True, ", ".join(settings.labels))
    text = host.gettext("There is no label “%(name)s”. Correct its name, or make it in Gmail.")
    return Check(LABELS, False, text % {"name": missing[0]})


def _sending(host: Host, mailbox: Mailbox, settings: GmailSettings) -> Check:
    """An alias must be one that Gmail has verified; else it would put the mailbox's own address into From. All of them are named, to
    choose from."""
    try:
        verified = [one.email_address.lower() for one in mailbox.ask(GmailClient.send_as) if one.is_verified]
    except (Rejected, AuthExpired) as error:
        text = host.gettext("Gmail does not tell which addresses may be used: %(reason)s")
        return Check(SENDING, True, text % {"reason": error.reason})
    known = ", ".join(verified) or settings.address
    if settings.send_as in ("", *verified):
        text = host.gettext("As %(address)s. Gmail lets this mailbox use: %(known)s.")
        return Check(SENDING, True, text % {"address": settings.sender, "known": known})
    text = host.gettext("Gmail does not let this mailbox send as %(address)s. It may use: %(known)s.")
    return Check(SENDING, False, text % {"address": settings.send_as, "known": known})


def _pushes(host: Host, settings: GmailSettings) -> Iterator[Check]:
    """Without pushes nothing is wrong: the mailbox is asked every minute."""
    application = Application.of(host)
    if not settings.is_pushed or not application.topic:
        yield Check(PUSHES, True, host.gettext("Off: Gmail is asked for news every minute."))
    elif not application.push_sender:
        yield Check(
            PUSHES, False, host.gettext("Enter the service account that signs pushes in the settings of the plugin.")
        )
    else:
        yield Check(PUSHES, True, application.topic)


def _advice(host: Host, error: ChannelError, settings: GmailSettings) -> str:
    """What Google said, and what to do about it."""
    said = str(error).rstrip(".") + "."
    if not isinstance(error, NeedsReauth):
        return said
    if settings.sign_in == OAUTH:
        again = host.gettext("Sign in again.")
        return f"{said} {again}"
    what = host.gettext(
        "Check that the address exists, and that an admin of the domain has allowed the service account the scope %(scope)s."
    )
    return f"{said} {what % {'scope': 'https://www.googleapis.com/auth/gmail.modify'}}"
