"""The scanner's side: clamd's commands PING and INSTREAM over a Unix socket or TCP. See clamd(8)."""

import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from tidings import translatable

__all__ = ["Clamd", "NotScanned", "ScannerAway", "Server", "read_server"]

CHUNK = 65_536
CONNECT_S = 3.0
_LONGEST_ANSWER = 4_096
_TCP = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:/]+):(?P<port>\d{1,5})")


_LATE = translatable("It does not answer in time.")
_SILENT = translatable("It closed the connection without an answer.")
_UNREACHED = translatable("It cannot be reached: %(detail)s.")
_STRANGE = translatable("It answers “%(detail)s”, which is not how clamd answers.")


class ScannerAway(Exception):
    """The scanner cannot be reached or does not answer in time. `sentence` is in English and names `detail`, which is in the words of the
    system or of whoever answered; `said` puts both together."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence, detail)
        self.sentence, self.detail = sentence, detail

    def __str__(self) -> str:
        return self.said(str)

    def said(self, gettext: Callable[[str], str]) -> str:
        """In the language of `gettext`."""
        return gettext(self.sentence) % {"detail": self.detail}


class NotScanned(Exception):
    """The scanner answered that it could not look at these bytes; the text is its own, such as a size limit."""


Server = str | tuple[str, int]
"""A path, or a name and a port."""


def read_server(text: str) -> Server | None:
    """ "/run/clamav/clamd.ctl" or "unix:/…" → a path, "clamav.example.com:3310" → (name, port); None when it is neither."""
    text = text.strip().removeprefix("unix:")
    if text.startswith("/"):
        return text
    match = _TCP.fullmatch(text.removeprefix("tcp:"))
    if not match or not 0 < int(match["port"]) < 65_536:
        return None
    return match["host"].strip("[]"), int(match["port"])


@dataclass(frozen=True, slots=True)
class Clamd:
    """One scanner. `until` is the moment of `time.monotonic()` at which waiting for it ends."""

    server: Server
    until: float

    def ping(self) -> None:
        """Returns when it is there and answers. Raises `ScannerAway`."""
        with self._connection() as connection:
            connection.sendall(b"zPING\0")
            answer = self._answer(connection)
        if answer != "PONG":
            raise ScannerAway(_STRANGE, answer[:80])

    def scan(self, data: bytes) -> str:
        """The name of the virus in these bytes, or an empty string. Raises `ScannerAway` and `NotScanned`."""
        with self._connection() as connection:
            try:
                connection.sendall(b"zINSTREAM\0")
                for start in range(0, len(data), CHUNK):
                    self._limit(connection)
                    chunk = data[start : start + CHUNK]
                    connection.sendall(struct.pack(">I", len(chunk)) + chunk)
                connection.sendall(struct.pack(">I", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has heard enough and says why
            return _verdict(self._answer(connection))

    @contextmanager
    def _connection(self) -> Iterator[socket.socket]:
        try:
            if isinstance(self.server, str):
                connection = socket.socket(socket.AF_UNIX)
                self._limit(connection, CONNECT_S)
                connection.connect(self.server)
            else:
                connection = socket.create_connection(self.server, timeout=min(CONNECT_S, self._left_s()))
            with connection:
                self._limit(connection)
                yield connection
        except TimeoutError as error:
            raise ScannerAway(_LATE) from error
        except OSError as error:
            raise ScannerAway(_UNREACHED, error.strerror or str(error)) from error

    def _answer(self, connection: socket.socket) -> str:
        """What it says, up to the zero byte or the end."""
        heard = b""
        while not heard.endswith(b"\0") and len(heard) < _LONGEST_ANSWER:
            self._limit(connection)
            piece = connection.recv(1024)
            if not piece:
                break
            heard += piece
        if not heard:
            raise ScannerAway(_SILENT)
        return heard.rstrip(b"\0\n").decode("utf-8", "replace")

    def _limit(self, connection: socket.socket, most_s: float = 3600.0) -> None:
        connection.settimeout(min(most_s, self._left_s()))

    def _left_s(self) -> float:
        left = self.until - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def _verdict(answer: str) -> str:
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return ""
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")
    raise NotScanned(said.removesuffix(" ERROR")[:200])
