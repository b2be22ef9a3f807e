"""The plugin's tables: published versions of forms, their drafts, and what each submission was made with. Migrations make them."""

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, UniqueConstraint

from tidings.tables import BigId, UTCDateTime

__all__ = ["DRAFT", "SUBMISSION", "VERSION"]

_metadata = MetaData()

VERSION = Table(
    "plugin_webform_version",
    _metadata,
    Column("id", BigId, primary_key=True),
    Column("account_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("definition", Text, nullable=False),
    Column("made_at", UTCDateTime, nullable=False),
    Column("made_by", String(200), nullable=False),
    UniqueConstraint("account_id", "number"),
)
"""What was published, for ever as it was: `definition` is the JSON of `forms.definitions.write_definition`; `number` counts from 1."""

DRAFT = Table(
    "plugin_webform_draft",
    _metadata,
    Column("account_id", Integer, primary_key=True, autoincrement=False),
    Column("definition", Text),
    Column("revision", Integer, nullable=False),
    Column("changed_at", UTCDateTime, nullable=False),
    Column("changed_by", String(200), nullable=False),
)
"""What is being worked on. `definition` is empty when it was published or discarded; `revision` only ever grows, so that a page that was
opened before that notices."""

SUBMISSION = Table(
    "plugin_webform_submission",
    _metadata,
    Column("id", BigId, primary_key=True),
    Column("external_id", String(200), nullable=False, unique=True),
    Column("account_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("conversation_id", Integer),
    Column("answers", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("made_at", UTCDateTime, nullable=False),
)
"""One post that was taken: with which version, and what was answered by field id. `answers` and `context` are JSON."""
