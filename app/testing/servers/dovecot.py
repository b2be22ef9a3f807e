"""A private Dovecot: IMAP in clear, with STARTTLS and with TLS, users made on the fly, mail put into their maildirs.

Needs the system's package `dovecot-imapd` (`dovecot-lmtpd` and `dovecot-sieve` for what their names say). Password and token logins
work; so do killing, pausing and restarting the server, which is what tests of a mail client are about.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import ssl
import time
from pathlib import Path
from typing import Self

import psutil

from app.testing.servers.certificates import TestCertificate
from app.testing.servers.dovecot_configuration import (
    DovecotOptions,
    DovecotPlace,
    dovecot_configuration,
    passwords_configuration,
    tokens_configuration,
)
from app.testing.servers.missing import MissingComponent
from app.testing.servers.process import (
    RunAs,
    ServerProcess,
    answers,
    free_port,
    remove_directory,
)
from app.testing.servers.tokens import TokenAuthority

_delivery = itertools.count(1)
_PROGRAMS = [Path(prefix, "dovecot") for prefix in ("/usr/lib", "/usr/libexec", "/opt/homebrew/libexec")]


class DovecotServer:
    """One Dovecot for a session of tests; give every test its own user.

    `port` speaks IMAP in clear and STARTTLS, `tls_port` TLS, `lmtp_port` LMTP where the options ask for it.
    `certificate.client_context()` trusts both.
    """

    def __init__(self, options: DovecotOptions | None = None) -> None:
        self.certificate: TestCertificate
        self.tokens = TokenAuthority()
        self.port = self.tls_port = self.lmtp_port = 0
        self._options = options or DovecotOptions()
        self._run_as = RunAs.unprivileged()
        self._process: ServerProcess | None = None
        self._users: dict[str, str] = {}
        self._root: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # -- life -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start, or start again after `stop` or `kill` with the same ports, users and mail."""
        binary = _binary(self._options)
        if self._root is None:
            self._prepare()
        log = self.root / "out"
        popen = self._run_as.spawn([binary, "-F", "-c", self.root / "dovecot.conf"], log)
        self._process = ServerProcess(popen, log)
        self._process.wait_until(lambda: answers(self.port, b"* OK"))

    def stop(self) -> None:
        """Shut down in order; mail and users stay for another `start`."""
        if self._process is not None:
            self._process.stop()

    def kill(self) -> None:
        """Kill every process of the server at once, as a power cut would."""
        if self._process is not None:
            children = psutil.Process(self._process.popen.pid).children(recursive=True)
            self._process.signal_all(signal.SIGKILL)
            self._process.popen.wait()
            psutil.wait_procs(children, timeout=5)  # until then one of them still listens

    def pause(self) -> None:
        """Freeze the server: connections stay, new ones are taken by the kernel, nobody answers."""
        self._require_process().signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        self._require_process().signal_all(signal.SIGCONT)

    def drop_sessions(self) -> int:
        """Kill the processes of logged-in sessions, whose clients lose their connection; return how many."""
        master = psutil.Process(self._require_process().popen.pid)
        sessions = [child for child in master.children() if child.name() == "imap"]
        for child in sessions:
            child.kill()
        return len(sessions)

    def close(self) -> None:
        """End everything and delete all mail."""
        if self._process is not None:
            self._process.signal_all(signal.SIGCONT)
            self.stop()
        self.tokens.stop()
        if self._root is not None:
            remove_directory(self._root)

    # -- users and mail ---------------------------------------------------------------------------------

    def add_user(self, username: str, password: str = "secret") -> None:
        """Make a mailbox, or change its password; works while the server runs."""
        self._users[username] = password
        staged = self.root / "new-user"
        staged.write_text(json.dumps({"password": password}))
        self._run_as.give(staged).rename(self.root / "users" / username)

    def remove_user(self, username: str) -> None:
        """Take the login away and delete the mail."""
        self._users.pop(username, None)
        (self.root / "users" / username).unlink(missing_ok=True)
        for folder in ("mail", "home"):
            shutil.rmtree(self.root / folder / username, ignore_errors=True)

    def set_sieve(self, username: str, script: str) -> None:
        """Let a sieve script (RFC 5228) see what comes for a mailbox over LMTP."""
        home = self.root / "home" / username
        home.mkdir(exist_ok=True)
        (home / "active.sieve").write_text(script)
        self._run_as.give(home)

    def has_user(self, username: str) -> bool:
        """Whether this server has such a mailbox."""
        return username in self._users

    def deliver(self, username: str, raw: bytes, *, mailbox: str = "INBOX") -> None:
        """Put a message into a mailbox as an MTA's delivery agent does: written aside, then renamed into place."""
        folder = self._maildir(username, mailbox)
        name = f"{time.time():.6f}.{os.getpid()}_{next(_delivery)}.tidings"
        staged = folder / "tmp" / name
        staged.write_bytes(raw)
        self._run_as.give(staged)
        staged.rename(folder / "new" / name)

    def messages(self, username: str, mailbox: str = "INBOX") -> list[bytes]:
        """Return all messages of a mailbox, oldest first."""
        folder = self._maildir(username, mailbox)
        files = [path for part in ("new", "cur") for path in (folder / part).iterdir()]
        return [path.read_bytes() for path in sorted(files, key=lambda path: path.name)]

    def wait_for_messages(
        self, username: str, count: int, *, mailbox: str = "INBOX", timeout_s: float = 10.0
    ) -> list[bytes]:
        """Return the messages once there are `count` of them; raise AssertionError if they do not come in time."""
        deadline = time.monotonic() + timeout_s
        while len(found := self.messages(username, mailbox)) < count:
            assert time.monotonic() < deadline, f"{username} has {len(found)} of {count} messages after {timeout_s} s"
            time.sleep(0.02)
        return found

    def expunge_all(self, username: str, mailbox: str = "INBOX") -> None:
        """Delete the files of all messages behind the server's back, as another client's expunge does."""
        folder = self._maildir(username, mailbox)
        for part in ("new", "cur"):
            for path in (folder / part).iterdir():
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()

    def renumber(self, username: str, mailbox: str = "INBOX") -> None:
        """Forget all UIDs of a mailbox, so that its UIDVALIDITY changes, as after a restore from backup.

        Nobody may be using the mailbox. Dovecot takes the time in seconds as the new value, so this may wait for one.
        """
        folder = self._maildir(username, mailbox)
        time.sleep(1.05 - time.time() % 1)
        for name in folder.glob("dovecot*"):
            name.unlink()

    def log(self) -> str:
        """Return Dovecot's log."""
        path = self.root / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def client_context(self) -> ssl.SSLContext:
        """Return a TLS context that trusts this server."""
        return self.certificate.client_context()

    # -- inside -----------------------------------------------------------------------------------------

    @property
    def root(self) -> Path:
        """The directory that holds everything of this server."""
        if self._root is None:
            raise RuntimeError("The server has not been started.")
        return self._root

    def _require_process(self) -> ServerProcess:
        if self._process is None:
            raise RuntimeError("The server is not running.")
        return self._process

    def _prepare(self) -> None:
        self._root = root = self._run_as.new_directory("tidings-dovecot-")
        for name in ("run", "mail", "home", "state", "users"):
            (root / name).mkdir()
        self.port, self.tls_port = free_port(), free_port()
        self.lmtp_port = free_port() if self._options.lmtp else 0
        self.certificate = TestCertificate.create(root)
        self.tokens.start()
        (root / "passwords.conf").write_text(passwords_configuration(root))
        (root / "oauth2.conf").write_text(tokens_configuration(self.tokens.url))
        (root / "dovecot.conf").write_text(self._configuration())
        self._run_as.give(root)

    def _configuration(self) -> str:
        run_as = self._run_as
        place = DovecotPlace(
            self.root, *run_as.names(), run_as.uid, run_as.gid, self.port, self.tls_port, lmtp_port=self.lmtp_port
        )
        return dovecot_configuration(place, self._options)

    def _maildir(self, username: str, mailbox: str) -> Path:
        """Return a maildir with its three parts, made if the server has not made it yet."""
        folder = self.root / "mail" / username
        if mailbox != "INBOX":
            folder = folder / f".{mailbox}"
        made = [part for part in (folder.parent, folder) if not part.exists()]
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        if made:
            self._run_as.give(made[0])
        return folder


def _binary(options: DovecotOptions) -> str:
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
    if found is None:
        raise MissingComponent(
            "Dovecot is not installed: run `apt-get install dovecot-imapd` (macOS: brew install dovecot)."
        )
    if options.lmtp and not any((folder / "lmtp").exists() for folder in _PROGRAMS):
        raise MissingComponent("Dovecot's LMTP server is not installed: run `apt-get install dovecot-lmtpd`.")
    if options.submission and shutil.which("sievec") is None:
        raise MissingComponent("Dovecot's sieve is not installed: run `apt-get install dovecot-sieve`.")
    return found
