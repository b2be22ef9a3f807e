"""What tells a test from a visitor's message: the nonce of its token, which only we can sign. Pure.

It stays in the submission and in the id of its message, so that everything behind the form knows a test without asking anybody.
"""

import json
from datetime import datetime

from tidings import ConversationUpdate, RawEvent, UnrecognisedPayload

__all__ = [
    "CONTENT_TYPE",
    "TAG",
    "TEST_IDS",
    "THREAD",
    "done_event",
    "is_test",
    "new_nonce",
    "nonce_of",
    "translate_done",
]

TAG = "form test"
THREAD = "form-test"
"""The thread key of all tests of a form, so that they share one conversation."""
CONTENT_TYPE = "application/x-tidings-form-test+json"

_PREFIX = "test-"
_ID = "form."
TEST_IDS = _ID + _PREFIX
"""What the external id of a test's message begins with."""


def new_nonce(random: str) -> str:
    """The nonce of a test; `random` makes it unique."""
    return _PREFIX + random


def is_test(nonce_or_id: str) -> bool:
    """Whether a nonce, or the external id of a message, is that of a test."""
    return nonce_or_id.removeprefix(_ID).startswith(_PREFIX)


def nonce_of(external_id: str) -> str:
    """The nonce in the external id of a test's message, or an empty text when it is no test."""
    return external_id.removeprefix(_ID).partition(".")[0] if is_test(external_id) else ""


# ------------------------------------------------------------------------------------------ the end ----
def done_event(nonce: str, at: datetime) -> RawEvent:
    """For the journal: this test is over, so that its conversation waits for nobody."""
    body = json.dumps({"over": nonce, "at": at.isoformat()}).encode()
    return RawEvent(body, source_key=f"over:{nonce}", content_type=CONTENT_TYPE)


def translate_done(event: RawEvent) -> ConversationUpdate:
    """Resolves the conversation of the tests. Raises `UnrecognisedPayload`."""
    try:
        at = datetime.fromisoformat(json.loads(event.payload)["at"])
        if at.utcoffset() is None:
            raise ValueError("a moment without a time zone")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnrecognisedPayload(f"not the end of a test ({type(error).__name__})") from error
    return ConversationUpdate(at=at, thread_key=THREAD, status="resolved")
