"""Plugins as archives: looking into one, packing and signing one, and where their files stand on disk.

Nothing here needs a database, and nothing of a plugin is imported.
"""

from app.plugin_host.archives.archive import (
    Archive,
    ArchiveFile,
    inspect_archive,
    inspect_files,
    pack,
    pack_plugin,
    plugin_files_of,
    sign_archive,
    unpack,
)
from app.plugin_host.archives.zip_reading import ArchiveError, ArchiveLimits

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveFile",
    "ArchiveLimits",
    "inspect_archive",
    "inspect_files",
    "pack",
    "pack_plugin",
    "plugin_files_of",
    "sign_archive",
    "unpack",
]
