"""What runs beside a plugin that comes and goes: people who open pages, providers who post messages, and somebody who asks each web process
again and again what the plugin's page says."""

import http.client
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests

from app.plugin_api.channel import Account, Channel
from app.plugin_api.messages import WebhookRequest

PAGES = ("/", "/dashboard", "/contacts", "/settings/plugins", "/conversations/1", "/plugins/lookout/version")
_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


class Repeating(threading.Thread):
    """Does its `turn` again and again until it is stopped. What a turn raises is kept in `problems`."""

    def __init__(self, pause_s: float) -> None:
        super().__init__(daemon=True)
        self._pause_s, self._ended = pause_s, threading.Event()
        self.problems: list[str] = []

    def run(self) -> None:
        while not self._ended.wait(self._pause_s):
            try:
                self.turn()
            except (requests.RequestException, OSError, http.client.HTTPException) as error:
                self.problems.append(f"{type(error).__name__}: {error}")

    def turn(self) -> None:
        raise NotImplementedError

    def end(self) -> None:
        self._ended.set()
        self.join(timeout=30)


class Reader(Repeating):
    """An agent who goes from page to page; counts the statuses of each."""

    def __init__(self, address: str, email: str, password: str) -> None:
        super().__init__(pause_s=0.25)
        self.address, self.statuses = address, Counter[tuple[str, int]]()
        self._session = requests.Session()
        form = self._session.get(f"{address}/login", timeout=30).text
        fields = {"email": email, "password": password, "csrf_token": _TOKEN.search(form)[1]}
        answer = self._session.post(f"{address}/login", data=fields, timeout=30)
        assert answer.status_code == 200
        self._next = 0

    def turn(self) -> None:
        page = PAGES[self._next % len(PAGES)]
        self._next += 1
        answer = self._session.get(self.address + page, timeout=30, allow_redirects=False)
        self.statuses[page, answer.status_code] += 1


class Poster(Repeating):
    """A provider who posts one signed message after the other, each again until it was taken; `taken` are their ids."""

    def __init__(self, address: str, channel: Channel, account: Account, name: str) -> None:
        super().__init__(pause_s=0.25)
        self._url = f"{address}/hooks/{account.plugin}/{account.id}"
        self._channel, self._account, self._name = channel, account, name
        self._session = requests.Session()
        self.taken: list[str] = []
        self.statuses: Counter[int] = Counter()

    def turn(self) -> None:
        identifier = f"{self._name}-{len(self.taken)}"
        body = json.dumps(
            {"id": identifier, "from": f"{self._name}-{len(self.taken) % 7}", "text": identifier}
        ).encode()
        asked = WebhookRequest("POST", self._url, {}, {}, body, datetime.now(UTC))
        headers = self._channel.sign_webhook(self._account, asked)
        answer = self._session.post(self._url, data=body, headers=headers, timeout=30)
        self.statuses[answer.status_code] += 1
        if answer.status_code == 202:
            self.taken.append(identifier)


@dataclass
class Watcher(Repeating):
    """Asks one web process, over a connection that only this process serves, what the plugin's page says: its version, or "" for 404.

    `seen` are (moment before asking, moment after, answer).
    """

    port: int
    pid: int
    seen: list[tuple[float, float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(pause_s=0.06)
        self._connection: http.client.HTTPConnection | None = None

    def __hash__(self) -> int:
        return id(self)

    def turn(self) -> None:
        connection = self._connection or connect_to(self.port, self.pid)
        self._connection = None
        before = time.time()
        status, text = ask(connection, "/plugins/weathervane/version")
        self._connection = connection
        self.seen.append(
            (before, time.time(), text.split()[0] if status == 200 else "" if status == 404 else str(status))
        )

    def saw(self, expected: str, since: float) -> bool:
        """Whether this was an answer to a question asked after `since`."""
        return any(answer == expected for before, _, answer in self.seen[-200:] if before >= since)

    def last_other(self, expected: str, since: float) -> float:
        """When the last question after `since` was asked that got another answer; `since` when none did."""
        return max(
            [since, *(before for before, _, answer in self.seen[-200:] if before > since and answer != expected)]
        )


def ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, str]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode("utf-8", "replace")


def connect_to(port: int, pid: int) -> http.client.HTTPConnection:
    """A connection that the web process `pid` serves: the kernel chooses, so ask until it did."""
    for _ in range(200):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        _, text = ask(connection, "/plugins/lookout/version")
        if text.split()[-1] == str(pid):
            return connection
        connection.close()
    raise AssertionError(f"no connection reached the process {pid}")


def web_processes(port: int, count: int, wait: Callable[[float], None] = time.sleep) -> set[int]:
    """The ids of all web processes, once `count` of them answer."""
    found: set[int] = set()
    deadline = time.monotonic() + 30
    while len(found) < count and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        status, text = ask(connection, "/plugins/lookout/version")
        connection.close()
        if status == 200:
            found.add(int(text.split()[-1]))
        wait(0.02)
    assert len(found) == count
    return found
