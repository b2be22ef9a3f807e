"""How the cases of each target are made out of seeds.

Where a target takes several values they stand one after the other in the case, parted by `SEPARATOR`.
"""

import io
import tarfile
import zipfile
from collections.abc import Sequence
from random import Random

from app.mime import parse_message, text_to_html
from tests.fuzz import pieces
from tests.fuzz.mutating import MOST_BYTES, mutate, put_together

SEPARATOR = b"\n%%%% next %%%%\n"


def values(case: bytes, count: int) -> list[bytes]:
    """The `count` values of a case; those it lacks are empty."""
    parts = case.split(SEPARATOR, count - 1)
    return [*parts, *[b""] * (count - len(parts))]


def mail_case(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """A bent mail, or pieces of one."""
    if rng.random() < 0.15:
        return put_together(rng, pieces.MAIL)
    return mutate(rng, rng.choice(seeds), seeds, pieces.MAIL)


def text_case(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """The text of a mail, bent."""
    text = parse_message(rng.choice(seeds)).text or ""
    return (
        mutate(rng, text.encode("utf-8", "replace"), seeds, pieces.TEXT)
        if rng.random() < 0.85
        else put_together(rng, pieces.TEXT)
    )


def markup_case(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """The HTML of a mail, bent."""
    mail = parse_message(rng.choice(seeds))
    html = mail.html or text_to_html(mail.text or "")
    if rng.random() < 0.2:
        return put_together(rng, pieces.MARKUP)
    return mutate(rng, html.encode("utf-8", "replace"), seeds, pieces.MARKUP)


def reply_case(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """A text, its HTML or none, and a sender's name."""
    name = rng.choice((b"", b"Ada Reader", rng.randbytes(6), b"(" * 500))
    return SEPARATOR.join((text_case(rng, seeds), markup_case(rng, seeds) if rng.random() < 0.5 else b"", name))


def draft_case(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """A name, a subject, a text, its HTML, and a mail to forward."""
    name, subject = (mutate(rng, b"Re: Ada \xc3\xa9", seeds, (*pieces.MAIL, *pieces.TEXT))[:2_000] for _ in range(2))
    return SEPARATOR.join((name, subject, text_case(rng, seeds), markup_case(rng, seeds), mail_case(rng, seeds)))


def batch_case(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """Mails that name one another's ids, and themselves."""
    mails = []
    for _ in range(rng.randint(2, 25)):
        ids = b"".join(b" <%d@mail.example.org>" % rng.randrange(8) for _ in range(rng.randint(0, 6)))
        head = b"Message-ID: <%d@mail.example.org>\nReferences:%s\n" % (rng.randrange(8), ids)
        people = b"From: p%d@example.org\nTo: p%d@example.org\n" % (rng.randrange(4), rng.randrange(4))
        mails.append(
            head + people + (mail_case(rng, seeds)[: MOST_BYTES // 25] if rng.random() < 0.5 else b"\nwords\n")
        )
    return SEPARATOR.join(mails)


def vouching_case(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """A mail with words of servers and signatures on top, and what the domain name system answers, a record a line."""
    head = b"".join(rng.choice(pieces.VOUCHING) for _ in range(rng.randint(1, 8)))
    raw = mutate(rng, head + rng.choice(seeds), seeds, pieces.VOUCHING)
    records = [rng.choice(pieces.RECORDS) for _ in range(rng.randint(1, 8))]
    if rng.random() < 0.5:
        records[0] = mutate(rng, records[0], records, pieces.RECORDS)[:5_000]
    return SEPARATOR.join((raw, b"\n".join(records)))


def file_case(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """A file's name and its bytes: archives in archives, bent."""
    data = rng.choice(seeds)
    for _ in range(rng.randint(0, 3)):
        data = _packed(rng, data)
    name = b"".join(rng.choice(pieces.FILE_NAMES) for _ in range(rng.randint(1, 4)))
    return SEPARATOR.join((name, mutate(rng, data, seeds, pieces.MAIL) if rng.random() < 0.8 else data))


def document_case(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """A provider's document about its servers, bent."""
    if rng.random() < 0.2:
        return put_together(rng, pieces.DOCUMENT)
    return mutate(rng, b"".join(pieces.DOCUMENT), seeds, pieces.DOCUMENT)


def _packed(rng: Random, data: bytes) -> bytes:
    name = rng.choice(pieces.FILE_NAMES).decode("utf-8", "replace") or "x"
    out = io.BytesIO()
    if rng.random() < 0.6:
        with zipfile.ZipFile(out, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            archive.writestr(zipfile.ZipInfo(name), data)
        return out.getvalue()
    with tarfile.open(fileobj=out, mode=rng.choice(("w", "w:gz"))) as archive:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def hidden_case(rng: Random, seeds: Sequence[bytes]) -> bytes:
    """A calendar, a document of Outlook, or what it packs both into, bent."""
    if rng.random() < 0.3:
        return put_together(rng, pieces.HIDDEN)
    whole = b"".join(pieces.HIDDEN[:16] if rng.random() < 0.5 else pieces.HIDDEN[16:])
    return mutate(rng, whole, seeds, pieces.HIDDEN)
