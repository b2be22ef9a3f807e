"""Keeps stored credentials out of logs and error texts, whoever wrote them there: what the vault opened or closed in this process is
blanked out in every log record, tracebacks included, and in texts that are handed to `masked`."""

import base64
import json
import logging
import threading
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

__all__ = ["KnownSecrets", "known_secrets", "mask_logs", "masked"]

MASK = "•••"
SHORTEST = 7
"""Shorter values are found in innocent words, so blanking them out would hide more than it keeps."""
MOST = 4000


class KnownSecrets:
    """The credentials this process has seen, and the forms in which they are written: quoted for addresses, as JSON, in base64.

    The oldest are forgotten when there are more than `MOST`: tokens are renewed all the time.
    """

    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, ...]] = {}
        self._by_length: tuple[str, ...] = ()
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
            forms = {form for forms in self._forms.values() for form in forms}
            self._by_length = tuple(sorted(forms, key=len, reverse=True))

    def forget(self) -> None:
        """Begin anew, as another installation in the same process would (tests)."""
        with self._lock:
            self._forms, self._by_length = {}, ()

    def mask(self, text: str) -> str:
        """The text with every known credential blanked out, the longest first."""
        for form in self._by_length:
            if form in text:
                text = text.replace(form, MASK)
        return text


known_secrets = KnownSecrets()
"""Of this process: logs are written by all parts of it alike."""


def masked(text: str) -> str:
    """A text without any credential that this process knows."""
    return known_secrets.mask(text)


def mask_logs() -> None:
    """Let every log record of this process pass through the mask, whichever logger and handler it goes through."""
    logging.setLogRecordFactory(_MaskedRecord)


class _MaskedRecord(logging.LogRecord):
    """A record whose message and traceback are masked when it is made. One that hides nothing stays as it was."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        try:
            message = self.getMessage()
            hidden = masked(message)
        except Exception as error:  # noqa: BLE001 - arguments that do not fit: else logging itself would print them as they are
            message, hidden = (
                "",
                f"a log message that cannot be written ({type(error).__name__}), from {self.pathname}:{self.lineno}",
            )
        if hidden != message:
            self.msg, self.args = hidden, None
        if self.exc_info and self.exc_info[0] is not None:
            self.exc_text = masked(_FORMATTER.formatException(self.exc_info))
        if self.stack_info:
            self.stack_info = masked(self.stack_info)


_FORMATTER = logging.Formatter()


def _forms(secret: str) -> tuple[str, ...]:
    """How a credential may be written. Of one with several lines, as keys have, each longer line is one."""
    lines = [line for line in secret.splitlines() if len(line) >= SHORTEST] if "\n" in secret else []
    encoded = base64.b64encode(secret.encode("utf-8", "surrogatepass")).decode().rstrip("=")
    forms = {secret, *lines, _quoted(quote, secret), _quoted(quote_plus, secret)}
    return tuple({*forms, json.dumps(secret)[1:-1], repr(secret)[1:-1], encoded})


def _quoted(how: Any, secret: str) -> str:
    return how(secret.encode("utf-8", "surrogatepass"), safe="")
