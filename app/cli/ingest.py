"""`tidings ingest` (imports) and `tidings mail-pipe` (a mail server's pipe): mail on its way into an account's intake."""

import json
import mailbox
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click

from app.cli.accounts import account_called
from app.cli.opening import open_installation
from app.errors import InvalidInput
from app.plugin_api.host import Received
from app.plugin_api.messages import RawEvent
from app.services.core import Core
from app.services.intake import process_event, receive
from app.services.journal import record_events

__all__ = ["ingest", "mail_pipe"]

_DATA = click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
_ACCOUNT = click.option("--account", required=True, help="Name or address of the account.")
_BATCH = 50
_TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h


@click.command()
@_DATA
@_ACCOUNT
@click.option(
    "--files-from", type=click.File("r", encoding="utf-8", errors="surrogateescape"), help="Paths, one a line."
)
@click.option("--mbox", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An mbox file.")
def ingest(data: Path | None, account: str, files_from, mbox: Path | None) -> None:
    """Take mails into an account; prints what became of each as JSON Lines."""
    if (files_from is None) == (mbox is None):
        raise click.UsageError("Give either --files-from or --mbox.")
    with open_installation(data) as (_, core):
        account_id = account_called(core, account)
        mails = _from_mbox(mbox) if mbox is not None else _from_paths(files_from)
        while batch := list(islice(mails, _BATCH)):
            for line in _take_in(core, account_id, batch):
                click.echo(json.dumps(line, ensure_ascii=False))


@click.command()
@_DATA
@_ACCOUNT
def mail_pipe(data: Path | None, account: str) -> None:
    """Take one mail from standard input, for a mail server's pipe. Exits with 75 (try again later) when it cannot be stored."""
    raw = sys.stdin.buffer.read()
    if not raw.strip():
        raise InvalidInput("There was no mail on standard input.")
    try:
        with open_installation(data) as (_, core):
            result = receive(core, account_called(core, account), RawEvent(raw, content_type="message/rfc822"))
    except Exception as error:  # noqa: BLE001 - the mail server must keep the mail, whatever is wrong here
        click.echo(f"tidings: {' '.join(str(error).split()) or type(error).__name__}", err=True)
        sys.exit(_TRY_LATER)
    click.echo(json.dumps(_line("-", result)))


def _take_in(core: Core, account_id: int, batch: list[tuple[str, bytes | OSError]]) -> Iterator[dict]:
    events = [RawEvent(raw, content_type="message/rfc822") for _, raw in batch if isinstance(raw, bytes)]
    ids = iter(record_events(core, account_id, events, is_processed_here=True))
    for name, raw in batch:
        if isinstance(raw, OSError):
            yield {"file": name, "error": raw.strerror or str(raw)}
        else:
            yield _line(name, process_event(core, next(ids)))


def _line(name: str, result: Received) -> dict:
    return {
        "file": name,
        "status": result.state,
        "message_id": result.message_id,
        "conversation_id": result.conversation_id,
    }


def _from_paths(lines) -> Iterator[tuple[str, bytes | OSError]]:
    for line in lines:
        path = line.rstrip("\r\n")
        if not path.strip():
            continue
        try:
            yield path, Path(path).read_bytes()
        except OSError as error:
            yield path, error


def _from_mbox(path: Path) -> Iterator[tuple[str, bytes]]:
    box = mailbox.mbox(path, create=False)
    for key in box.iterkeys():
        yield f"{path}#{key}", box.get_bytes(key)
