"""The boxes that the filter adds to pages: why a message is held to be spam, and how the filter does."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import case, func, select, true

from plugins.spamfilter.scoring import LEAST_LESSONS
from plugins.spamfilter.tables import ALL, MARK, SEEN
from tidings import ConversationSummary, Host, Panel, Viewer, translatable

__all__ = ["conversation_panels", "dashboard_panels"]

_WEEK = timedelta(days=7)

_LESSONS = {
    "spam": translatable("It taught the filter what spam is."),
    "ham": translatable("It taught the filter what is no spam."),
}
_SAID = {
    "word": translatable("the word “%(value)s”"),
    "subject": translatable("“%(value)s” in the subject"),
    "from": translatable("mail from %(value)s"),
    "domain": translatable("mail from %(value)s"),
    "name": translatable("“%(value)s” in the sender's name"),
    "reply": translatable("answers that go to %(value)s"),
    "site": translatable("a link to %(value)s"),
    "path": translatable("a link with “%(value)s” in it"),
    "file": translatable("a file of the kind %(value)s"),
}
"""How the kinds of marks are said. A warning is among the rules' findings, too, and is said there."""


def conversation_panels(host: Host, conversation: ConversationSummary) -> Sequence[Panel]:
    """What was thought of the message that opened a conversation, where it is in Spam, was nearly put there, or taught something."""
    statement = (
        select(SEEN.c.verdict, SEEN.c.score, SEEN.c.reasons, SEEN.c.lesson)
        .where(SEEN.c.conversation_id == conversation.id)
        .order_by(SEEN.c.message_id)
        .limit(1)
    )
    with host.tables.connect() as connection:
        seen = connection.execute(statement).first()
    if seen is None or (seen.verdict == "fine" and not seen.lesson and conversation.status != "spam"):
        return []
    rows = [
        (host.gettext("Score when it came"), f"{seen.score} %"),
        (host.gettext("Speaks for spam"), _said(host, seen.reasons, is_spam=True)),
        (host.gettext("Speaks against it"), _said(host, seen.reasons, is_spam=False)),
        (host.gettext("Learnt"), host.gettext(_LESSONS[seen.lesson]) if seen.lesson else ""),
    ]
    return [Panel("Spam filter", rows=tuple(row for row in rows if row[1]), order=90)]


def dashboard_panels(host: Host, viewer: Viewer) -> Sequence[Panel]:
    """For those who look after the house, once there is something to tell: what the filter was taught, and what it did this week."""
    if viewer.role not in ("manager", "admin"):
        return []
    lately = SEEN.c.at >= host.now() - _WEEK
    caught = func.count(case((lately & (SEEN.c.verdict == "spam"), 1)))
    wrong = func.count(case((lately & (SEEN.c.verdict == "spam") & (SEEN.c.lesson == "ham"), 1)))
    missed = func.count(case((lately & SEEN.c.verdict.in_(["fine", "unsure"]) & (SEEN.c.lesson == "spam"), 1)))
    taught = select(MARK.c.spam, MARK.c.ham).where(MARK.c.mark == ALL).subquery()
    week = select(caught.label("caught"), wrong.label("wrong"), missed.label("missed")).where(lately).subquery()
    with host.tables.connect() as connection:
        figures = tuple(map(int, connection.execute(select(taught, week).select_from(taught.join(week, true()))).one()))
    return [Panel("Spam filter", rows=_figures(host, *figures), order=65)] if any(figures) else []


def _figures(host: Host, spam: int, ham: int, caught: int, wrong: int, missed: int) -> tuple[tuple[str, str], ...]:
    rows = [
        (host.gettext("Learnt from"), host.gettext("%(spam)s spam, %(other)s other") % {"spam": spam, "other": ham}),
        (host.gettext("Put into Spam this week"), str(caught)),
        (host.gettext("Of these taken back"), str(wrong)),
        (host.gettext("Missed this week"), str(missed)),
    ]
    if min(spam, ham) < LEAST_LESSONS:
        sentence = host.gettext("It goes by rules alone until it has seen %(count)s of each.")
        rows.append((host.gettext("Still learning"), sentence % {"count": LEAST_LESSONS}))
    return tuple(rows)


def _said(host: Host, reasons: Mapping[str, Any], *, is_spam: bool) -> str:
    """What speaks for spam, or against it, in the language of the reader."""
    found = [host.gettext(reason) for weight, reason in reasons.get("found", ()) if (weight > 0) is is_spam]
    marks = [mark.split(" ", 1) for speaks_for, mark in reasons.get("marks", ()) if speaks_for is is_spam]
    said = [host.gettext(_SAID[kind]) % {"value": value} for kind, value in marks if kind in _SAID]
    return "; ".join(dict.fromkeys([*found, *said]))
