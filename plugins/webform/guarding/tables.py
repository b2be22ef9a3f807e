"""What guarding remembers for a while; migrations make the tables, an hourly job forgets what is old."""

from datetime import timedelta

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, delete

from tidings import Host
from tidings.tables import BigId, UTCDateTime

__all__ = ["KEEPS", "PRESSURE", "PRINT", "SOLVED", "forget_old", "minute_of"]

KEEPS = timedelta(hours=12)
"""How long texts are compared with later ones, and solved challenges refused; it is longer than a challenge is good for."""

_metadata = MetaData()

PRESSURE = Table(
    "plugin_webform_pressure",
    _metadata,
    Column("minute", Integer, primary_key=True, autoincrement=False),
    Column("posts", Integer, nullable=False),
)
"""How many suspicious posts came in each minute since 1970, over all forms; minutes without any have no row."""

SOLVED = Table(
    "plugin_webform_solved",
    _metadata,
    Column("nonce", String(64), primary_key=True),
    Column("at", UTCDateTime, nullable=False),
)
"""Challenges that were handed in solved, so that none counts twice."""

PRINT = Table(
    "plugin_webform_print",
    _metadata,
    Column("id", BigId, primary_key=True),
    Column("message", String(32), nullable=False),
    Column("sender", String(32), nullable=False),
    Column("name", String(32), nullable=False),
    Column("mark", BigInteger, nullable=False),
    Column("at", UTCDateTime, nullable=False),
)
"""Some rows for each text: marks that similar texts share. `message`, `sender` and `name` are digests of its id, and of the address and the
name of who wrote it."""


def minute_of(host: Host) -> int:
    """The current minute, counted since 1970."""
    return int(host.now().timestamp()) // 60


def forget_old(host: Host) -> None:
    """Remove what no longer counts; called once an hour."""
    before = host.now() - KEEPS
    with host.tables.begin() as connection:
        connection.execute(delete(PRINT).where(PRINT.c.at < before))
        connection.execute(delete(SOLVED).where(SOLVED.c.at < before))
        connection.execute(delete(PRESSURE).where(PRESSURE.c.minute < before.timestamp() // 60))
