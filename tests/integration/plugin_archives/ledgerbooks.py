"""Archives of the sample plugin `ledgerbook` in several versions, good and broken, and what it left in an installation."""

import zipfile
from io import BytesIO
from pathlib import Path

import sqlalchemy as sa

from app.models import AuditEntry, PluginValue
from app.plugin_host.archives import pack, plugin_files_of
from app.plugin_host.archives.plugin_files import PluginFiles

TABLE = "plugin_ledgerbook_entry"
FOLDER = Path(__file__).parents[2] / "sample_plugins" / "ledgerbook"

SECOND_MIGRATION = '''"""Say in which currency."""

import sqlalchemy as sa
from alembic import op

revision = "ledgerbook_0002"
down_revision = "ledgerbook_0001"


def upgrade() -> None:
    with op.batch_alter_table("plugin_ledgerbook_entry") as batch:
        batch.add_column(sa.Column("currency", sa.String(3), nullable=False, server_default="EUR"))
'''


def ledgerbook(version="1.0", *, migration="", code="", permissions="", files=None):
    """The archive of a version. `migration` is a second one, `code` stands at the end of its module, `permissions` are added."""
    packed = {path: place.read_bytes() for path, place in plugin_files_of(FOLDER).items()}
    manifest = packed["manifest.toml"].decode().replace('version = "1.0"', f'version = "{version}"')
    packed["manifest.toml"] = manifest.replace('"store"', f'"store"{permissions}').encode()
    packed["__init__.py"] += f"\n{code}\n".encode()
    if migration:
        packed["migrations/versions/0002_currency.py"] = migration.encode()
    packed.update(files or {})
    return pack({f"ledgerbook/{path}": content for path, content in packed.items()})


def lines(core):
    """The texts of the plugin's table, None when it is not there."""
    core.session.rollback()
    bind = core.session.get_bind()
    if not sa.inspect(bind).has_table(TABLE):
        return None
    with bind.connect() as connection:
        return sorted(connection.scalars(sa.select(sa.column("text")).select_from(sa.table(TABLE))))


def columns(core):
    core.session.rollback()
    return {column["name"] for column in sa.inspect(core.session.get_bind()).get_columns(TABLE)}


def actions(core):
    return list(
        core.session.scalars(
            sa.select(AuditEntry.action).where(AuditEntry.subject == "ledgerbook").order_by(AuditEntry.id)
        )
    )


def values(core):
    return dict(
        core.session.execute(
            sa.select(PluginValue.key, PluginValue.value).where(PluginValue.plugin == "ledgerbook")
        ).all()
    )


def unpacked(data):
    archive = zipfile.ZipFile(BytesIO(data))
    return {name: archive.read(name) for name in archive.namelist()}


def leftovers(core):
    files = PluginFiles(core.config.home)
    return [path.name for path in files.staged.iterdir()] if files.staged.is_dir() else []
