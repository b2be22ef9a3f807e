"""An IMAP server that says what it is told to: for answers that real servers give too rarely to wait for."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Self

Answer = bytes | Callable[[bytes, int], bytes | Iterable[bytes]]


class ScriptedIMAP:
    """Answers each command by its name ("UID FETCH" counts as one name).

    An answer is bytes, or a function of the arguments and of how often the command came before, which may give it in
    pieces, one after another. In it `TAG` stands for the client's tag. Commands without an answer get "OK done".
    Everything the client said is in `heard`.
    """

    def __init__(self, answers: Mapping[str, Answer], *, greeting: bytes = b"* OK ready\r\n") -> None:
        self.answers = {"CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS\r\nTAG OK done\r\n", **answers}
        self.heard: list[bytes] = []
        self._greeting = greeting
        self._counts: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(self._greeting)
                with contextlib.suppress(OSError):  # a client that had enough of it hangs up
                    self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        tag = b""
        for line in connection.makefile("rb"):
            self.heard.append(line.strip())
            if line.strip() == b"DONE":  # comes without a tag of its own
                connection.sendall(tag + b" OK IDLE ended\r\n")
                continue
            tag, _, rest = line.strip().partition(b" ")
            answer = self._answer(rest)
            for piece in [answer] if isinstance(answer, bytes) else answer:
                connection.sendall(piece.replace(b"TAG", tag))

    def _answer(self, command: bytes) -> bytes | Iterable[bytes]:
        words = command.split(b" ", 2 if command[:4].upper() == b"UID " else 1)
        name = b" ".join(words[:-1] if len(words) > 1 else words).decode().upper()
        answer = self.answers.get(name, b"TAG OK done\r\n")
        count = self._counts[name] = self._counts.get(name, -1) + 1
        return answer if isinstance(answer, bytes) else answer(words[-1], count)
