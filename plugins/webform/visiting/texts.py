"""The sentences that visitors read, once for the pages and the embed script alike. `host.gettext` says them in their language."""

from plugins.webform.visiting.outcomes import Outcome
from tidings import translatable

__all__ = [
    "CLOSED_TO_SITE",
    "NOT_SENT",
    "NO_FORM",
    "NO_PLAIN_POSTS",
    "PARTIAL_TEXTS",
    "REFUSALS",
    "SCRIPT_TEXTS",
    "SENT",
]

SENT = translatable("Sent")
NOT_SENT = translatable("Not sent yet")
NO_FORM = translatable("There is no form at this address.")
CLOSED_TO_SITE = translatable("This site is not on the form's list of allowed sites.")
NO_PLAIN_POSTS = translatable("This form takes messages from its own page only.")

REFUSALS = {
    Outcome.INVALID: translatable("Your message was not sent yet. Please look at the marked fields."),
    Outcome.STALE: translatable(
        "This page was open for a long time, so your message was not sent yet. Your text is still here: "
        "please send it again."
    ),
    Outcome.UNPROVEN: translatable(
        "Your message was not sent yet, because many machines write to this form at the moment. Your text is still here: "
        "please send it once more."
    ),
    Outcome.TOO_MANY: translatable(
        "Your message was not sent: too many messages came from your connection within an hour. "
        "Your text is still here; please try again later."
    ),
    Outcome.TOO_LARGE: translatable(
        "Your message was not sent: it is larger than this form can take. Please go back, remove files or text "
        "and send it again."
    ),
    Outcome.CLOSED: translatable("This form is closed at the moment, so your message was not sent."),
}
"""Why a post was not taken; each says plainly that nothing was sent."""

PARTIAL_TEXTS = {
    "marked": translatable("Fields with * must be filled in."),
    "fill": translatable("Please fill in this field."),
    "pick": translatable("Please choose an answer."),
    "tick": translatable("Please tick this box; the form needs it."),
    "most": translatable("At most {n} characters"),
    "stars": translatable("{n} of {count}"),
    "lost_files": translatable("Browsers forget chosen files: please choose them again."),
    "choose": translatable("Please choose"),
    "step": translatable("Step {n} of {count}"),
    "back": translatable("Back"),
    "next": translatable("Continue"),
    "again": translatable("Write another message"),
    "go_on": translatable("Go on"),
}
"""What the partial says beside the form's own words; `FormView.texts` has these names. "{n}" and "{count}" are filled in where shown."""

SCRIPT_TEXTS = {
    "sending": translatable("Sending…"),
    "again": translatable("Write another message"),
    "now": translatable("Try now"),
    "edit": translatable("Change the text"),
    "away": translatable(
        "Your message is not sent yet: the server cannot be reached. Your text is kept here, and sending is tried "
        "again in {n} s."
    ),
    "marked": REFUSALS[Outcome.INVALID],
    "kept": translatable("This is what you wrote before; it was not sent yet."),
    "close": translatable("Close"),
    "remove": translatable("Remove {name}"),
    "appeared": translatable("Also asked now: {fields}"),
    "left": translatable("{n} characters left"),
    "over": translatable("{n} characters too many"),
    "large": translatable("The files are too large or too many."),
    "few": translatable("Please choose at least {n}."),
    "many": translatable("Please choose at most {n}."),
    "typeMismatch": translatable("Please check the e-mail address; it should look like name@example.com."),
    "badInput": translatable("Please check this: it cannot be read."),
    "patternMismatch": translatable("Please check this: it does not look as expected."),
    "tooShort": translatable("Please write at least {n} characters."),
    "tooLong": translatable("Please write at most {n} characters."),
    "rangeUnderflow": translatable("Please choose {n} or more."),
    "rangeOverflow": translatable("Please choose {n} or less."),
    "minDay": translatable("Please choose {n} or a later day."),
    "maxDay": translatable("Please choose {n} or an earlier day."),
}
"""What form.js says by itself; it finds them in `FormView.facts`. Names of `ValidityState` are what browsers call a mistake;
`minDay` and `maxDay` are said of dates."""
