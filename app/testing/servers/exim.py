"""A private Exim: takes mail over SMTP, hands it to a Dovecot's mailboxes over LMTP, and sends real delivery reports for the rest.

Needs the system's package `exim4-daemon-light`. It runs as whoever the other servers run as; nothing of the system's own Exim is used
but the program.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Self

from app.testing.servers.dovecot import DovecotServer
from app.testing.servers.missing import MissingComponent
from app.testing.servers.process import RunAs, ServerProcess, answers, free_port, remove_directory

_CONFIGURATION = """
exim_user = {user}
exim_group = {group}
primary_hostname = mail.example.test
domainlist local_domains = {domains}
spool_directory = {root}/spool
log_file_path = {root}/log/%slog
pid_file_path = {root}/exim.pid
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
keep_environment =
add_environment = PATH=/usr/bin:/bin
acl_smtp_rcpt = accept_local
deliver_drop_privilege = true
never_users =
tls_advertise_hosts =
host_lookup =
rfc1413_query_timeout = 0s
delay_warning = 1s

begin acl
accept_local:
  accept domains = +local_domains
  deny message = relay not permitted

begin routers
held:
  driver = redirect
  domains = +local_domains
  condition = ${{lookup {{$local_part@$domain}} dsearch {{{root}/held}} {{yes}}{{no}}}}
  data = :defer: mailbox is busy
  allow_defer
mailbox:
  driver = accept
  domains = +local_domains
  local_part_suffix = +*
  local_part_suffix_optional
  condition = ${{lookup {{$local_part@$domain}} dsearch {{{mailboxes}/users}} {{yes}}{{no}}}}
  transport = lmtp

begin transports
lmtp:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  port = {lmtp_port}
  allow_localhost
  hosts_override
  max_rcpt = 1
  return_path_add
  envelope_to_add

begin retry
* * F,1h,1s
"""


class EximServer:
    """One mail transfer agent; `port` takes mail for `domains` from everybody.

    Who has a mailbox in `mailboxes` (a Dovecot with `lmtp`) gets it there, `+anything` too; for all other addresses of the domains the
    mail is taken and comes back as a report, with the whole mail in it. `port` 0 stands for a free one.
    """

    def __init__(
        self, mailboxes: DovecotServer, *, domains: tuple[str, ...] = ("example.test",), port: int = 0
    ) -> None:
        self.port = port
        self._mailboxes = mailboxes
        self._domains = domains
        self._run_as = RunAs.unprivileged()
        self._process: ServerProcess | None = None
        self._root: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def start(self) -> None:
        """Listen on `port`."""
        binary = _binary()
        if self._root is None:
            self._prepare()
        log = self.root / "out"
        self._process = ServerProcess(self._run_as.spawn([binary, "-C", self._configuration, "-bdf"], log), log)
        self._process.wait_until(lambda: answers(self.port, b"220"))

    def close(self) -> None:
        """End everything and forget what is queued."""
        if self._process is not None:
            self._process.stop()
        if self._root is not None:
            remove_directory(self._root)

    def hold(self, address: str) -> None:
        """Put off what comes for an address from now on."""
        self._run_as.give(self._held(address).parent)
        self._held(address).touch()

    def release(self, address: str) -> None:
        """Deliver again; what was put off goes with the next `run_queue`."""
        self._held(address).unlink()

    def run_queue(self) -> None:
        """Try all that was put off once more; senders of what has waited for more than a second are told."""
        self._run_as.run([_binary(), "-C", self._configuration, "-qff"])

    def wait_for_log(self, words: str, *, timeout_s: float = 10.0) -> None:
        """Return when the log holds `words`; raise AssertionError if it does not in time."""
        deadline = time.monotonic() + timeout_s
        while words not in self.log():
            assert time.monotonic() < deadline, f"{words!r} was not logged within {timeout_s} s:\n{self.log()}"
            time.sleep(0.02)

    def log(self) -> str:
        """What happened to each mail, in Exim's words."""
        path = self.root / "log" / "mainlog"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def root(self) -> Path:
        """The directory that holds everything of this server."""
        if self._root is None:
            raise RuntimeError("The server has not been started.")
        return self._root

    @property
    def _configuration(self) -> Path:
        return self.root / "exim.conf"

    def _held(self, address: str) -> Path:
        return self.root / "held" / address

    def _prepare(self) -> None:
        self._root = root = self._run_as.new_directory("tidings-exim-")
        for name in ("spool", "log", "held"):
            (root / name).mkdir()
        self.port = self.port or free_port()
        user, group = self._run_as.names()
        text = _CONFIGURATION.format(
            root=root,
            user=user,
            group=group,
            port=self.port,
            domains=" : ".join(self._domains),
            mailboxes=self._mailboxes.root,
            lmtp_port=self._mailboxes.lmtp_port,
        )
        self._configuration.write_text(text)
        self._run_as.give(root)


def _binary() -> str:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
    found = shutil.which("exim4", path=path) or shutil.which("exim", path=path)
    if found is None:
        raise MissingComponent(
            "Exim is not installed: run `apt-get install exim4-daemon-light` (macOS: brew install exim)."
        )
    return found
