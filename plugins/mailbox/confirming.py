"""Confirming by mail that a message has come, once for each conversation. Whom the host may answer at all is the host's business."""

import re
from collections.abc import Mapping

from plugins.mailbox.settings import ALWAYS, MailboxSettings
from tidings import ConversationSummary, Host, MessageSummary

__all__ = ["confirm_receipt", "filled", "unknown_placeholders"]

_PLACEHOLDERS = ("name", "number", "subject")
_PLACEHOLDER = re.compile(r"\{([^{}\n]{1,40})\}")
_WEB_ADDRESS = re.compile(r"(?:\w+://|\bwww\.)\S*", re.IGNORECASE)
_DOT_OF_A_NAME = re.compile(r"(?<=[\w-])\.(?=[^\W\d_])")
"""What mail programs would make a link of without being asked: example.com/page."""
_MARKS = str.maketrans({**dict.fromkeys("*`~|<>\\"), "[": "(", "]": ")"})
"""What would become a link, a picture or another look in the text that is sent."""
_LONGEST_VALUE = 150


def confirm_receipt(host: Host, conversation: ConversationSummary, message: MessageSummary | None) -> None:
    """Answer the message that opened a conversation of an account that confirms. The host keeps silent towards machines and lists."""
    if message is None or conversation.channel != host.plugin or not message.accepts_auto_reply:
        return
    account = host.account(message.account_id)
    settings = MailboxSettings.of(account) if account is not None else None
    if settings is not None and settings.confirms == ALWAYS and settings.confirmation:
        host.send_automatic(conversation.id, filled(settings.confirmation, _values(conversation)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; what nobody knows stays as it stands. Strangers' values are plain words in it."""
    return _PLACEHOLDER.sub(lambda found: _plain(values[found[1]]) if found[1] in values else found[0], text)


def unknown_placeholders(text: str) -> list[str]:
    """The placeholders of a text that nothing would fill."""
    return [name for name in _PLACEHOLDER.findall(text) if name not in _PLACEHOLDERS]


def _values(conversation: ConversationSummary) -> dict[str, str]:
    return {
        "name": conversation.contact_name or conversation.contact_address,
        "number": str(conversation.number),
        "subject": conversation.subject,
    }


def _plain(value: str) -> str:
    """Whoever forges a sender must not have us carry their link to that person."""
    words = _WEB_ADDRESS.sub("…", " ".join(value.split()))[:_LONGEST_VALUE].translate(_MARKS).split(" ")
    return " ".join(
        word if "@" in word and "/" not in word else _DOT_OF_A_NAME.sub(". ", word) for word in words
    ).strip()
