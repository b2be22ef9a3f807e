"""A real clamd with a signature database of one pattern of our own, started once for all tests of a process."""

import hashlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.clamav.clamd import Clamd, ScannerAway

PATTERN = b"tidings-test-pattern-4711"
VIRUS = "Tidings.Test.Pattern.UNOFFICIAL"
LARGEST = 2_000_000
CONFIG = """
DatabaseDirectory {folder}/signatures
LocalSocket {folder}/clamd.ctl
TCPSocket {port}
TCPAddr 127.0.0.1
TemporaryDirectory {folder}
StreamMaxLength {largest}
Foreground yes
OfficialDatabaseOnly no
ConcurrentDatabaseReload no
"""


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of a running scanner: "unix" and "tcp"."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        pytest.skip("clamd is not installed (Debian's package clamav-daemon)")
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "signatures").mkdir()
    (folder / "signatures" / "own.ndb").write_text(f"Tidings.Test.Pattern:0:*:{PATTERN.hex()}\n")
    (folder / "signatures" / "own.hdb").write_text(f"{hashlib.md5(b'never').hexdigest()}:5:Tidings.Test.Hash\n")
    port = _free_port()
    config = folder / "clamd.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, largest=LARGEST))
    with subprocess.Popen(
        [program, f"--config-file={config}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            _wait_for(folder / "clamd.ctl", process)
            yield {"unix": str(folder / "clamd.ctl"), "tcp": f"127.0.0.1:{port}"}
        finally:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            Clamd(str(path), time.monotonic() + 2).ping()
            return
        except ScannerAway:
            assert process.poll() is None, process.stderr and process.stderr.read().decode()
            time.sleep(0.1)
    raise AssertionError("clamd does not answer")
