"""From rows of a timeline to the items that the conversation page shows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup, escape

from app.domain.authenticity import is_doubtful, is_proven
from app.domain.markup import attached_names, with_attached
from app.domain.roles import Permission
from app.domain.subjects import bare_subject
from app.mime import has_quote
from app.models import Direction
from app.queries.timeline import ActivityRow, AttachmentRow, MessageRow, NoteRow, Timeline
from app.services.replies import SENT_AS
from app.services.rethreading import RETHREADED
from app.web.activity_text import activity_icon, activity_text
from app.web.contexts import ActivityItem, AttachmentMark, Avatar, MessageItem, NoteItem, avatar
from app.web.current import current_core, may_do
from app.web.marks import Directory, contact_mark
from app.web.message_facts import message_answers, message_facts
from app.web.message_marks import delivery_of, is_from_elsewhere, reaction_marks, scheduled_of
from app.web.message_traits import event_marks
from app.web.message_trust import authenticity_of, danger_text, warnings_of
from app.web.pictures import is_safe_picture, is_safe_sound
from app.web.text_html import markdown_html, plain_html
from app.web.texts import translated

__all__ = ["timeline_items"]

_LARGEST_THUMBNAIL = 3_000_000
_MACHINE_KINDS = ("list", "auto_generated")
_NOBODYS_KINDS = ("bounce", "auto_reply")
_LINKED = ("forwarded", "forwarded_from")
_KEPT = ("held_back", "unscheduled")
_SHORT_SIGNATURE, _SHORT_SIGNATURE_LINES = 160, 4


def timeline_items(
    shown: Timeline,
    known: Directory,
    *,
    number: int,
    subject: str,
    new_after: int,
    dead: Collection[str] = (),
    is_newest: bool = True,
) -> tuple[MessageItem | NoteItem | ActivityItem, ...]:
    """The items of a page. `new_after`: how many of the newest inbound messages the agent has not seen begin to be new; `dead`: addresses
    that take no messages; `is_newest`: nothing comes after this page."""
    now = current_core().clock.now()
    may_see_source = may_do(Permission.UNDELIVERED)
    inbound = [row.id for row in shown.items if isinstance(row, MessageRow) and row.direction == Direction.INBOUND]
    new_ids = set(inbound[-new_after:]) if new_after > 0 else set()
    last_step = _last_step(shown) if is_newest else None
    first_id = next((row.id for row in shown.items if isinstance(row, MessageRow)), None) if not shown.earlier else None
    topic = bare_subject(subject)
    items: list[MessageItem | NoteItem | ActivityItem] = []
    for row in shown.items:
        if isinstance(row, MessageRow):
            signs = reaction_marks(shown.reactions.get(row.id, ()))
            item = _message(row, shown.attachments.get(row.id, ()), number, row.id in new_ids, may_see_source)
            how_far = delivery_of(row, dead) if item.is_outbound and row.delivery_state else None
            if not row.removed_at:
                item = replace(item, forward_url=url_for("conversation.forward", number=number, message_id=row.id))
            item = replace(item, scheduled=scheduled_of(row, now), delivery=how_far, reactions=signs)
            can_split = row.id != first_id
            new_subject, topic = _drift(row, topic, subject)
            items.append(replace(item, can_split=can_split, new_subject=new_subject))
        elif isinstance(row, NoteRow):
            items.append(_note(row, known))
        else:
            items.append(_activity(row, known, number if row is last_step else None))
    return tuple(items)


def _message(
    row: MessageRow, files: Sequence[AttachmentRow], number: int, is_new: bool, may_see_source: bool
) -> MessageItem:
    is_outbound = row.direction == Direction.OUTBOUND
    author = row.sender_name or row.sender_value or gettext("Unknown")
    mark = avatar(author, row.agent_id) if is_outbound else _contact_mark(author, row)
    frame = url_for("conversation.html", number=number, message_id=row.id) if row.has_html and not is_outbound else None
    is_foreign = is_from_elsewhere(row)
    text, signature, folded, fold_label = _texts(row, files)
    vouched, traits = authenticity_of(row), row.traits or {}
    return MessageItem(
        id=row.id,
        is_outbound=is_outbound,
        author=author,
        address=row.sender_value if row.sender_value != author else "",
        mark=mark,
        at=row.created_at if is_outbound else (row.sent_at or row.created_at),
        to=_names(row, "to"),
        cc=_names(row, "cc") + _names(row, "bcc"),
        text_html=text,
        signature_html=signature,
        folded_html=folded,
        fold_label=fold_label,
        frame_url=frame,
        frame_with_images_url=f"{frame}?images=1" if frame else None,
        opens_formatted=bool(frame) and (not text or row.kind in _MACHINE_KINDS),
        has_remote_images=row.has_remote_images,
        is_automatic=row.is_automatic or row.kind not in ("normal", ""),
        is_new=is_new,
        vouched_by=vouched.domain if vouched and is_proven(vouched) else "",
        is_doubtful=is_doubtful(vouched),
        is_signed=bool(traits.get("is_signed")),
        is_encrypted=bool(traits.get("is_encrypted")),
        held_back=traits.get("tracking_pictures", 0),
        events=event_marks(row),
        warnings=warnings_of(row, files),
        attachments=tuple(_file(file) for file in files if not _is_in_text(file, row, has_frame=bool(frame))),
        move_url=url_for("conversation.move", number=number, message_id=row.id),
        facts=message_facts(row, is_outbound=is_outbound, number=number),
        answers=message_answers(row),
        sent_as=translated((row.fields or {}).get(SENT_AS, row.choice)) if row.choice else "",
        defects=tuple(row.defects or ()),
        source_url=url_for("conversation.raw", number=number, message_id=row.id)
        if row.raw_sha256 and may_see_source
        else None,
        is_from_elsewhere=is_foreign,
        edited_at=row.edited_at,
        removed_at=row.removed_at,
    )


def _is_markdown(row: MessageRow) -> bool:
    return row.direction == Direction.OUTBOUND and not is_from_elsewhere(row)


def _is_in_text(file: AttachmentRow, row: MessageRow, *, has_frame: bool) -> bool:
    """Whether a file is a picture that is seen where it belongs, and need not be listed."""
    return file.is_inline and (has_frame or (_is_markdown(row) and file.filename in attached_names(row.text)))


def _with_pictures(text: Markup, files: Sequence[AttachmentRow]) -> Markup:
    """What an agent wrote, with the pictures that stand in it."""
    pictures = [file for file in files if file.is_inline and not file.danger]
    addresses = {one.filename: str(escape(url_for("attachment.download", id=one.id, inline=1))) for one in pictures}
    return Markup(with_attached(text, addresses))


def _contact_mark(author: str, row: MessageRow) -> Avatar:
    return contact_mark(author, row.contact_id or 0, row.picture_sha256 if row.contact_id else None)


def _texts(row: MessageRow, files: Sequence[AttachmentRow]) -> tuple[Markup, Markup, Markup, str]:
    """What was said this time, a short signature, what is folded away, and what that is."""
    if _is_markdown(row):
        return _with_pictures(markdown_html(row.text), files), Markup(""), Markup(""), ""
    own = row.text if row.reply_text is None else row.reply_text
    shown = plain_html(own)
    if row.is_cut:
        shown += Markup("<p><em>{}</em></p>").format(gettext("It goes on: open the original to read everything."))
    whole = row.text.strip()
    rest = whole[len(own) :].strip() if whole.startswith(own) else whole
    if not rest or own.strip() == whole:
        return shown, Markup(""), Markup(""), ""
    if not whole.startswith(own):
        return shown, Markup(""), plain_html(rest), gettext("The whole message")
    if has_quote(rest):
        return shown, Markup(""), plain_html(rest), gettext("Earlier messages")
    if len(rest) <= _SHORT_SIGNATURE and rest.count("\n") < _SHORT_SIGNATURE_LINES:
        return shown, plain_html(rest), Markup(""), ""
    return shown, Markup(""), plain_html(rest), gettext("Signature")


def _names(row: MessageRow, key: str) -> tuple[str, ...]:
    people: Iterable[Mapping[str, str]] = (row.recipients or {}).get(key, [])
    return tuple(person.get("name") or person.get("value", "") for person in list(people)[:20])


def _file(file: AttachmentRow) -> AttachmentMark:
    url = url_for("attachment.download", id=file.id)
    has_thumbnail = is_safe_picture(file.content_type) and file.size <= _LARGEST_THUMBNAIL and not file.danger
    return AttachmentMark(
        name=file.filename,
        size_bytes=file.size,
        content_type=file.content_type,
        url=url,
        thumbnail_url=f"{url}?inline=1" if has_thumbnail else None,
        sound_url=f"{url}?inline=1" if is_safe_sound(file.content_type) and not file.danger else None,
        danger=danger_text(file.danger),
    )


def _note(row: NoteRow, known: Directory) -> NoteItem:
    agent = known.agents.get(row.agent_id) if row.agent_id is not None else None
    name = agent.name if agent else gettext("Somebody who left")
    return NoteItem(
        id=row.id, author=name, mark=avatar(name, row.agent_id), at=row.created_at, text_html=markdown_html(row.text)
    )


def _drift(row: MessageRow, topic: str, subject: str) -> tuple[str, str]:
    """The subject of a message that is neither the conversation's nor that of the message before, which is `topic`; and what comes next
    is compared with. Reports and absence notes have subjects that nobody chose."""
    if row.kind in _NOBODYS_KINDS:
        return "", topic
    own = bare_subject(row.subject)
    is_new = bool(own) and row.direction == Direction.INBOUND and own not in (topic, bare_subject(subject))
    return row.subject if is_new else "", own or topic


def _last_step(shown: Timeline) -> ActivityRow | None:
    """The last splitting, moving or merging, unless it was put back."""
    steps = [row for row in shown.items if isinstance(row, ActivityRow) and row.kind in RETHREADED]
    return steps[-1] if steps and not steps[-1].data.get("is_undone") else None


def _with_link(text: str, number: int) -> Markup:
    """A sentence whose last "#7" leads to that conversation."""
    before, mark, after = text.rpartition(f"#{number}")
    link = Markup('<a href="{}">{}</a>').format(url_for("conversation.show", number=number), mark)
    return Markup("{}{}{}").format(before, link if mark else "", after)


def _activity(row: ActivityRow, known: Directory, put_back_in: int | None) -> ActivityItem:
    agent = known.agents.get(row.agent_id) if row.agent_id is not None else None
    text = activity_text(row.kind, row.data or {}, agent.name if agent else "")
    back = url_for("conversation.put_back", number=put_back_in) if put_back_in is not None else None
    if row.kind in _LINKED and row.data.get("number"):
        text = _with_link(text, row.data["number"])
    icon = activity_icon(row.kind, row.data or {})
    kept = markdown_html(row.data["text"]) if row.kind in _KEPT and row.data.get("text") else ""
    return ActivityItem(id=row.id, at=row.created_at, text=text, icon=icon, put_back_url=back, kept_html=kept)
