"""A private SIP registrar and proxy: Kamailio with digest registration, its users and routes changed while it runs.

Calls come in from anybody, as they do from a trunk; who calls out or registers in the name of a user has to give the user's password.
Audio goes from end to end and never through it.
"""

from __future__ import annotations

import itertools
import json
import shutil
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from app.testing.servers.missing import MissingComponent
from app.testing.servers.process import RunAs, ServerProcess, free_port, remove_directory

_PLACES = (Path("/usr/sbin/kamailio"), Path("/usr/local/sbin/kamailio"))
_MODULES = "tm sl rr pv maxfwd textops siputils usrloc registrar auth htable kex corex jsonrpcs"
_CONFIGURATION = """#!KAMAILIO
debug=1
log_stderror=yes
children=2
tcp_children=1
auto_aliases=no
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
{modules}
modparam("usrloc", "db_mode", 0)
modparam("registrar", "min_expires", 1)
modparam("registrar", "max_expires", {longest_registration_s})
modparam("htable", "htable", "users=>size=4;")
modparam("htable", "htable", "routes=>size=4;")
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "{root}/control")
modparam("jsonrpcs", "dgram_mode", 0666)
request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  force_rport();
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (has_totag()) {{
    if (loose_route()) {{ t_relay(); exit; }}
    if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
    t_relay();
    exit;
  }}
  if (is_method("REGISTER")) {{
    if (!pv_www_authenticate("$fd", "$sht(users=>$au)", "0")) {{ www_challenge("$fd", "0"); exit; }}
    consume_credentials();
    if (!save("location")) sl_reply_error();
    exit;
  }}
  if (is_method("INVITE") && $sht(users=>$fU) != $null) {{
    if (!pv_proxy_authenticate("$fd", "$sht(users=>$au)", "0")) {{ proxy_challenge("$fd", "0"); exit; }}
    consume_credentials();
  }}
  record_route();
  if ($sht(routes=>$rU) != $null) {{ $du = $sht(routes=>$rU); }}
  else if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
  t_relay();
}}
"""


class KamailioServer:
    """One registrar for a session of tests; `users` maps names to passwords. `longest_registration_s` shortens what clients ask for."""

    def __init__(self, users: Mapping[str, str] | None = None, *, longest_registration_s: int = 3600) -> None:
        self.port = 0
        self.users = dict(users or {})
        self._routes: dict[str, str] = {}
        self._longest_registration_s = longest_registration_s
        self._run_as = RunAs.unprivileged()
        self._process: ServerProcess | None = None
        self._root: Path | None = None
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """Host and port, as a softphone's settings name them; UDP and TCP."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, or start again on the same port with nobody registered."""
        program = _program()
        self._root = self._root or self._run_as.new_directory("tidings-kamailio-")
        self.port = self.port or free_port()
        configuration, log = self._root / "kamailio.cfg", self._root / "log"
        configuration.write_text(self._configuration(self._root), encoding="ascii")
        self._run_as.give(self._root)
        command: list[str | Path] = [program, "-f", configuration, "-DD", "-E", "-Y", self._root, "-m", "32", "-M", "4"]
        self._process = ServerProcess(self._run_as.spawn(command, log, cwd=self._root), log)
        self._process.wait_until(self._is_up)
        for name, password in self.users.items():
            self.set_password(name, password)
        for number, address in self._routes.items():
            self.route(number, address)

    def stop(self) -> None:
        """End it at once: who was registered is forgotten. It keeps nothing, and asked to end it waits for calls that nobody finishes."""
        if self._process is not None:
            self._process.stop(signal.SIGKILL)

    def close(self) -> None:
        """Stop for good and remove what is left."""
        self.stop()
        if self._root is not None:
            remove_directory(self._root)

    def set_password(self, user: str, password: str) -> None:
        """Add a user or change the password; registrations that stand keep standing until they are refreshed."""
        self.users[user] = password
        self._ask("htable.sets", ["users", user, password])

    def route(self, number: str, address: str) -> None:
        """Send calls for a number to "host:port", whether anybody registered there or not."""
        self._routes[number] = address
        self._ask("htable.sets", ["routes", number, f"sip:{address}"])

    def is_registered(self, user: str) -> bool:
        """Whether somebody is registered under this name at this moment."""
        return bool(self.contacts(user))

    def contacts(self, user: str) -> list[str]:
        """The addresses registered under this name."""
        answer = self._ask("ul.lookup", ["location", user], may_fail=True)
        contacts = answer.get("Contacts", []) if answer else []
        return [one["Contact"]["Address"] for one in contacts]

    def forget(self, user: str) -> None:
        """Drop a user's registrations, as a restarted registrar without a memory does."""
        self._ask("ul.rm", ["location", user], may_fail=True)

    def _configuration(self, root: Path) -> str:
        modules = "\n".join(f'loadmodule "{name}.so"' for name in _MODULES.split())
        return _CONFIGURATION.format(
            port=self.port, modules=modules, root=root, longest_registration_s=self._longest_registration_s
        )

    def _is_up(self) -> bool:
        try:
            return self._ask("core.version", []) is not None
        except OSError:
            return False

    def _ask(self, method: str, parameters: list[str], *, may_fail: bool = False) -> Any:
        """One JSON-RPC call over Kamailio's control socket. Raises RuntimeError for a refusal unless it `may_fail`."""
        assert self._root is not None
        question = {"jsonrpc": "2.0", "method": method, "params": parameters, "id": 1}
        ear = self._root / f"ear-{next(self._numbers)}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.bind(str(ear))
            ear.chmod(0o666)
            client.settimeout(5)
            client.sendto(json.dumps(question).encode(), str(self._root / "control"))
            answer = json.loads(client.recv(65536))
        ear.unlink()
        if "error" in answer and not may_fail:
            raise RuntimeError(f"Kamailio refused {method}: {answer['error']}")
        return answer.get("result")


def _program() -> Path:
    found = shutil.which("kamailio")
    place = next((place for place in _PLACES if place.exists()), Path(found) if found else None)
    if place is None:
        raise MissingComponent("Kamailio is not installed: run `apt-get install kamailio`.")
    return place
