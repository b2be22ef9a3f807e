"""The steps of a test, how each of them may end, and what is said about it. Pure.

What is stored of a step is its state, the name of a sentence and the values in it; it is said in the language of whoever looks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tidings import translatable

__all__ = [
    "NIGHTLY_STEPS",
    "PRESSED_STEPS",
    "SENTENCES",
    "TITLES",
    "CheckState",
    "Kind",
    "Step",
    "StepResult",
    "StepState",
    "say_step",
    "state_of",
]


class Kind(StrEnum):
    """Who began a test: an admin by a button, or the job of the night."""

    PRESSED = "pressed"
    NIGHTLY = "nightly"


class Step(StrEnum):
    """The way of a message, in its order."""

    PAGE = "page"
    POST = "post"
    JOURNAL = "journal"
    INBOX = "inbox"
    MAIL = "mail"
    SENT = "sent"
    MAILBOX = "mailbox"


class StepState(StrEnum):
    WAITING = "waiting"
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


class CheckState(StrEnum):
    """UNSURE: nothing went wrong, but the test could not go the whole way."""

    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    UNSURE = "unsure"


PRESSED_STEPS = (Step.PAGE, Step.POST, Step.JOURNAL, Step.INBOX, Step.MAIL, Step.SENT)
NIGHTLY_STEPS = (Step.PAGE, Step.POST, Step.JOURNAL, Step.INBOX, Step.MAILBOX)

TITLES = {
    Step.PAGE: translatable("The page shows the form"),
    Step.POST: translatable("A message is taken"),
    Step.JOURNAL: translatable("It is stored"),
    Step.INBOX: translatable("It is in the inbox"),
    Step.MAIL: translatable("The confirmation is written"),
    Step.SENT: translatable("The mail server takes it"),
    Step.MAILBOX: translatable("A mailbox could answer"),
}

SENTENCES = {
    "page_ok": translatable("All its fields are there."),
    "page_closed": translatable("The form is closed. Resume its account to open it again."),
    "page_missing": translatable("There is no form at its address. See whether its account was removed."),
    "page_status": translatable("The page answers with an error (%(status)s). The log of the server says why."),
    "page_lacks": translatable("The page lacks the field “%(field)s”. Publish the form again."),
    "page_token": translatable("The page carries no valid token, so that nobody could send. Load the page and look at it."),
    "unreachable": translatable("Nobody answers at the form's address: %(reason)s See whether the web server runs."),
    "post_ok": translatable("Filled in and sent as a visitor would."),
    "post_refused": translatable("The form refused it: %(reason)s"),
    "post_status": translatable("Sending ended in an error (%(status)s). The log of the server says why."),
    "no_example": translatable(
        "The test cannot guess what to type into “%(field)s”. Write an example into its placeholder: the test types that."
    ),
    "journal_ok": translatable("From here on it cannot be lost."),
    "journal_lost": translatable("It was taken but is not in the database. The log of the server says why."),
    "inbox_waits": translatable(
        "The worker brings it there, within a second as a rule. If it stays so, see whether the worker runs."
    ),
    "inbox_ok": translatable("Conversation %(number)s holds all tests of this form."),
    "inbox_spam": translatable("It went to Spam: %(reason)s. Look at your rules about spam, then test again."),
    "inbox_never": translatable("It did not come within half an hour. See whether the worker runs, and look under Undelivered."),
    "mail_ok": translatable("To %(address)s, as visitors get it."),
    "mail_off": translatable("This form sends no confirmation."),
    "mail_nowhere": translatable("This form asks for no e-mail address, so that nobody gets a confirmation."),
    "mail_nobody": translatable("There is no mailbox that could send it. Connect one under Accounts."),
    "mail_refused": translatable(
        "Nothing may be sent to %(address)s by itself: it is one of your own mailboxes, or a robot's. Test with another agent's address."
    ),
    "sent_waits": translatable("It waits for the mail server, a few seconds as a rule."),
    "sent_ok": translatable("Look into the mailbox of %(address)s."),
    "sent_failed": translatable("The mail server refused it: %(reason)s"),
    "sent_never": translatable("The mail server has not taken it within half an hour. Look at the health of the mailbox under Accounts."),
    "mailbox_ok": translatable("Answers would leave through %(name)s. At night no mail is sent."),
    "mailbox_gone": translatable("The mailbox that was chosen for answers is gone. Choose another one in the settings of the form."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step ended, or that it has not. `sentence` is a name of SENTENCES or empty, `data` fills its places."""

    state: StepState = StepState.WAITING
    sentence: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


def say_step(result: StepResult, gettext: Callable[[str], str]) -> str:
    """What the step says, in the language of `gettext`."""
    if result.sentence not in SENTENCES:
        return ""
    data = {name: str(value) for name, value in result.data.items()}
    if result.sentence == "inbox_spam":
        data["reason"] = "; ".join(map(gettext, data["reason"].split("; ")))
    return gettext(SENTENCES[result.sentence]) % data


def state_of(steps: Mapping[Step, StepResult]) -> CheckState:
    """What the steps come to together."""
    states = {result.state for result in steps.values()}
    if StepState.FAILED in states:
        return CheckState.FAILED
    if any(result.sentence == "no_example" for result in steps.values()):
        return CheckState.UNSURE
    return CheckState.RUNNING if StepState.WAITING in states else CheckState.PASSED
