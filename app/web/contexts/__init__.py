"""What each template is given: one frozen dataclass per page, rows shaped for the page, no ORM objects.

Every signed-in page gets `shell: Shell` and `page: …Page`, named in the docstring of its module. Times are aware UTC. Texts are
plain and escaped by the template; fields that end in `_html` are `markupsafe.Markup` from the sanitiser.
"""

from .conversation import (
    ActivityItem,
    Composer,
    ContactCard,
    ConversationPage,
    Delivery,
    HTMLFrame,
    IdentityMark,
    MessageItem,
    NoteItem,
    Panel,
    PreviousConversation,
)
from .inbox import ComposePage, Filter, FilterOption, InboxPage, InboxRow, StatusTab
from .shell import (
    AttachmentMark,
    Avatar,
    ChannelMark,
    Choice,
    CurrentAgent,
    Due,
    Link,
    Shell,
    TagMark,
    UndoOffer,
    avatar,
)

__all__ = [
    "ActivityItem",
    "AttachmentMark",
    "Avatar",
    "ChannelMark",
    "Choice",
    "ComposePage",
    "Composer",
    "ContactCard",
    "ConversationPage",
    "CurrentAgent",
    "Delivery",
    "Due",
    "Filter",
    "FilterOption",
    "HTMLFrame",
    "IdentityMark",
    "InboxPage",
    "InboxRow",
    "Link",
    "MessageItem",
    "NoteItem",
    "Panel",
    "PreviousConversation",
    "Shell",
    "StatusTab",
    "TagMark",
    "UndoOffer",
    "avatar",
]
