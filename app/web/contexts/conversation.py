"""The conversation: `conversation/show.html` gets `page: ConversationPage`, `conversation/html_frame.html` gets `frame`,
`conversation/dangerous_file.html` gets `page: DangerousFilePage`."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from .shell import AttachmentMark, Avatar, ChannelMark, Choice, Due, Fact, TagMark

# `..._html` fields hold a markupsafe.Markup that the sanitiser or the linkifier made; a plain str is shown escaped.
HTML = str


@dataclass(frozen=True, slots=True)
class ActionButton:
    """A button of a plugin: it posts to `url`. `confirm` is asked first; `asks_for` labels a line of text that is posted as `text`."""

    label: str
    url: str
    icon: str = "puzzle"
    confirm: str = ""
    asks_for: str = ""
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an outbound message. `state` is scheduled, queued, sending, sent, delivered, read, failed or returned; `reached_at`
    since when it is delivered or read, `told` the same in full."""

    state: str
    error: str | None = None
    next_attempt_at: datetime | None = None
    attempts: int = 0
    can_retry: bool = False
    reached_at: datetime | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """When a message of ours will leave; `local` is that moment as `datetime-local` has it, `earliest` and `latest` what it may be.
    `cancels_on_reply`: not if the contact writes before."""

    at: datetime
    local: str
    earliest: str
    latest: str
    cancels_on_reply: bool = False


@dataclass(frozen=True, slots=True)
class ReactionMark:
    """A sign and the names of those who put it there."""

    emoji: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventMark:
    """What a calendar file of a message is about. `heading` says what is asked, `when` in the reader's time zone, which `timezone` names
    where it matters; the rest may be empty."""

    heading: str
    title: str
    when: str = ""
    timezone: str = ""
    repeats: str = ""
    location: str = ""
    organizer: str = ""
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class MessageItem:
    """A message. `text_html` is the new text, `signature_html` the few lines below it, `folded_html` what is folded away below both;
    `fold_label` says what that is.

    `frame_url` leads to the sender's own formatting in a sandboxed frame (None: there is none); `opens_formatted` shows it
    at once. `has_remote_images`: the frame blocks pictures until asked. `facts` are shown on demand: who, when, why it is in this
    conversation and what its channel adds; `answers` to the questions of a form stand below the text; `defects` say what was wrong with
    its form. `sent_as` is the way that was chosen for an answer where there were several; `actions` are buttons of plugins.
    `vouched_by`: the sender's domain where it vouches for the message; `is_doubtful`: it disowns it. `warnings`: sentences to read first.
    `is_signed`, `is_encrypted`, `held_back` (how many pictures that only tell who reads it) and `events` are marks of what it holds.
    `can_split`: it and what came after it may become a conversation of their own; `move_url` leads to where it may go instead.
    `new_subject`: its own, where it begins to be about something else than the conversation.
    `is_from_elsewhere`: we wrote it in another program. `removed_at`: its author took it back, nothing of it is left.
    `scheduled`: it has not left yet. `forward_url` leads to where it is passed on.
    """

    kind: ClassVar[str] = "message"
    id: int
    is_outbound: bool
    author: str
    address: str
    mark: Avatar
    at: datetime
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    text_html: HTML = ""
    signature_html: HTML = ""
    folded_html: HTML = ""
    fold_label: str = ""
    frame_url: str | None = None
    frame_with_images_url: str | None = None
    opens_formatted: bool = False
    has_remote_images: bool = False
    is_automatic: bool = False
    is_new: bool = False
    vouched_by: str = ""
    is_doubtful: bool = False
    warnings: tuple[str, ...] = ()
    is_signed: bool = False
    is_encrypted: bool = False
    held_back: int = 0
    events: tuple[EventMark, ...] = ()
    attachments: tuple[AttachmentMark, ...] = ()
    delivery: Delivery | None = None
    scheduled: Scheduled | None = None
    facts: tuple[Fact, ...] = ()
    answers: tuple[Fact, ...] = ()
    defects: tuple[str, ...] = ()
    source_url: str | None = None
    sent_as: str = ""
    actions: tuple[ActionButton, ...] = ()
    is_from_elsewhere: bool = False
    edited_at: datetime | None = None
    removed_at: datetime | None = None
    reactions: tuple[ReactionMark, ...] = ()
    new_subject: str = ""
    can_split: bool = False
    move_url: str | None = None
    forward_url: str | None = None


@dataclass(frozen=True, slots=True)
class NoteItem:
    """A note that only agents see."""

    kind: ClassVar[str] = "note"
    id: int
    author: str
    mark: Avatar
    at: datetime
    text_html: HTML
    attachments: tuple[AttachmentMark, ...] = ()


@dataclass(frozen=True, slots=True)
class ActivityItem:
    """A line the system wrote; `text` is translated and may be Markup with a link, `icon` a name of the icon sprite.
    `put_back_url`: where a post undoes it. `kept_html`: what was written and not sent."""

    kind: ClassVar[str] = "activity"
    id: int
    at: datetime
    text: str
    icon: str = "activity"
    put_back_url: str | None = None
    kept_html: HTML = ""


@dataclass(frozen=True, slots=True)
class IdentityMark:
    """An address of a contact on a channel. `came_back` says since when and why it takes no messages, empty for one that works; `kind` is
    what the verb "It works again" needs to name it."""

    address: str
    icon: str
    url: str | None = None
    kind: str = ""
    came_back: str = ""


@dataclass(frozen=True, slots=True)
class ContactCard:
    """The person on the other side."""

    id: int
    name: str
    mark: Avatar
    identities: tuple[IdentityMark, ...]
    conversation_count: int
    first_seen_at: datetime
    note: str = ""
    company: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PreviousConversation:
    """Another conversation of the same contact."""

    number: int
    subject: str
    status: str
    at: datetime
    icon: str = "mail"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """Another conversation of the case. `state`: writing (`who` has just changed a draft), answered (`who` wrote at the moment `at`),
    assigned (to `who`) or nobody."""

    number: int
    subject: str
    status: str
    channel: ChannelMark
    opened_at: datetime
    state: str = "nobody"
    who: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseBanner:
    """What else the person wants. `is_answered`: another agent is at it. `is_apart`: the conversation was taken out of the case."""

    lines: tuple[CaseLine, ...]
    is_answered: bool = False
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """What a plugin shows in the slot `conversation.sidebar`; `body_html` is Markup."""

    title: str
    body_html: HTML
    plugin: str


@dataclass(frozen=True, slots=True)
class ReplyOption:
    """One way to answer. Without `takes_text` nothing is written: `text` is what will be sent. `longest`: characters it takes."""

    key: str
    label: str
    description: str = ""
    takes_text: bool = True
    text: str = ""
    longest: int | None = None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class ReplyLimits:
    """What the channel takes now. `is_closed`: no answer at all, `notice` says why. `until`: when that changes. `longest`: characters,
    of which the signature takes `taken` where it is added."""

    notice: str = ""
    is_closed: bool = False
    until: datetime | None = None
    longest: int | None = None
    taken: int = 0
    options: tuple[ReplyOption, ...] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """Sending at a moment of one's choice. `moments` are offered for leaving, `reminders` for being told that nobody answered; `chosen` is
    what was typed, as `datetime-local` has it, by the clocks of `timezone`."""

    moments: tuple[Choice, ...] = ()
    reminders: tuple[Choice, ...] = ()
    chosen: str = ""
    timezone: str = "UTC"
    cancels_on_reply: bool = True


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is kept with what was begun; it goes along while the box with its id is ticked."""

    id: int
    name: str
    size_bytes: int
    goes_along: bool = True


@dataclass(frozen=True, slots=True)
class Composer:
    """The reply box as it was left. `mode` is reply or note; `saved_at` is set when a draft was stored.

    `senders` are the accounts an answer may leave through, where there are several, the usual one first. `others` are the
    people who got the contact's message too, as text for the field Cc; `answers_all` tells whether they stand there.

    `warnings` say which of the addresses takes no mail and which no answer went to before; `told_of` are those of the first kind that the
    agent was told of, posted again; `knows_of` are the answers in the same case.

    `kept` are files that came back or wait for a corrected post. `most_bytes`: what a message may have as it travels, where that is known.

    `cannot_reply_because` replaces the reply part when the channel cannot send; notes stay possible. `limits` is what the channel takes
    at this moment. `later` is what is offered for leaving at another one. `errors` maps a field's name (to, cc, bcc, account, body, files,
    choice, at) to a sentence after a refused post.
    """

    mode: str = "reply"
    to: str = ""
    cc: str = ""
    bcc: str = ""
    senders: tuple[Choice, ...] = ()
    others: str = ""
    answers_all: bool = False
    warnings: tuple[str, ...] = ()
    told_of: tuple[str, ...] = ()
    knows_of: tuple[str, ...] = ()
    body: str = ""
    saved_at: datetime | None = None
    kept: tuple[KeptFile, ...] = ()
    can_copy_others: bool = True
    can_attach: bool = True
    max_upload_mb: int = 25
    most_bytes: int | None = None
    signature: str = ""
    cannot_reply_because: str | None = None
    limits: ReplyLimits = ReplyLimits()
    later: Later = Later()
    errors: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Everything on the conversation page, oldest item first.

    `earlier_url` loads what came before the first item. `previous_url` and `next_url` are the neighbours in the list the agent
    came from, `back_url` is that list. `viewers` are other agents who have it open, `page_url` renders this page again.
    """

    number: int
    subject: str
    status: str
    channel: ChannelMark
    items: tuple[MessageItem | NoteItem | ActivityItem, ...]
    contact: ContactCard
    composer: Composer
    page_url: str
    back_url: str
    priority: str = "normal"
    assignee: Avatar | None = None
    team: str | None = None
    tags: tuple[TagMark, ...] = ()
    assignees: tuple[Choice, ...] = ()
    teams: tuple[Choice, ...] = ()
    priorities: tuple[Choice, ...] = ()
    known_tags: tuple[str, ...] = ()
    snooze_choices: tuple[Choice, ...] = ()
    snoozed_until: datetime | None = None
    previous: tuple[PreviousConversation, ...] = ()
    case: CaseBanner | None = None
    panels: tuple[Panel, ...] = ()
    actions: tuple[ActionButton, ...] = ()
    contact_actions: tuple[ActionButton, ...] = ()
    viewers: tuple[Avatar, ...] = ()
    due: Due | None = None
    earlier_url: str | None = None
    previous_url: str | None = None
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class DangerousFilePage:
    """Asks before a file is handed out that may harm: `danger` says why. `back_url` leads to the message it came with."""

    name: str
    size_bytes: int
    danger: str
    url: str
    back_url: str


@dataclass(frozen=True, slots=True)
class HTMLFrame:
    """The document inside the sandboxed frame: `body_html` is sanitised Markup, `title` names the message."""

    title: str
    body_html: HTML
    locale: str = "en"
