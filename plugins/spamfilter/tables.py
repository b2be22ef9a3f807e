"""What the filter remembers: how often each mark was seen in spam and elsewhere, and the messages that can still teach it something."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table

from tidings.tables import Json, UTCDateTime

__all__ = ["ALL", "MARK", "SEEN"]

_metadata = MetaData()

ALL = 0
"""The mark that every message has: its row counts the messages themselves. Made by the migration, so that lessons can wait for one another
at it."""

MARK = Table(
    "plugin_spamfilter_mark",
    _metadata,
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("spam", Integer, nullable=False),
    Column("ham", Integer, nullable=False),
    Column("day", Integer, nullable=False),
)
"""In how many messages that were taught as spam and as no spam a mark was; `day`, counted since 1970, when it was last taught."""

SEEN = Table(
    "plugin_spamfilter_seen",
    _metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("conversation_id", BigInteger, nullable=False),
    Column("marks", LargeBinary, nullable=False),
    Column("lesson", String(4), nullable=False),
    Column("verdict", String(6), nullable=False),
    Column("score", Integer, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("at", UTCDateTime, nullable=False),
)
"""A message that opened a conversation: its marks, eight bytes each; what it taught ("spam", "ham" or nothing yet); what was thought of it
when it came ("spam", "unsure", "fine", "told" when somebody else had said so already), in per cent, and why."""
