"""`tidings parse-email` and `tidings thread`: pure commands over files, without an installation and without network."""

import json
from collections.abc import Iterator

import click

from app.cli.json_lines import utf8_output
from app.domain.thread_batch import MailNode, group
from app.mime import parse_files, parse_message

__all__ = ["parse_email", "thread"]

_FILES_FROM = click.option(
    "--files-from", type=click.File("r", encoding="utf-8", errors="surrogateescape"), required=True,
    help="A file with one path a line; - reads standard input.",
)  # fmt: skip


@click.command()
@_FILES_FROM
def parse_email(files_from) -> None:
    """Print what each mail says, one JSON object a line."""
    with utf8_output() as out:
        parse_files(_paths(files_from), out)


@click.command()
@_FILES_FROM
def thread(files_from) -> None:
    """Group mails into exchanges: one JSON object a line with file, message_id and thread_id."""
    nodes, ids = [], {}
    for path in _paths(files_from):
        try:
            with open(path, "rb") as file:
                mail = parse_message(file.read())
        except OSError as error:
            click.echo(json.dumps({"file": path, "error": str(error)}, ensure_ascii=False))
            continue
        ids[path] = mail.message_id
        nodes.append(_node(path, mail))
    threads = group(nodes)
    with utf8_output() as out:
        for path, message_id in ids.items():
            line = {"file": path, "message_id": message_id, "thread_id": threads[path]}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _paths(files_from) -> Iterator[str]:
    return (line.rstrip("\r\n") for line in files_from if line.strip())


def _node(path: str, mail) -> MailNode:
    people = (*mail.to, *mail.cc, *mail.reply_to)
    return MailNode(
        key=path,
        message_id=mail.message_id or "",
        names=frozenset(i for i in (*mail.references, mail.in_reply_to) if i and i != mail.message_id),
        sender=mail.sender.email.lower() if mail.sender else "",
        recipients=frozenset(p.email.lower() for p in people if p.email),
    )
