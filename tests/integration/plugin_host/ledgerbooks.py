"""Archives of the sample plugin `ledgerbook` in several versions, good and broken."""

from pathlib import Path

from app.plugin_host.archives import pack, plugin_files_of

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
