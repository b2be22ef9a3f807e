"""Before somebody answers a person for the first time in a conversation that was answered before, they are told so."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext

from app.domain.addresses import mailbox_of
from app.domain.newcomers import Letter, newcomers
from app.plugin_api.channel import MAIL
from app.plugin_api.messages import Participant
from app.queries.conversation_page import IdentityFacts
from app.queries.correspondence import Passed

__all__ = ["who_is_new"]

_MOST_TOLD = 3


def who_is_new(
    people: Sequence[Participant], passed: Sequence[Passed], identities: Sequence[IdentityFacts]
) -> tuple[str, ...]:
    """A sentence for each of the people whom an answer would reach and none did before. Nothing is said of channels other than mail, whose
    addresses tell a reader nothing."""
    by_mailbox = {mailbox_of(one.kind, one.value): one.value for one in people if one.kind == MAIL}
    familiar = {mailbox_of(one.kind, one.value) for one in identities}
    new = newcomers(by_mailbox, [_letter(one) for one in passed], familiar)[:_MOST_TOLD]
    answered = ", ".join(_last_answered(passed)[:_MOST_TOLD]) if new else ""
    return tuple(_sentence(by_mailbox[one], answered) for one in new) if answered else ()


def _sentence(new: str, known: str) -> str:
    return gettext("%(new)s is new in this conversation: earlier answers went to %(known)s.", new=new, known=known)


def _letter(passed: Passed) -> Letter:
    people = frozenset(mailbox_of(one["kind"], one["value"]) for one in _people(passed.recipients))
    return Letter(passed.is_ours, mailbox_of(passed.sender_kind, passed.sender_value), people)


def _last_answered(passed: Sequence[Passed]) -> list[str]:
    answers = (one for one in reversed(passed) if one.is_ours)
    return next(([p["value"] for p in _people(one.recipients)] for one in answers), [])


def _people(recipients: Mapping[str, Any] | None) -> list[Mapping[str, str]]:
    """All whom a message names, whatever for."""
    return [
        one for key in ("to", "cc", "bcc", "reply_to") for one in (recipients or {}).get(key, ()) if one.get("value")
    ]
