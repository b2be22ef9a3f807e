"""How the fake of Meta's Graph API reaches the app: signed webhooks to its callback, and the dashboard's question to it."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

import requests

__all__ = ["Callback"]


class Callback:
    """A part of `FakeMetaGraph`: what goes to the app, and when."""

    app_secret: str
    verify_token: str
    callback_url: str
    now: Callable[[], datetime]
    delivered: list[tuple[dict[str, Any], int]]
    undelivered: list[dict[str, Any]]

    def sign(self, body: bytes) -> dict[str, str]:
        """The headers of a webhook with this body."""
        signature = hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()
        return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}

    def deliver(self, payload: dict[str, Any]) -> int:
        """Send a webhook, signed, if there is a callback; returns the status, 0 where nobody answered."""
        if not self.callback_url:
            self.undelivered.append(payload)
            return 0
        body = json.dumps(payload).encode()  # Meta escapes what is not ASCII too, and signs the escaped text
        try:
            status = requests.post(self.callback_url, data=body, headers=self.sign(body), timeout=10).status_code
        except requests.RequestException:
            status = 0
        self.delivered.append((payload, status))
        if not 200 <= status < 300:
            self.undelivered.append(payload)
        return status

    def redeliver(self) -> int:
        """Try once more what was not taken, in the same order; returns how many still were not."""
        waiting, self.undelivered = self.undelivered, []
        for payload in waiting:
            self.deliver(payload)
        return len(self.undelivered)

    def verify_callback(self) -> bool:
        """Ask the callback as the dashboard does when it is entered; whether it gave the challenge back."""
        challenge = secrets.token_hex(8)
        query = {"hub.mode": "subscribe", "hub.verify_token": self.verify_token, "hub.challenge": challenge}
        answer = requests.get(self.callback_url, params=query, timeout=10)
        return answer.status_code == 200 and answer.text == challenge

    def milliseconds(self) -> int:
        """Now, as Messenger writes it."""
        return int(self.now().timestamp() * 1000)

    def seconds(self) -> str:
        """Now, as WhatsApp writes it."""
        return str(int(self.now().timestamp()))
