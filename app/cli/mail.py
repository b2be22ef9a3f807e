"""`tidings parse-email` and `tidings thread`: pure commands over files, without an installation and without network."""

import json
from collections.abc import Iterable, Iterator

import click

from app.cli.json_lines import utf8_output
from app.domain.exchanges import Mail
from app.domain.reply_tokens import tokens_seen, without_token
from app.domain.thread_batch import group
from app.mime import Address, MailType, ParsedMessage, content_hash, parse_files, parse_message

__all__ = ["mail_of", "parse_email", "thread"]

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
    mails: dict[str, Mail] = {}
    for path in _paths(files_from):
        try:
            with open(path, "rb") as file:
                mails[path] = mail_of(parse_message(file.read()))
        except OSError as error:
            click.echo(json.dumps({"file": path, "error": str(error)}, ensure_ascii=False))
    threads = group(tuple(mails.values()))
    with utf8_output() as out:
        for (path, mail), thread_id in zip(mails.items(), threads, strict=True):
            line = {"file": path, "message_id": mail.message_id or None, "thread_id": thread_id}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _paths(files_from) -> Iterator[str]:
    return (line.rstrip("\r\n") for line in files_from if line.strip())


def mail_of(mail: ParsedMessage) -> Mail:
    """What threading needs of a mail. What looks like a token of ours counts as an id that all mails with it name."""
    sent_to = (*mail.to, *mail.cc)
    own_id = mail.message_id or ""
    ids = [i for i in (mail.in_reply_to, *reversed(mail.references)) if i]
    tokens = tokens_seen([own_id, *ids], [person.email for person in sent_to])
    return Mail(
        message_id=own_id,
        names=(*(i for i in ids if i != own_id), *(f"token {token}" for token in tokens)),
        author=_addresses([mail.sender] if mail.sender else []),
        people=_addresses(sent_to),
        reply_to=_addresses(mail.reply_to),
        sent_at=mail.date,
        content=content_hash(mail),
        is_list=mail.mail_type is MailType.LIST,
    )


def _addresses(people: Iterable[Address]) -> frozenset[str]:
    return frozenset(without_token(person.email.lower()) for person in people if person.email)
