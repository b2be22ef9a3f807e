"""Telling all admins what they did not ask about: a plugin was quarantined, an account waits to be signed in again.

A notice has a subject ("plugin:weather:quarantined"). Telling of the same subject again counts the open notice instead of adding one;
`over` closes it when its cause is gone. The pages show open notices at once, `app.services.notice_mail` mails them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, select, update

from app import languages
from app.domain.roles import Permission
from app.domain.text import clean_line
from app.errors import NotFound
from app.models import Notice
from app.redaction import masked
from app.services.audit import audit
from app.services.core import Actor, Core, Unit, require, writing
from app.services.counting import upsert

__all__ = ["LEVELS", "dismiss", "notice_text", "over", "over_below", "tell", "tell_now"]

LEVELS = ("info", "warning", "error")
"""How urgent a notice may be, the most urgent last."""
MAIL_EVERY = timedelta(days=1)
"""At most this often a subject is mailed, and for so long it stays silent after somebody dismissed it."""


def tell(
    unit: Unit,
    *,
    subject: str,
    text: str,
    data: Mapping[str, Any] | None = None,
    path: str = "",
    level: str = "warning",
    mail_in: timedelta = timedelta(),
    is_mailed: bool = True,
) -> int | None:
    """Tell all admins, in the caller's transaction; gives the notice's id. It is mailed if it is still open after `mail_in`, unless it
    is only for the pages (`is_mailed` False).

    `text` is one English sentence marked `translatable`, with `%(name)s` places that `data` (JSON values) fills when it is shown; `path`
    leads to where something can be done about it. An open notice of the same subject is counted and takes over the newest words. The
    same words that somebody dismissed within the last day stay dismissed (None), so that processes may tell again at each start.
    """
    if level not in LEVELS:
        raise ValueError(f"a notice is one of {', '.join(LEVELS)}, not {level!r}")
    subject = subject[:160]
    words = {"level": level, "text": text[:500], "data": _short(data or {}), "path": path[:200]}
    if _is_dismissed(unit, subject, words):
        return None
    last_mailed = _last_mailed(unit, subject)
    due = unit.now + mail_in
    mail: dict[str, Any] = {"mail_state": "none", "mail_due_at": None}
    if is_mailed:
        mail = {"mail_state": "queued", "mail_due_at": max(due, last_mailed + MAIL_EVERY) if last_mailed else due}
    notice_id = _add(unit, {"subject": subject, **words, **mail})
    if notice_id is None:
        notice_id = _count(unit, subject, words, mail)
    unit.changed("notices")
    return notice_id


def over(unit: Unit, subject: str) -> None:
    """What an open notice told of is over: close it. Nothing happens when there is none."""
    _close(unit, Notice.subject == subject[:160])


def over_below(unit: Unit, prefix: str) -> None:
    """Close every open notice whose subject starts so: "plugin:weather:" once that plugin is gone."""
    _close(unit, Notice.subject.startswith(prefix, autoescape=True))


def tell_now(
    core: Core,
    *,
    subject: str,
    text: str,
    data: Mapping[str, Any] | None = None,
    path: str = "",
    level: str = "warning",
) -> None:
    """`tell` in a transaction of its own, for callers that have none."""
    with writing(core) as unit:
        tell(unit, subject=subject, text=text, data=data, path=path, level=level)


def dismiss(core: Core, actor: Actor, notice_id: int) -> None:
    """Close a notice although its cause may last. Nothing happens when it is closed. Raises `NotFound` or `NotAllowed`."""
    require(actor, Permission.NOTICES)
    with writing(core) as unit:
        notice = unit.session.get(Notice, notice_id, with_for_update=True)
        if notice is None:
            raise NotFound("There is no such notice.")
        if notice.closed_at is None:
            notice.closed_at, notice.closed_by = unit.now, actor.name[:120]
            audit(unit, actor, "notice.dismissed", notice.subject)
            unit.changed("notices")


def notice_text(words: str, data: Mapping[str, Any], language: str = "") -> str:
    """The sentence of a notice in a language, its places filled; in English as it was told when a translation does not fit. What `data`
    calls a `term` is a word of ours or of a plugin's, and is translated too."""
    spoken = {**data, "term": languages.gettext(str(data["term"]), language)} if "term" in data else data
    for sentence in (languages.gettext(words, language), words):
        try:
            return sentence % spoken
        except (KeyError, ValueError, TypeError):
            continue
    return words


def _add(unit: Unit, values: Mapping[str, Any]) -> int | None:
    """A new notice, or None when one of the subject is open; two processes that tell at once do not add two."""
    statement = (
        upsert(unit.connection)(Notice.__table__)
        .values(times=1, created_at=unit.now, seen_at=unit.now, closed_by="", mail_attempts=0, mail_error="", **values)
        .on_conflict_do_nothing(index_elements=["subject"], index_where=Notice.__table__.c.closed_at.is_(None))
        .returning(Notice.__table__.c.id)
    )
    return unit.connection.execute(statement).scalar()


def _count(unit: Unit, subject: str, words: Mapping[str, Any], mail: Mapping[str, Any]) -> int:
    statement = select(Notice).where(Notice.subject == subject, Notice.closed_at.is_(None)).with_for_update()
    notice = unit.session.execute(statement.execution_options(populate_existing=True)).scalar_one()
    notice.times, notice.seen_at = notice.times + 1, unit.now
    changes = dict(words)
    if notice.mail_state != "queued":
        changes.update(mail, mail_attempts=0, mail_error="")
    for name, value in changes.items():
        setattr(notice, name, value)
    return notice.id


def _close(unit: Unit, which: ColumnElement[bool]) -> None:
    """Close what is open. What was dismissed counts as over too: if it comes again, it is told again."""
    if _change(unit, which & Notice.closed_at.is_(None), closed_at=unit.now):
        unit.changed("notices")
    _change(unit, which & (Notice.closed_by != "") & (Notice.closed_at > unit.now - MAIL_EVERY), closed_by="")


def _change(unit: Unit, which: ColumnElement[bool], **values: Any) -> int:
    return cast("CursorResult[Any]", unit.session.execute(update(Notice).where(which).values(values))).rowcount


def _is_dismissed(unit: Unit, subject: str, words: Mapping[str, Any]) -> bool:
    statement = select(Notice.text, Notice.data).where(
        Notice.subject == subject, Notice.closed_by != "", Notice.closed_at > unit.now - MAIL_EVERY
    )
    return any((one.text, one.data) == (words["text"], words["data"]) for one in unit.session.execute(statement))


def _last_mailed(unit: Unit, subject: str) -> datetime | None:
    statement = select(Notice.mail_due_at).where(Notice.subject == subject, Notice.mail_state == "sent")
    return unit.session.scalars(statement.order_by(Notice.id.desc()).limit(1)).first()


def _short(data: Mapping[str, Any]) -> dict[str, Any]:
    """Values from plugins and providers, each as one line that fits a sentence, without stored credentials."""
    return {name: clean_line(masked(value), 300) if isinstance(value, str) else value for name, value in data.items()}
