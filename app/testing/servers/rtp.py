"""The voice of a telephone in a test: sends and hears G.711 (µ-law) over RTP on a loopback port, presses keys (RFC 4733).

It speaks to whoever speaks to it, so it needs no address: the port goes into the SDP that somebody else sends.
"""

from __future__ import annotations

import math
import socket
import struct
import threading
import time
from collections import deque
from typing import Self

RATE = 8000
FRAME = 160
"""Samples of 20 milliseconds, and bytes of µ-law."""
_SILENCE = b"\xff" * FRAME
_KEYS = "0123456789*#ABCD"
_PCMU, KEY_TYPE = 0, 101


class Voice:
    """One end of a call. `heard` grows while audio comes in; `say` and `press` queue, silence is sent in between."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self.heard = bytearray()
        self._queue: deque[tuple[int, bytes, bool]] = deque()
        self._peer: tuple[str, int] | None = None
        self._sequence = self._time = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._ended.set()
        self._thread.join(2)
        self._socket.close()

    def say(self, seconds: float, *, tone_hz: float = 440.0) -> None:
        """Queue a steady tone: half of what G.711 can carry, so that its loudness can be told afterwards."""
        for number in range(round(seconds * RATE / FRAME)):
            samples = [16000 * math.sin(2 * math.pi * tone_hz * (number * FRAME + i) / RATE) for i in range(FRAME)]
            self._queue.append((_PCMU, bytes(to_ulaw(round(sample)) for sample in samples), False))

    def open_to(self, other: Voice) -> None:
        """Begin to speak, for two voices who would both wait for the other to."""
        self._peer = ("127.0.0.1", other.port)

    def pause(self, seconds: float) -> None:
        """Queue silence."""
        self._queue.extend([(_PCMU, _SILENCE, False)] * round(seconds * RATE / FRAME))

    def press(self, keys: str) -> None:
        """Queue telephone keys, each held for 80 milliseconds and followed by as long a pause."""
        for key in keys:
            held = [self._key_packet(key, number * FRAME, is_end=number > 4) for number in (1, 2, 3, 4, 5, 5, 5)]
            self._queue.extend((KEY_TYPE, packet, number == 0) for number, packet in enumerate(held))
            self.pause(0.1)

    def heard_loudness(self, from_s: float = 0.0, to_s: float | None = None) -> float:
        """The root mean square of what was heard in a span, 0 to 1."""
        return loudness([from_ulaw(byte) for byte in self._heard_span(from_s, to_s)])

    def heard_seconds(self) -> float:
        """How much audio came in."""
        return len(self.heard) / RATE

    def _heard_span(self, from_s: float, to_s: float | None) -> bytes:
        return bytes(self.heard[round(from_s * RATE) : None if to_s is None else round(to_s * RATE)])

    @staticmethod
    def _key_packet(key: str, duration: int, *, is_end: bool) -> bytes:
        return struct.pack("!BBH", _KEYS.index(key), (0x80 if is_end else 0) | 10, duration)

    def _run(self) -> None:
        due = time.monotonic()
        key_time = 0
        while not self._ended.is_set():
            self._listen()
            if self._peer is not None:
                kind, payload, is_first = self._queue.popleft() if self._queue else (_PCMU, _SILENCE, False)
                key_time = self._time if is_first else key_time
                self._send(kind, payload, key_time if kind == KEY_TYPE else self._time, is_first)
                self._time += FRAME
            due += FRAME / RATE
            time.sleep(max(due - time.monotonic(), 0))

    def _listen(self) -> None:
        while True:
            try:
                packet, peer = self._socket.recvfrom(2048)
            except OSError:
                return
            if len(packet) >= 12 and packet[0] >> 6 == 2:
                self._peer = peer
                if packet[1] & 0x7F == _PCMU:
                    self.heard += packet[12:]

    def _send(self, kind: int, payload: bytes, stamp: int, is_first: bool) -> None:
        assert self._peer is not None
        self._sequence = (self._sequence + 1) & 0xFFFF
        header = struct.pack("!BBHII", 0x80, (0x80 if is_first else 0) | kind, self._sequence, stamp, 0x7E57)
        try:
            self._socket.sendto(header + payload, self._peer)
        except OSError:
            self._peer = None


def to_ulaw(sample: int) -> int:
    """One 16-bit sample as a byte of µ-law (ITU-T G.711)."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0F)) & 0xFF


def from_ulaw(byte: int) -> int:
    """The 16-bit sample of a byte of µ-law."""
    byte = ~byte & 0xFF
    magnitude = (((byte & 0x0F) << 3) + 132 << ((byte >> 4) & 7)) - 132
    return -magnitude if byte & 0x80 else magnitude


def loudness(samples: list[int]) -> float:
    """The root mean square of 16-bit samples, 0 to 1; 0 when there are none."""
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) / 32768 if samples else 0.0
