"""What travels between channels and the host: raw events, inbound messages, outbound messages. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.authenticity import Authenticity, Verdict
from app.mime.calendar import CalendarEvent
from app.plugin_api.headers import Headers
from app.plugin_api.texts import translatable

__all__ = [
    "ONLY_A_COPY",
    "OPENS_NONE",
    "SPAM_REASON",
    "AccountEvent",
    "Authenticity",
    "Bounce",
    "BouncedRecipient",
    "CalendarEvent",
    "Closing",
    "ContactFacts",
    "FetchBatch",
    "InboundAttachment",
    "InboundMessage",
    "MailFacts",
    "MessageKind",
    "MessageTraits",
    "MessageWarning",
    "OutboundAttachment",
    "OutboundMessage",
    "Participant",
    "RawEvent",
    "SendReceipt",
    "SharedWebhookReply",
    "Verdict",
    "WebhookReply",
    "WebhookRequest",
]


SPAM_REASON = translatable("Why in Spam")
"""The label in `InboundMessage.fields` under which agents read why a message is in Spam. Its value are translatable texts in English,
joined by "; "; each is shown in the reader's language. Since API 3."""


ONLY_A_COPY = translatable("We stand only in Cc, and such mail is left alone.")
"""Why a channel left a message alone (`UnsupportedEvent`) that was sent to others. The page of an account lists these. Since API 3."""

OPENS_NONE = translatable("It belongs to no conversation, and such mail opens none here.")
"""Why the host left a message alone that says so (`InboundMessage.opens_conversation`)."""


class MessageKind(StrEnum):
    """What sort of message it is; automatic answers go to `NORMAL` ones only."""

    NORMAL = "normal"
    AUTO_REPLY = "auto_reply"
    AUTO_GENERATED = "auto_generated"
    BOUNCE = "bounce"
    FEEDBACK = "feedback"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Participant:
    """A person on a channel. `kind` names the space of addresses: any word ("email", "phone", "facebook", …), the channel's own
    `address_kind` as a rule. `value` is the address in it, normalised by the channel (e-mail addresses in lower case), `name` is what
    the provider shows."""

    kind: str
    value: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class RawEvent:
    """Something that arrived, as it came. Stored in the journal before anything reads it.

    `source_key`: the provider's place of it ("INBOX:17:4093"), unique within the account; the same key twice is stored once.
    None when the provider has no such place. `payload`: the bytes. `meta`: small JSON values the translation needs. `files`: further
    bytes by a name of the channel's choice, such as a picture the payload only names (since API 3).
    """

    payload: bytes = field(repr=False)
    source_key: str | None = None
    content_type: str = "application/octet-stream"
    meta: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class FetchBatch:
    """Events to store together with the cursor that says how far reading has come. `cursor` holds JSON values."""

    events: tuple[RawEvent, ...]
    cursor: Mapping[str, object]
    progress: str = ""


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A provider's HTTP request, untouched. Names of headers may be written in any case; going through them gives lower case. `now` is
    the host's clock for time-stamped signatures."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str]
    body: bytes = field(repr=False)
    now: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", Headers(self.headers))


@dataclass(frozen=True, slots=True)
class WebhookReply:
    """What to store and what to answer the provider; the host answers only after the events are stored."""

    events: tuple[RawEvent, ...] = ()
    status: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """An event of a shared webhook and the account it is for. Since API 3."""

    account_id: int
    event: RawEvent


@dataclass(frozen=True, slots=True)
class SharedWebhookReply:
    """What to store for which accounts, and what to answer the provider once all of it is stored. Since API 3."""

    events: tuple[AccountEvent, ...] = ()
    status: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class InboundAttachment:
    """A file that came with a message. `filename` has no path in it; `inline` with a `content_id` is shown in the HTML."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)
    inline: bool = False
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    """One address of a delivery report. `status` as in RFC 3463 ("5.1.1") or empty. `permanent`: the address itself is dead. Since API 3:
    `is_delayed`: nothing failed yet, the server still tries."""

    address: str
    status: str = ""
    permanent: bool = False
    diagnostic: str = ""
    is_delayed: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report: who did not get it and, when told, the external id of the message that bounced. Since API 3: `ids`: all
    external ids that the returned part of it names; `subject`: that of the returned message."""

    recipients: tuple[BouncedRecipient, ...] = ()
    original_id: str | None = None
    ids: tuple[str, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """What somebody said of themselves beside their address. It fills what is still empty on the contact and is never how they are
    recognised: nobody proved it. Since API 3."""

    company: str = ""
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MessageWarning:
    """What agents should know before they trust a message. `kind`: one word for it ("lookalike_domain"). `text`: a translatable sentence in
    English in which "%(name)s" stands for `data["name"]`. Since API 3."""

    kind: str
    text: str
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MessageTraits:
    """What else was seen in a message. `is_signed`: somebody put a signature of theirs to it, which nobody checked. `is_encrypted`: what it
    says can only be read with a key that Tidings does not have. `tracking_pictures`: pictures from elsewhere that are too small to be seen
    and tell the sender who read it; they are never loaded. `events`: what its calendar files are about. Since API 3."""

    is_signed: bool = False
    is_encrypted: bool = False
    tracking_pictures: int = 0
    events: tuple[CalendarEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class MailFacts:
    """What only a mail itself tells of its way here; `inbound_from_mail` writes it down, and the host finds out by it who vouches.

    `raw`: the mail as it came. `is_whole`: False where only its header was fetched, so that no signature can be checked. `arrived_at`: when
    the receiving server took it. `authors`: the domains of all its From addresses. `trusted_hosts`: servers whose word counts, by the
    account's settings. `results`: what they wrote of their checks (`Authentication-Results`, RFC 8601), the newest first. `border`: IP
    address and name of the server it was taken from, as a trusted host noted them, else two empty texts. `return_path`: whom that server
    named as its sender. Since API 3.
    """

    raw: bytes = field(repr=False)
    arrived_at: datetime
    authors: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    border: tuple[str, str] = ("", "")
    return_path: str = ""
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message as the host understands it, made by a channel's `translate`.

    `external_id`: the provider's id, not trusted to be unique. `content_key`: a digest of what was said, equal for two copies of one
    message. `thread_key`: the provider's id of the exchange; messages of one account with the same one share a conversation, whatever
    they answer. None for mail, and where the provider has no such id: then `in_reply_to` and `references` tell, external ids this
    answers, nearest last. `reply_text`: what the person wrote this time; `text` everything. `html` is not sanitised yet. `sent_at` is
    aware. `fields`: further facts worth showing to agents, label to value; under SPAM_REASON what speaks against the
    message. `defects`: sentences about what is wrong with the message or is missing from it ("The file lamp.png could not be fetched.");
    agents see them beside it.

    Since API 3: `is_echo`: we wrote it, by another program than Tidings; `sender` is then the account and `to[0]` the contact, and it is
    shown as sent. One that Tidings itself sent is recognised by its external id. `sender_picture`: how the sender looks. `tags` are put on
    the conversation, made when there is none of the name; a tag that an agent took off comes back when a later message brings it.
    `priority` ("low", "normal", "high", "urgent"; empty says nothing) is that of a conversation the message opens, and changes no other.
    `contact`: what the person on the other side said of themselves. `answers`: what they answered to questions of a form, question to
    answer; shown with the text and found by the search, while `fields` are shown on demand. `is_test`: the channel wrote it itself, to see
    whether it works; it is stored like any other and is not counted among what arrived. `mail`: of a mail, what it tells of its way here;
    the host then finds out `authenticity` unless the channel knows it already, and adds to `warnings`, which agents see above the text.
    `delivered_to`: addresses it came in for, that of the last server first, which its To and Cc need not name; what the servers of a mail
    noted of that. `is_sender_claimed`: the mail came in the account's own name and only names `sender`, as forms on websites do; the host
    takes that back where our own domain vouches for the mail, and else ties it to nothing that can be guessed and answers nothing by
    itself. `opens_conversation`: False where it is taken only into a conversation that exists, and else left alone. `traits`: marks
    that agents see on it.
    """

    external_id: str
    sender: Participant
    text: str = field(repr=False)
    sent_at: datetime
    content_key: str
    subject: str = ""
    html: str | None = field(default=None, repr=False)
    reply_text: str | None = field(default=None, repr=False)
    to: tuple[Participant, ...] = ()
    cc: tuple[Participant, ...] = ()
    reply_to: tuple[Participant, ...] = ()
    attachments: tuple[InboundAttachment, ...] = ()
    thread_key: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    kind: MessageKind = MessageKind.NORMAL
    bounce: Bounce | None = None
    is_spam: bool = False
    accepts_auto_reply: bool = True
    fields: Mapping[str, str] = field(default_factory=dict)
    defects: tuple[str, ...] = ()
    is_echo: bool = False
    sender_picture: InboundAttachment | None = None
    tags: tuple[str, ...] = ()
    priority: str = ""
    contact: ContactFacts = ContactFacts()
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    is_test: bool = False
    mail: MailFacts | None = field(default=None, repr=False, compare=False)
    authenticity: Authenticity | None = None
    warnings: tuple[MessageWarning, ...] = ()
    delivered_to: tuple[str, ...] = ()
    opens_conversation: bool = True
    traits: MessageTraits = MessageTraits()
    is_sender_claimed: bool = False


@dataclass(frozen=True, slots=True)
class OutboundAttachment:
    """A file to send; `data` is read when the message is handed to the channel."""

    filename: str
    content_type: str
    data: bytes = field(repr=False)
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """What stands below the words of a message, by itself: as plain text, and as HTML (made of the text where that is empty).
    `pictures`: files that the HTML shows (`cid:`). Since API 3."""

    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    pictures: tuple[OutboundAttachment, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A message to hand to a provider. `external_id` was fixed before the first attempt, so that a repeated attempt can be told.

    `text` is what was typed, with its Markdown; `html` is the same, rendered. `quoted_text`/`quoted_html` hold the history to put below,
    or are empty. `thread_key` is what `translate` gave for the conversation; None when an agent began it, and where `translate` gives
    none. `in_reply_to`, `references`: external ids of earlier messages of the conversation, nearest last. `to` has people of the
    channel's `address_kind`. `attempt` counts from 1.

    Since API 3: `sender`: the one of the account's addresses that it is from, empty for the account's own; only where the channel has
    `Capability.ALIASES`. `return_tokens`: for each recipient's address a word in small letters that is safe in any local part; what comes
    back to an address with it concerns this message and this recipient. `signature` and `footer`: what stands below the words and above the
    history, by the letterhead; a channel with a signature of its own puts that in its place. `mail_from_outbound` writes both.
    """

    message_id: int
    conversation_id: int
    external_id: str
    to: tuple[Participant, ...]
    text: str = field(repr=False)
    created_at: datetime
    subject: str = ""
    html: str | None = field(default=None, repr=False)
    cc: tuple[Participant, ...] = ()
    bcc: tuple[Participant, ...] = ()
    sender_name: str = ""
    thread_key: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    reply_token: str = field(default="", repr=False)
    quoted_text: str = field(default="", repr=False)
    quoted_html: str = field(default="", repr=False)
    attachments: tuple[OutboundAttachment, ...] = ()
    is_automatic: bool = False
    attempt: int = 1
    choice: str = ""
    sender: str = ""
    return_tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    signature: Closing = Closing()
    footer: Closing = Closing()


@dataclass(frozen=True, slots=True)
class SendReceipt:
    """What the provider said when it took a message. `refused` maps a recipient to why it alone was refused. `thread_key`: the exchange
    it opened for a message that an agent began; what `translate` gives for the answers then finds the conversation."""

    external_id: str
    refused: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = field(default=None, repr=False)
    thread_key: str | None = None
