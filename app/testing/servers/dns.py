"""A name server in threads, on UDP and TCP of the loopback interface: what a test puts in is answered, and trouble comes to order."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterable
from typing import Any, Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

_TTL_S = 300
_FITS = 1232


class DNSServer:
    """Answers about what was put into it; every other name does not exist. `questions` are those that came, as (name, kind).
    `silent_names` get no answer."""

    def __init__(self) -> None:
        self.questions: list[tuple[str, str]] = []
        self.silent_names: set[str] = set()
        self.delay_s = 0.0
        self.is_silent = False
        self.is_broken = False
        self.port = 0
        self._records: dict[tuple[str, str], list[str]] = {}
        self._servers: list[socketserver.BaseServer] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """As `TIDINGS_DNS` takes it."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen on one free port of both protocols."""
        for _ in range(20):
            udp = _UDP(("127.0.0.1", 0), _Datagram)
            try:
                tcp = _TCP(("127.0.0.1", udp.server_address[1]), _Stream)
                break
            except OSError:  # somebody else has this port for TCP
                udp.server_close()
        self.port = udp.server_address[1]
        self._servers = [udp, tcp]
        for server in self._servers:
            server.zone = self  # type: ignore[attr-defined]
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True, name="dns-server").start()

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def put(self, name: str, kind: str, *values: str) -> None:
        """Set the records of a name: ("example.com", "TXT", "v=spf1 -all"), ("example.com", "MX", "10 mx.example.com.")."""
        self._records[name.lower(), kind] = [_quoted(value) if kind == "TXT" else value for value in values]

    def put_all(self, records: Iterable[tuple[tuple[str, str], Iterable[str]]]) -> None:
        for (name, kind), values in records:
            self.put(name, kind, *values)

    def behave(self) -> None:
        """Forget all trouble."""
        self.delay_s, self.is_silent, self.is_broken = 0.0, False, False
        self.silent_names.clear()

    def answer(self, data: bytes) -> dns.message.Message | None:
        """The answer to one question; None where there is to be none."""
        question = dns.message.from_wire(data)
        asked = question.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        self.questions.append((name, kind))
        if self.is_silent or name in self.silent_names:
            return None
        time.sleep(self.delay_s)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA | dns.flags.AA
        if self.is_broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
            return answer
        while alias := self._records.get((name, "CNAME")):
            answer.answer.append(_rrset(name, "CNAME", alias))
            name = alias[0].rstrip(".").lower()
        if values := self._records.get((name, kind)):
            answer.answer.append(_rrset(name, kind, values))
        elif not any(known == name for known, _ in self._records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


def _rrset(name: str, kind: str, values: list[str]) -> dns.rrset.RRset:
    return dns.rrset.from_text_list(dns.name.from_text(name), _TTL_S, dns.rdataclass.IN, kind, values)


class _UDP(socketserver.ThreadingUDPServer):
    daemon_threads = True


class _TCP(socketserver.ThreadingTCPServer):
    daemon_threads = True


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        answer = server.zone.answer(self.request[0])
        if answer is None:
            return
        wire = answer.to_wire()
        if len(wire) > _FITS:
            short = dns.message.make_response(dns.message.from_wire(self.request[0]))
            short.flags |= dns.flags.TC
            wire = short.to_wire()
        with contextlib.suppress(OSError):  # who asked is gone
            self.request[1].sendto(wire, self.client_address)


class _Stream(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        connection: socket.socket = self.request
        with contextlib.suppress(OSError, struct.error):  # the other side ends it
            (length,) = struct.unpack("!H", _read(connection, 2))
            answer = server.zone.answer(_read(connection, length))
            if answer is not None:
                wire = answer.to_wire()
                connection.sendall(struct.pack("!H", len(wire)) + wire)


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := connection.recv(size - len(data))):
        data += more
    return data


def _quoted(text: str) -> str:
    """Strings of at most 255 bytes, as they stand in a TXT record."""
    parts = [text[at : at + 255] for at in range(0, len(text), 255)] or [""]
    return " ".join('"{}"'.format(part.replace("\\", "\\\\").replace('"', '\\"')) for part in parts)
