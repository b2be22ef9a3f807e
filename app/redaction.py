"""Keeps stored credentials out of logs and error texts, whoever wrote them there: what the vault opened or closed in this process is
blanked out in every log record, tracebacks included, and in texts that are handed to `masked`."""

import base64
import html
import json
import logging
import threading
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

__all__ = ["KnownSecrets", "known_secrets", "mask_logs", "masked"]

MASK = "•••"
SHORTEST = 7
"""Shorter values are found in innocent words, so blanking them out would hide more than it keeps."""
MOST = 4000


class KnownSecrets:
    """The credentials this process has seen, and the forms in which they are written: quoted for addresses and pages, as JSON, in base64,
    there also amid other things.

    The oldest are forgotten when there are more than `MOST`: tokens are renewed all the time.
    """

    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, ...]] = {}
        self._by_start: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    def remember(self, values: Iterable[object]) -> None:
        """Learn credentials; what is no text or too short is left out."""
        fresh = {one for one in values if isinstance(one, str) and len(one) >= SHORTEST} - self._forms.keys()
        if not fresh:
            return
        with self._lock:
            self._forms |= {one: _forms(one) for one in fresh}
            while len(self._forms) > MOST:
                del self._forms[next(iter(self._forms))]
            self._by_start = _sorted_by_start({form for forms in self._forms.values() for form in forms})

    def forget(self) -> None:
        """Begin anew, as another installation in the same process would (tests)."""
        with self._lock:
            self._forms, self._by_start = {}, {}

    def mask(self, text: str) -> str:
        """The text with every known credential blanked out, of several that begin alike the longest."""
        by_start, parts, done, at = self._by_start, [], 0, 0
        end = len(text) - SHORTEST if by_start else -1
        while at <= end:
            forms = by_start.get(text[at : at + SHORTEST])
            found = next((form for form in forms if text.startswith(form, at)), "") if forms else ""
            if found:
                parts += [text[done:at], MASK]
                done = at + len(found)
            at += len(found) or 1
        return "".join((*parts, text[done:])) if parts else text


known_secrets = KnownSecrets()
"""Of this process: logs are written by all parts of it alike."""


def masked(text: str) -> str:
    """A text without any credential that this process knows."""
    return known_secrets.mask(text)


def mask_logs() -> None:
    """Let every log record of this process pass through the mask, whichever logger and handler it goes through."""
    logging.setLogRecordFactory(_MaskedRecord)


class _MaskedRecord(logging.LogRecord):
    """A record whose message and traceback are masked when it is made, and such as every handler can write: what plugins and senders made
    of it may hold half characters. One with nothing to hide stays as it was."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        try:
            message = self.getMessage()
            hidden = _writable(masked(message))
        except Exception as error:  # noqa: BLE001 - arguments that do not fit: else logging itself would print them as they are
            message, hidden = (
                "",
                f"a log message that cannot be written ({type(error).__name__}), from {self.pathname}:{self.lineno}",
            )
        if hidden != message:
            self.msg, self.args = hidden, None
        if self.exc_info and self.exc_info[0] is not None:
            self.exc_text = _writable(masked(_FORMATTER.formatException(self.exc_info)))
        if self.stack_info:
            self.stack_info = masked(self.stack_info)


_FORMATTER = logging.Formatter()


def _writable(text: str) -> str:
    """The text with lone surrogates, which no encoding knows, spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _sorted_by_start(forms: Iterable[str]) -> dict[str, list[str]]:
    """The forms by their first letters, the longest first: so a text is gone through once, however many there are."""
    by_start: dict[str, list[str]] = {}
    for form in sorted(forms, key=len, reverse=True):
        by_start.setdefault(form[:SHORTEST], []).append(form)
    return by_start


def _forms(secret: str) -> tuple[str, ...]:
    """How a credential may be written. Of one with several lines, as keys have, each longer line is one."""
    lines = [line for line in secret.splitlines() if len(line) >= SHORTEST] if "\n" in secret else []
    raw = secret.encode("utf-8", "surrogatepass")
    forms = {secret, *lines, quote(raw), quote(raw, safe=""), quote_plus(raw), html.escape(secret)}
    forms |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    forms |= {repr(secret)[1:-1], ascii(secret)[1:-1], repr(raw)[2:-1], *_in_base64(raw)}
    return tuple(form for form in forms if len(form) >= SHORTEST)


def _in_base64(raw: bytes) -> Iterator[str]:
    """The letters that stand for a credential alone, wherever it begins in what is encoded: "user:password" is encoded as one."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + raw).decode().rstrip("=")[(0, 2, 3)[before] :]
        inner = whole[:-1] if (before + len(raw)) % 3 else whole
        for one in (whole, inner):
            yield from (one, one.translate(_URL_SAFE))


_URL_SAFE = str.maketrans("+/", "-_")
