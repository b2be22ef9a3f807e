"""`tidings plugin keygen`, `sign`, `verify` and `trust`: signatures of archives. None of them needs the database or the network."""

import os
from pathlib import Path

import click

from app.cli.plugin_archives import signed_line
from app.config import read_config
from app.errors import InvalidInput
from app.plugin_host.archives import inspect_archive, pack_plugin, sign_archive
from app.plugin_host.archives.plugin_files import PluginFiles
from app.plugin_host.archives.signatures import (
    add_trusted,
    create_keys,
    key_id,
    read_private_key,
    remove_trusted,
    trusted_keys,
)

__all__ = ["keygen", "sign", "trust", "verify"]

_DATA = click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("name")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(), help="Where to write them, instead of here.")
def keygen(name: str, folder: Path) -> None:
    """Make a pair of keys for signing: NAME.key, to be kept secret, and NAME.pub for those who should trust it."""
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    identifier = create_keys(private, public)
    click.echo(f"Key {identifier}. Keep {private} to yourself and give {public} to those who install your plugins.")


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--key", required=True, type=_FILE, help="The private key, as `keygen` wrote it.")
@click.option("--signer", help="How you call yourself; without it the name of the key's file.")
@click.option("--to", type=click.Path(path_type=Path), help="File to write; without it the archive itself is replaced.")
def sign(source: Path, key: Path, signer: str | None, to: Path | None) -> None:
    """Sign the plugin in SOURCE, an archive or a folder. The same files and key give the same archive."""
    data = sign_archive(pack_plugin(source), read_private_key(key), signer or key.stem)
    archive = inspect_archive(data)
    target = to or (source if source.suffix == ".zip" else Path(f"{archive.name}-{archive.manifest.version}.zip"))
    if target.exists() and target != source:
        raise InvalidInput(f"{target} is there already.")
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    fresh.write_bytes(data)
    fresh.rename(target)
    click.echo(
        f"{target}: {archive.name} {archive.manifest.version}, {len(archive.files)} files. Key {archive.signed.key}."
    )


@click.command()
@click.argument("archive", type=_FILE)
@_DATA
def verify(archive: Path, data: Path | None) -> None:
    """Say who signed ARCHIVE. Exit code 0 when it is a trusted key, 1 when it is another or none, 2 when the archive is refused."""
    found = inspect_archive(archive.read_bytes(), trusted_keys(_store(data)))
    click.echo(f"{found.name} {found.manifest.version}, {len(found.files)} files, SHA-256 {found.sha256}")
    click.echo(signed_line(found.signed))
    raise SystemExit(0 if found.signed.is_trusted else 1)


@click.group()
def trust() -> None:
    """Whose signatures this installation trusts: the keys in `trusted_keys/` of its home folder."""


@trust.command("add")
@click.argument("name")
@click.argument("public_key", type=_FILE)
@_DATA
def add_key(name: str, public_key: Path, data: Path | None) -> None:
    """Trust PUBLIC_KEY, under a NAME that is shown wherever it signed something."""
    click.echo(f"{name} is trusted, with the key {add_trusted(_store(data), name, public_key)}.")


@trust.command("list")
@_DATA
def list_keys(data: Path | None) -> None:
    """Print all trusted keys."""
    for name, key in trusted_keys(_store(data)).items():
        click.echo(f"{key_id(key)}  {name}")


@trust.command("remove")
@click.argument("name")
@_DATA
def remove_key(name: str, data: Path | None) -> None:
    """Trust the key called NAME no more. What it signed and is installed stays."""
    remove_trusted(_store(data), name)
    click.echo(f"{name} is not trusted any more.")


def _store(data: Path | None) -> Path:
    return PluginFiles(read_config(data).home).trusted_keys
