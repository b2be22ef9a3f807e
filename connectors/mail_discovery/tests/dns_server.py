"""A name server in a thread, speaking DNS over UDP on a free loopback port, with the records that a test gives it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from typing import Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

__all__ = ["DNSServer"]


class DNSServer:
    """Answers for `records`: {("example.test", "MX"): ["10 mx.example.test."]}. What is not there is NXDOMAIN, or empty where the name has
    records of another type. `silent` names get no answer at all."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.silent: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="dns-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._socket.sendto(b"", self._socket.getsockname())  # nothing at all is what it ends for
        self._thread.join(5)
        self._socket.close()

    @property
    def address(self) -> str:
        """Where it listens, as `Resolver` takes it."""
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def add(self, name: str, kind: str, *values: str) -> None:
        """Give a name records of one type."""
        self.records[name, kind] = list(values)

    def points_here(self, names: Iterable[str]) -> None:
        """Let names lead to this machine."""
        for name in names:
            self.add(name, "A", "127.0.0.1")

    def _serve(self) -> None:
        while True:
            wire, client = self._socket.recvfrom(4096)
            if not wire:
                return
            query = dns.message.from_wire(wire)
            question = query.question[0]
            name = question.name.to_text(omit_final_dot=True).lower()
            self.asked.append((name, dns.rdatatype.to_text(question.rdtype)))
            if name not in self.silent:
                self._socket.sendto(self._answer(query, name).to_wire(), client)

    def _answer(self, query: dns.message.Message, name: str) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA | dns.flags.RA
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        while (alias := self.records.get((name, "CNAME"))) is not None:
            response.answer.append(_rrset(name, "CNAME", alias))
            name = alias[0].rstrip(".")
        if values := self.records.get((name, kind)):
            response.answer.append(_rrset(name, kind, values))
        elif not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response


def _rrset(name: str, kind: str, values: list[str]) -> dns.rrset.RRset:
    return dns.rrset.from_text(dns.name.from_text(name), 60, "IN", kind, *values)
