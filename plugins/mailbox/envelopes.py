"""Who stands as the sender on the envelope, which is where a mail that cannot be delivered goes back to.

Automatic mail has none, so that no machine answers it (RFC 3834 §3.3); other mail may have an address for each recipient. What a server
will not have is remembered, and its mail leaves with the address in From.
"""

from collections.abc import Sequence

from connectors.errors import ConnectorError, RecipientRefusal, Rejected
from connectors.imap_smtp import SMTPConnection, SMTPReceipt
from plugins.mailbox.return_address import made_by
from plugins.mailbox.settings import MailboxSettings
from tidings import Account, Host, OutboundMessage

__all__ = ["forget_envelopes", "hand_over"]

EMPTY, RETURN = "empty", "return"
"""Kinds of senders that a server may refuse."""
_MOST = 50
"""Recipients who get a mail of their own each; lists that are longer would take too long."""


def hand_over(host: Host, account: Account, smtp: SMTPConnection, message: OutboundMessage, raw: bytes) -> SMTPReceipt:
    """Send a mail. Raises `ConnectorError` when nobody got it."""
    settings = MailboxSettings.of(account)
    usual = settings.sends_from(message.sender)
    recipients = list(dict.fromkeys(person.value for person in (*message.to, *message.cc, *message.bcc)))
    if message.is_automatic and not _is_refused(host, account, EMPTY):
        return _with_fallback(host, account, EMPTY, smtp, ("", usual), recipients, raw)
    senders = _return_addresses(settings, message, recipients)
    if message.is_automatic or not senders or _is_refused(host, account, RETURN):
        return smtp.send(usual, recipients, raw)
    return _one_by_one(host, account, smtp, usual, senders, raw)


def forget_envelopes(host: Host, account_id: int) -> None:
    """Drop what is remembered, of an account that is gone or whose settings were changed."""
    host.store.delete(_key(account_id))


def _return_addresses(settings: MailboxSettings, message: OutboundMessage, recipients: Sequence[str]) -> dict[str, str]:
    """Recipient to the address for what comes back from there; empty where that is one address for all."""
    tokens = {address.lower(): token for address, token in message.return_tokens.items()}
    if not settings.return_pattern or len(recipients) > _MOST or any(one.lower() not in tokens for one in recipients):
        return {}
    return {one: made_by(settings.return_pattern, tokens[one.lower()]) for one in recipients}


def _one_by_one(
    host: Host, account: Account, smtp: SMTPConnection, usual: str, senders: dict[str, str], raw: bytes
) -> SMTPReceipt:
    """A mail for each. Once somebody has it, whoever did not get it is told of as refused: all of it again would reach the others twice."""
    accepted: list[str] = []
    refused: dict[str, RecipientRefusal] = {}
    response, failure = "", None
    for recipient, sender in senders.items():
        try:
            receipt = _with_fallback(host, account, RETURN, smtp, (sender, usual), [recipient], raw)
        except ConnectorError as error:
            if not accepted and recipient not in error.recipients:
                raise
            failure = _graver(failure, error)
            refused[recipient] = error.recipients.get(recipient) or RecipientRefusal(0, error.reason, permanent=False)
        else:
            accepted.append(recipient)
            response = receipt.response
    if failure is not None and not accepted:
        failure.recipients.update(refused)
        raise failure
    return SMTPReceipt(tuple(accepted), refused, response)


def _graver(known: ConnectorError | None, error: ConnectorError) -> ConnectorError:
    """What may pass makes the whole of it worth another attempt."""
    return error if known is None or isinstance(known, Rejected) else known


def _with_fallback(
    host: Host,
    account: Account,
    kind: str,
    smtp: SMTPConnection,
    senders: tuple[str, str],
    recipients: Sequence[str],
    raw: bytes,
) -> SMTPReceipt:
    """Send with the first of two senders, with the second where the server refuses the first. Which of a sender and a recipient a server
    minds, it often says only to the recipient (Postfix's smtpd_delay_reject): it is the sender when the other one is taken."""
    wanted, usual = senders
    if _is_refused(host, account, kind):
        return smtp.send(usual, recipients, raw)
    try:
        return smtp.send(wanted, recipients, raw)
    except Rejected as refusal:
        if refusal.step not in ("sender", "recipient"):
            raise
    receipt = smtp.send(usual, recipients, raw)
    if account.id:
        host.store.set(_key(account.id), sorted({*_refused(host, account), kind}))
    return receipt


def _refused(host: Host, account: Account) -> list[str]:
    kinds: list[str] = host.store.get(_key(account.id), [])
    return kinds


def _is_refused(host: Host, account: Account, kind: str) -> bool:
    return kind in _refused(host, account)


def _key(account_id: int) -> str:
    return f"envelope_{account_id}"
