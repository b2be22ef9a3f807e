"""A private stand-in for Twilio: npm's `emulate`, run by the node that comes from PyPI.

It keeps numbers, texts and calls, posts signed webhooks, and asks for the token. It lacks recordings, filters by date and faults, which the
fake of `app/plugin_api/testing/providers/twilio.py` has, and carries out no TwiML.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Self

import requests

from app.testing.servers.emulate import LOOPBACK_ONLY, PROGRAM, find_node
from app.testing.servers.process import RunAs, ServerProcess, answers, free_port, remove_directory

__all__ = ["EmulatedTwilio"]


class EmulatedTwilio:
    """One account with one number. `auth_token` is what it takes and signs with; `change_token` begins anew with another one."""

    ACCOUNT_SID = "AC" + "0" * 31 + "7"
    NUMBER = "+15005550006"
    NUMBER_SID = "PN" + "0" * 31 + "7"

    def __init__(self) -> None:
        self.port = free_port()
        self.auth_token = "first-token-of-the-tests"
        self._process: ServerProcess | None = None
        self._root: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where its API listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, **addresses: str) -> None:
        """Start with no texts and no calls. `addresses`: where the number posts to (`sms_url`, `voice_url`, `status_callback`)."""
        node = find_node()
        run_as = RunAs(os.getuid(), os.getgid())
        self._root = self._root or run_as.new_directory("tidings-emulate-twilio-")
        seed, log = self._root / "seed.json", self._root / "log"
        seed.write_text(json.dumps(self._seed(addresses)), encoding="utf-8")
        command: list[str | Path] = [node, "--import", LOOPBACK_ONLY.as_uri(), PROGRAM, "start", "--service", "twilio"]
        command += ["--port", str(self.port), "--base-url", self.url, "--seed", seed]
        self._process = ServerProcess(run_as.spawn(command, log, cwd=self._root), log)
        self._process.wait_until(lambda: answers(self.port))

    def change_token(self, token: str) -> None:
        """The owner makes a new token: the old one is refused, and posts go to where they went, signed with the new one."""
        number = self.number()
        kept = {name: number[name] for name in ("sms_url", "voice_url", "status_callback") if number[name]}
        self.stop()
        self.auth_token = token
        self.start(**kept)

    def number(self) -> dict[str, Any]:
        """The number as the API tells it."""
        return dict(self._ask("GET", f"IncomingPhoneNumbers/{self.NUMBER_SID}.json"))

    def texts(self) -> list[dict[str, Any]]:
        """All texts, newest first."""
        return list(self._ask("GET", "Messages.json")["messages"])

    def receive_text(self, sender: str, body: str) -> str:
        """Somebody texts the number; posted at once. Returns the id."""
        return str(self._simulate("inbound-message", From=sender, To=self.NUMBER, Body=body)["sid"])

    def receive_call(self, sender: str) -> str:
        """Somebody calls the number; posted at once. Returns the id."""
        return str(self._simulate("inbound-call", From=sender, To=self.NUMBER)["sid"])

    def end_call(self, sid: str) -> None:
        """The caller hangs up; posted at once."""
        self._simulate("call-status", CallSid=sid, Status="completed")

    def deliver(self, sid: str) -> None:
        """A text of ours was delivered; posted at once."""
        self._simulate("message-status", MessageSid=sid, Status="delivered")

    def stop(self) -> None:
        """Shut down; all is gone."""
        if self._process is not None:
            self._process.stop()

    def close(self) -> None:
        """Shut down and remove what is left."""
        self.stop()
        if self._root is not None:
            remove_directory(self._root)

    def _simulate(self, what: str, **form: str) -> dict[str, Any]:
        return self._request("POST", f"{self.url}/_twilio/simulate/{what}", form)

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        return self._request(method, f"{self.url}/2010-04-01/Accounts/{self.ACCOUNT_SID}/{path}", None)

    def _request(self, method: str, url: str, form: dict[str, str] | None) -> dict[str, Any]:
        answer = requests.request(method, url, data=form, auth=(self.ACCOUNT_SID, self.auth_token), timeout=20)
        answer.raise_for_status()
        return dict(answer.json())

    def _seed(self, addresses: dict[str, str]) -> dict[str, Any]:
        account = {"sid": self.ACCOUNT_SID, "auth_token": self.auth_token, "friendly_name": "Lumen Lamps"}
        number = {"sid": self.NUMBER_SID, "phone_number": self.NUMBER, "friendly_name": "Support line", **addresses}
        return {"twilio": {"account": account, "phone_numbers": [number]}}
