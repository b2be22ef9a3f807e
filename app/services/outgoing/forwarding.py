"""Passing a message on to somebody else. It begins a conversation of its own with them: what they answer must not stand beside what the
contact wrote, nor be answered to the contact by mistake."""

import re
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from app.domain.markup import markdown_to_html, without_attached
from app.domain.roles import Permission
from app.domain.text import clean_line
from app.errors import Conflict, InvalidInput, NotFound
from app.languages import gettext
from app.mime import MAIL_TYPE, parse_message, text_to_html
from app.models import Attachment, Conversation, Message
from app.plugin_api.messages import Participant
from app.services.conversation_rows import add_activity
from app.services.core import Actor, Core, Unit, require
from app.services.outgoing.drafts import NewFile, ReplyDraft
from app.services.replies import start_conversation

__all__ = ["ATTACHED", "QUOTED", "ForwardDraft", "forward", "forward_subject"]

ATTACHED, QUOTED = "attached", "quoted"
_NOT_IN_NAMES = re.compile(r"[^\w .,()+-]+")
_LONGEST_QUOTE = 100_000
_FORWARDED = ("fwd:", "fw:", "wg:", "tr:", "rv:")


@dataclass(frozen=True, slots=True)
class ForwardDraft:
    """How a message is passed on. `form`: ATTACHED sends it as it came, with everything in it, QUOTED its text below ours, and its files
    `with_files`. `text` is Markdown and may be empty. `sender` as in `ReplyDraft`."""

    account_id: int
    sender: str = field(default="", kw_only=True)
    to: tuple[Participant, ...]
    text: str = ""
    cc: tuple[Participant, ...] = ()
    bcc: tuple[Participant, ...] = ()
    form: str = ATTACHED
    with_files: bool = True


def forward(core: Core, actor: Actor, message_id: int, draft: ForwardDraft) -> tuple[int, int]:
    """Begin a conversation with `draft.to` that holds a message of another one. Returns its number and the new message's id.

    Raises `InvalidInput` when nobody would get it, it is too large for the account, or the original is no mail that can be attached,
    `NotFound` without the message, `Conflict` when it was taken back or its bytes are gone, and as `start_conversation` does.
    """
    require(actor, Permission.ANSWER)
    if not draft.to:
        raise InvalidInput("Say whom this is for.", {"to": "An address is needed."})
    original = core.session.get(Message, message_id)
    if original is None:
        raise NotFound("This message does not exist.")
    if original.removed_at is not None:
        raise Conflict("Its author took this message back: nothing of it is left.")
    subject = forward_subject(original.subject)
    make = {ATTACHED: _attached, QUOTED: _quoted}.get(draft.form)
    if make is None:
        raise InvalidInput("Choose how to forward it.", {"form": "Choose one of the two."})
    made = make(core, original, draft)
    made = replace(made, cc=(*draft.to[1:], *draft.cc), bcc=draft.bcc, sender=draft.sender)
    core.session.rollback()

    def link(unit: Unit, conversation: Conversation) -> None:
        _link(unit, actor, message_id, conversation, draft.to[0])

    return start_conversation(
        core, actor, account_id=draft.account_id, to=draft.to[0], subject=subject, draft=made, once_queued=link
    )


def forward_subject(subject: str) -> str:
    """The subject of what passes on a message with this one."""
    subject = clean_line(subject, 490)
    return subject if subject.lower().startswith(_FORWARDED) else f"Fwd: {subject}".strip()


def _attached(core: Core, original: Message, draft: ForwardDraft) -> ReplyDraft:
    raw = _read(core, original.raw_sha256) if original.raw_sha256 else b""
    if not raw or parse_message(raw).sender is None:
        sentence = gettext("There is no mail to attach. Quote the message instead.")
        raise InvalidInput(sentence, {"form": sentence})
    name = clean_line(_NOT_IN_NAMES.sub(" ", original.subject), 80).strip(" .") or "message"
    return ReplyDraft(draft.text, files=(NewFile(f"{name}.eml", MAIL_TYPE, raw),))


def _quoted(core: Core, original: Message, draft: ForwardDraft) -> ReplyDraft:
    rows = core.session.scalars(select(Attachment).where(Attachment.message_id == original.id).order_by(Attachment.id))
    kept = list(rows) if draft.with_files else []
    files = tuple(NewFile(one.filename, one.content_type, _read(core, one.sha256)) for one in kept)
    told = without_attached(f"{_head(original)}\n\n{original.text[:_LONGEST_QUOTE].strip()}")
    title = gettext("Forwarded message")
    lines = "\n".join(f"> {line}" if line.strip() else ">" for line in told.splitlines())
    html = f'{markdown_to_html(draft.text)}\n<p>{title}:</p>\n<blockquote type="cite">{text_to_html(told)}</blockquote>'
    return ReplyDraft(f"{draft.text.rstrip()}\n\n{title}:\n\n{lines}".strip(), files=files, html=html)


def _head(original: Message) -> str:
    """Who wrote to whom, when and about what."""
    to = [_named(one.get("name", ""), one["value"]) for one in (original.recipients or {}).get("to", ())]
    at = (original.sent_at or original.created_at).strftime("%Y-%m-%d %H:%M UTC")
    facts = {
        gettext("From"): _named(original.sender_name, original.sender_value),
        gettext("To"): ", ".join(to[:20]),
        gettext("Date"): at,
        gettext("Subject"): original.subject,
    }
    return "\n".join(f"{name}: {value}" for name, value in facts.items() if value)


def _named(name: str, address: str) -> str:
    return f"{name} <{address}>" if name and address else name or address


def _read(core: Core, sha256: str) -> bytes:
    try:
        return core.files.get(sha256)
    except FileNotFoundError:
        raise Conflict("A file of this message is missing from the file storage.") from None


def _link(unit: Unit, actor: Actor, message_id: int, conversation: Conversation, to: Participant) -> None:
    """Both conversations name the other."""
    original = unit.session.get(Message, message_id)
    source = unit.session.get(Conversation, original.conversation_id) if original is not None else None
    if source is None:
        raise NotFound("This message does not exist.")
    data = {"number": conversation.number, "to": to.name or to.value, "message": message_id}
    add_activity(unit, source.id, "forwarded", actor, data)
    add_activity(unit, conversation.id, "forwarded_from", actor, {"number": source.number, "message": message_id})
    unit.changed("conversation", id=source.id, number=source.number)
