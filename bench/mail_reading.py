"""Reading mails: all that `parse_message` and `sanitize_html` tell, and Python's `email` with its quickest policy.

The mails are those of `app.testing.public_mails`. Ours finds the text a person wrote, the kind of mail, people,
dates and attachments besides; the reference parses and decodes the bodies, and nothing more.
"""

import email
import sys
from collections.abc import Callable, Sequence
from email import policy
from time import perf_counter

from app.mime import parse_message, sanitize_html
from app.testing.public_mails import public_mails
from app.testing.servers.missing import MissingComponent
from bench.measure import Comparison, Sample, compare, sample

__all__ = ["read_bare", "read_ours", "run"]

_SHOWN = 5


def run(rounds: int) -> list[Comparison]:
    """The whole set on each side in each round; the slowest mails of ours go to standard error."""
    try:
        mails = list(public_mails())
    except MissingComponent as error:
        raise SystemExit(str(error)) from error
    raws = [raw for _, raw in mails]
    slowest = _slowest(mails)
    found = compare(
        "mail: parse, reply, kind, sanitise",
        lambda: _per_mail(raws, read_ours),
        lambda: _per_mail(raws, read_bare),
        rounds=rounds,
        aim=4.0,
        note=f"{len(raws):,} mails, the slowest {slowest[0][0] * 1e3:.0f} ms; reference: email (compat32), bodies decoded",
    )
    print("The slowest mails:", file=sys.stderr)
    for seconds, name, size in slowest[:_SHOWN]:
        print(f"  {seconds * 1e3:6.1f} ms  {size / 1000:6.1f} kB  {name}", file=sys.stderr)
    return [found]


def read_ours(raw: bytes) -> object:
    """What the intake does to know a mail and what a page does to show it."""
    message = parse_message(raw)
    return message, sanitize_html(message.html) if message.html else None


def read_bare(raw: bytes) -> object:
    """Parsed, every body decoded from its transfer encoding, every text from its charset."""
    message = email.message_from_bytes(raw, policy=policy.compat32)
    bodies: list[str | bytes] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        data = part.get_payload(decode=True)
        is_text = part.get_content_maintype() == "text" and isinstance(data, bytes)
        bodies.append(_text(data, part.get_content_charset()) if is_text else data)
    return message, bodies


def _text(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "us-ascii", "replace")
    except LookupError:
        return data.decode("latin-1")


def _per_mail(raws: Sequence[bytes], read: Callable[[bytes], object]) -> Sample:
    def read_all() -> None:
        for raw in raws:
            read(raw)

    found = sample(read_all)()
    return Sample(found.wall_s / len(raws), found.cpu_s / len(raws))


def _slowest(mails: Sequence[tuple[str, bytes]]) -> list[tuple[float, str, int]]:
    """(seconds, name, bytes), the slowest first; each mail is read three times and its quickest time counts."""
    times = [(min(_seconds(raw) for _ in range(3)), name, len(raw)) for name, raw in mails]
    return sorted(times, reverse=True)


def _seconds(raw: bytes) -> float:
    started = perf_counter()
    read_ours(raw)
    return perf_counter() - started
