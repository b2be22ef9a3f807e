"""Talking to a real scanner, and to what is none."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from plugins.clamav.clamd import Clamd, NotScanned, ScannerAway, read_server
from plugins.clamav.tests.conftest import LARGEST, PATTERN, VIRUS


def create_clamd(address: str, timeout_s: float = 20) -> Clamd:
    server = read_server(address)
    assert server is not None
    return Clamd(server, time.monotonic() + timeout_s)


@pytest.mark.parametrize("way", ["unix", "tcp"])
def test_a_virus_is_named_and_a_clean_file_is_not(clamd, way):
    scanner = create_clamd(clamd[way])
    scanner.ping()
    assert scanner.scan(b"before " + PATTERN + b" after") == VIRUS
    assert scanner.scan(b"harmless") == ""
    assert scanner.scan(b"") == ""


def test_a_virus_is_found_across_chunks(clamd):
    padding = b"x" * (65_536 - 10)
    assert create_clamd(clamd["unix"]).scan(padding + PATTERN) == VIRUS


def test_what_is_too_large_for_the_scanner_is_told(clamd):
    with pytest.raises(NotScanned, match="size limit"):
        create_clamd(clamd["unix"]).scan(b"x" * (LARGEST * 3))


@pytest.mark.parametrize("address", ["/nowhere/clamd.ctl", "127.0.0.1:1"])
def test_a_scanner_that_is_not_there_is_away(address):
    with pytest.raises(ScannerAway, match="cannot be reached"):
        create_clamd(address).scan(b"x")


def test_a_scanner_that_is_silent_is_away_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(ScannerAway, match="in time"):
            create_clamd(f"127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.3).scan(b"x" * 1000)
        assert time.monotonic() - started < 5


def test_a_scanner_that_never_finishes_its_answer_is_away_in_time():
    def drip(server: socket.socket) -> None:
        with server.accept()[0] as connection, suppress(OSError):
            while True:
                connection.sendall(b"x")
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=(server,), daemon=True).start()
        began = time.monotonic()
        with pytest.raises(ScannerAway):
            create_clamd(f"127.0.0.1:{server.getsockname()[1]}", timeout_s=0.5).ping()
        assert time.monotonic() - began < 3


def test_what_answers_otherwise_is_no_scanner():
    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(100)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\0")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ScannerAway, match="not how clamd answers"):
            create_clamd(f"127.0.0.1:{server.getsockname()[1]}").ping()


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
        (" unix:/run/clamd.sock ", "/run/clamd.sock"),
        ("clamav.example.com:3310", ("clamav.example.com", 3310)),
        ("[::1]:3310", ("::1", 3310)),
        ("clamav.example.com", None),
        ("clamav:99999", None),
        ("", None),
    ],
)
def test_addresses_of_scanners_are_read(text, server):
    assert read_server(text) == server


def test_why_a_scanner_is_away_is_said_in_the_words_of_the_reader():
    away = ScannerAway("It cannot be reached: %(detail)s.", "No such file or directory")
    german = {"It cannot be reached: %(detail)s.": "Er ist nicht zu erreichen: %(detail)s."}
    assert str(away) == "It cannot be reached: No such file or directory."
    assert away.said(german.__getitem__) == "Er ist nicht zu erreichen: No such file or directory."
