"""The sentences that visitors read, once for the pages and the embed script alike."""

from plugins.webform.posting import Outcome

__all__ = ["NOT_SENT", "REFUSALS", "SCRIPT_TEXTS", "SENT"]

SENT = "Sent"
NOT_SENT = "Not sent yet"

REFUSALS = {
    Outcome.INVALID: "Your message was not sent yet. Please look at the marked fields.",
    Outcome.STALE: "This page was open for a long time, so your message was not sent yet. Your text is still here: "
    "please send it again.",
    Outcome.TOO_MANY: "Your message was not sent: too many messages came from your connection within an hour. "
    "Your text is still here; please try again later.",
    Outcome.TOO_LARGE: "Your message was not sent: it is larger than this form can take. Please go back, remove files or text "
    "and send it again.",
    Outcome.CLOSED: "This form is closed at the moment, so your message was not sent.",
}
"""Why a post was not taken; each says plainly that nothing was sent."""

SCRIPT_TEXTS = {
    "send": "Send",
    "sending": "Sending…",
    "optional": "optional",
    "again": "Write another message",
    "now": "Try now",
    "edit": "Change the text",
    "away": "Your message is not sent yet: the server cannot be reached. Your text is kept here, and sending is tried "
    "again in {n} s.",
    "unreachable": "The form cannot be reached at the moment. Trying again in {n} s.",
    "required": "Please fill in this field.",
    "large": "The files are too large or too many.",
    "kept": "This is what you wrote before; it was not sent yet.",
}
"""What the embed script says by itself."""
