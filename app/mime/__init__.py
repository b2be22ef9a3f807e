"""What a mail means, and how a mail is written: the door to everything about RFC 5322 messages.

Pure: bytes and values in, values and bytes out; no database, no network, no other room of the application.
"""

from .answers import is_robot, no_answer_because
from .attached_mail import MAIL_TYPE, travelling_size
from .compose import compose_message, needs_smtputf8
from .encoding import UnsendableMail
from .html import block_remote_images, block_tracking_pixels, count_tracking_pixels, sanitize_html, text_to_html
from .html_text import html_to_text
from .identity import content_hash
from .message import (
    Address,
    Bounce,
    BounceRecipient,
    MailAttachment,
    MailDraft,
    MailType,
    OutgoingFile,
    ParsedMessage,
)
from .parsing import parse_message
from .reply_text import ReplyParts, has_quote, split_reply
from .report import as_contract, parse_files
from .size import wire_size
from .written_text import written_text

__all__ = [
    "MAIL_TYPE",
    "Address",
    "Bounce",
    "BounceRecipient",
    "MailAttachment",
    "MailDraft",
    "MailType",
    "OutgoingFile",
    "ParsedMessage",
    "ReplyParts",
    "UnsendableMail",
    "as_contract",
    "block_remote_images",
    "block_tracking_pixels",
    "compose_message",
    "content_hash",
    "count_tracking_pixels",
    "has_quote",
    "html_to_text",
    "is_robot",
    "needs_smtputf8",
    "no_answer_because",
    "parse_files",
    "parse_message",
    "sanitize_html",
    "split_reply",
    "text_to_html",
    "travelling_size",
    "wire_size",
    "written_text",
]
