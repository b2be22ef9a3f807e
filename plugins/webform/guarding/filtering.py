"""What becomes of a message of a form on its way into the inbox: everything that speaks against it is weighed in one place.

Words and signals of the message itself, the same text from others, sites that spam was sent for, and whether its address waits to be
confirmed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from plugins.webform.checking.marks import is_test
from plugins.webform.form_settings import FormSettings
from plugins.webform.guarding import pressure
from plugins.webform.guarding.duplicates import count_alike, count_site, remember_sites
from plugins.webform.guarding.links import CODE, foreign_links, sites_of
from plugins.webform.guarding.signals import SIGNALS, SIGNALS_FIELD, weight_of
from plugins.webform.guarding.spam import Finding, SpamRules, findings_in, is_enough
from plugins.webform.guarding.verification import NOT_CONFIRMED
from tidings import SPAM_REASON, Account, Host, InboundMessage, translatable

__all__ = ["filter_message", "waits_for_confirmation"]

_ALIKE = translatable("the same text from several people")
_ALIKE_WEIGHTS = (0.0, 0.25, 1.0)
"""Of nobody else, of one other person, of two and more."""
_KNOWN_SITE = translatable("a site that spam was sent for")
_KNOWN_SITE_WEIGHT = 0.4
_SUSPECT = 0.4
"""From this weight of what it says on a shorter text is compared, too; a link alone is less, and how it was sent does not count: people
without JavaScript are no suspects."""


def filter_message(host: Host, message: InboundMessage, account: Account) -> InboundMessage:
    """The message as it is stored. What is suspicious goes to Spam with its reasons; so does what waits for its address to be confirmed.

    The rules hold for tests of a form too, so that admins see what they would do to visitors; but a test is compared with nothing, is no
    sign of an attack, and its address needs no confirmation.
    """
    signals = message.fields.get(SIGNALS_FIELD, "").split()
    bare = replace(message, fields={label: text for label, text in message.fields.items() if label != SIGNALS_FIELD})
    said = findings_in(bare, SpamRules.from_settings(host.settings))
    findings = [*map(_finding_of, signals), *said]
    if is_test(message.external_id):
        return _spam(bare, _reasons(findings), may_answer=False) if is_enough(findings) else bare
    sites = sites_of(foreign_links(bare, CODE.sub("", bare.text)))
    findings += _compared(host, bare, sites, is_suspect=sum(one.weight for one in said) >= _SUSPECT)
    if message.is_spam or is_enough(findings):
        _remember(host, bare, sites)
        return _spam(bare, _reasons(findings), may_answer=False)
    if FormSettings.from_settings(account.settings).verifies_email and "@" in bare.sender.value:
        return _spam(bare, [NOT_CONFIRMED], may_answer=True)
    return bare


def waits_for_confirmation(fields: Mapping[str, str]) -> bool:
    """Whether a message is in Spam for nothing but an address that is not confirmed yet."""
    return fields.get(SPAM_REASON) == NOT_CONFIRMED


def _finding_of(signal: str) -> Finding:
    return Finding(weight_of([signal]), SIGNALS[signal].sentence if signal in SIGNALS else signal)


def _reasons(findings: Sequence[Finding]) -> list[str]:
    """What speaks against it, the heaviest first."""
    against = [one for one in findings if one.weight > 0]
    return [one.reason for one in sorted(against, key=lambda one: -one.weight)]


def _compared(host: Host, message: InboundMessage, sites: frozenset[str], *, is_suspect: bool) -> list[Finding]:
    """What is found by looking at what others sent lately."""
    sender, text = message.sender, CODE.sub("", message.text)
    others = count_alike(host, message.external_id, sender.value, sender.name, text, is_suspect=is_suspect)
    weight = _ALIKE_WEIGHTS[min(others, len(_ALIKE_WEIGHTS) - 1)]
    found = [Finding(weight, _ALIKE)] if weight else []
    if count_site(host, sender.value, sender.name, sites) >= 2:
        found.append(Finding(_KNOWN_SITE_WEIGHT, _KNOWN_SITE))
    return found


def _remember(host: Host, message: InboundMessage, sites: frozenset[str]) -> None:
    """Count it, and what it was sent for."""
    pressure.note_suspicious(host)
    if sites:
        remember_sites(host, message.external_id, message.sender.value, message.sender.name, sites)


def _spam(message: InboundMessage, reasons: Sequence[str], *, may_answer: bool) -> InboundMessage:
    known = message.fields.get(SPAM_REASON, "").split("; ")
    why = "; ".join(dict.fromkeys(filter(None, [*known, *reasons])))
    fields = {**message.fields, **({SPAM_REASON: why} if why else {})}
    return replace(message, is_spam=True, accepts_auto_reply=may_answer and message.accepts_auto_reply, fields=fields)
