"""What becomes of a message of a form on its way into the inbox: everything that speaks against it is weighed in one place.

Words and signals of the message itself, the same text from others, and whether its address waits to be confirmed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from plugins.webform.checking.marks import is_test
from plugins.webform.form_settings import FormSettings
from plugins.webform.guarding import pressure
from plugins.webform.guarding.duplicates import count_alike
from plugins.webform.guarding.signals import SIGNALS, SIGNALS_FIELD, weight_of
from plugins.webform.guarding.spam import Finding, SpamRules, findings_in, is_enough
from plugins.webform.guarding.verification import NOT_CONFIRMED
from tidings import Account, Host, InboundMessage, translatable

__all__ = ["SPAM_REASON", "filter_message", "waits_for_confirmation"]

SPAM_REASON = translatable("Why in Spam")
_ALIKE = translatable("the same text from several addresses")
_ALIKE_WEIGHTS = (0.0, 0.5, 1.0)
"""Of no other sender, of one, of two and more."""


def filter_message(host: Host, message: InboundMessage, account: Account) -> InboundMessage:
    """The message as it is stored. What is suspicious goes to Spam with its reasons; so does what waits for its address to be confirmed.

    The rules hold for tests of a form too, so that admins see what they would do to visitors; but a test is no sign of an attack, and its
    address needs no confirmation.
    """
    signals = message.fields.get(SIGNALS_FIELD, "").split()
    bare = replace(message, fields={label: text for label, text in message.fields.items() if label != SIGNALS_FIELD})
    is_tested = is_test(message.external_id)
    findings = [
        *_signal_findings(signals),
        *findings_in(bare, SpamRules.from_settings(host.settings)),
        *(() if is_tested else _alike(host, bare)),
    ]
    if message.is_spam or is_enough(findings):
        if not is_tested:
            pressure.note_suspicious(host)
        return _spam(bare, [one.reason for one in sorted(findings, key=lambda one: -one.weight)], may_answer=False)
    if FormSettings.from_settings(account.settings).verifies_email and bare.sender.value and not is_tested:
        return _spam(bare, [NOT_CONFIRMED], may_answer=True)
    return bare


def waits_for_confirmation(fields: Mapping[str, str]) -> bool:
    """Whether a message is in Spam for nothing but an address that is not confirmed yet."""
    return fields.get(SPAM_REASON) == NOT_CONFIRMED


def _signal_findings(signals: Sequence[str]) -> list[Finding]:
    return [Finding(weight_of([name]), reason) for name, reason in zip(signals, map(_reason, signals), strict=True)]


def _reason(name: str) -> str:
    return SIGNALS[name].sentence if name in SIGNALS else name


def _alike(host: Host, message: InboundMessage) -> list[Finding]:
    others = count_alike(host, message.external_id, message.sender.value, message.text)
    weight = _ALIKE_WEIGHTS[min(others, len(_ALIKE_WEIGHTS) - 1)]
    return [Finding(weight, _ALIKE)] if weight else []


def _spam(message: InboundMessage, reasons: Sequence[str], *, may_answer: bool) -> InboundMessage:
    known = message.fields.get(SPAM_REASON, "").split("; ")
    why = "; ".join(dict.fromkeys(filter(None, [*known, *reasons])))
    fields = {**message.fields, **({SPAM_REASON: why} if why else {})}
    return replace(message, is_spam=True, accepts_auto_reply=may_answer and message.accepts_auto_reply, fields=fields)
