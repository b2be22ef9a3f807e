"""Who uses an installation under load: visitors of a form, each with an address and a connection of their own, and agents who click."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

from bench.words import FIRST_NAMES, LAST_NAMES, paragraphs, subject

__all__ = ["Agents", "Posts"]

_TYPING_S = 2.5
"""Between fetching a form and posting it: longer than a form believes of programs."""
_FIRST = 9_000_000
"""Where the texts begin; those of the seeded messages are others."""
_HEADERS = {"Content-Type": "application/json", "Accept-Language": "en", "Connection": "close"}
_THINKING_S = (0.5, 1.5)


class Posts:
    """Visitors who come at an even pace, whether or not those before them were served."""

    def __init__(self, port: int, key: str, rate: int) -> None:
        self._port, self._path, self._rate = port, f"/plugins/webform/f/{key}", rate
        self.sent: list[str] = []
        self.thanked: list[str] = []
        self.refused: Counter[str] = Counter()
        self.took: list[float] = []

    def run(self, seconds: int) -> None:
        """Returns when the last of them was answered."""
        first = len(self.sent)
        with ThreadPoolExecutor(max_workers=self._rate * 4) as crowd:
            begin = time.perf_counter()
            for number in range(self._rate * seconds):
                time.sleep(max(0.0, begin + number / self._rate - time.perf_counter()))
                crowd.submit(self._visit, first + number)

    def _visit(self, number: int) -> None:
        address = f"198.18.{number % 250}.{number // 250 % 250}"
        status, form = self._ask("GET", "/form.json", address)
        if status != 200:
            self.refused[f"no form: {status}"] += 1
            return
        time.sleep(_TYPING_S)
        text = "\n\n".join(paragraphs(_FIRST + number))
        answers = {one["name"]: _answer(one, number, text) for one in form["fields"]}
        self.sent.append(text)
        begin = time.perf_counter()
        status, said = self._ask("POST", "/submit", address, {**answers, "token": form["token"]})
        self.took.append(time.perf_counter() - begin)
        if status == 200:
            self.thanked.append(text)
        else:
            self.refused[f"{status} {said.get('reason', '')} {said.get('fields', '')}"] += 1

    def _ask(self, method: str, part: str, address: str, body: dict | None = None) -> tuple[int, dict]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {**_HEADERS, "X-Forwarded-For": address}
        try:
            connection.request(method, self._path + part, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, HTTPException, ValueError):
            return 0, {}
        finally:
            connection.close()


class Agents:
    """Each looks at the list, a conversation and the dashboard in turn, with a moment between clicks."""

    def __init__(self, port: int, cookies: Sequence[str]) -> None:
        self._port, self._cookies = port, cookies
        self.took: list[float] = []
        self.failed = 0

    @contextmanager
    def clicking(self) -> Iterator[None]:
        stop = threading.Event()
        threads = [threading.Thread(target=self._work, args=(cookie, stop)) for cookie in self._cookies]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _work(self, cookie: str, stop: threading.Event) -> None:
        chance = random.Random(cookie)
        while not stop.is_set():
            for path in ("/", f"/conversations/{chance.randint(1, 1000)}", "/dashboard"):
                self._click(path, cookie)
                stop.wait(chance.uniform(*_THINKING_S))

    def _click(self, path: str, cookie: str) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        begin = time.perf_counter()
        try:
            connection.request("GET", path, headers={"Cookie": cookie, "Connection": "close"})
            answer = connection.getresponse()
            answer.read()
            self.failed += answer.status != 200
        except (OSError, HTTPException):
            self.failed += 1
        finally:
            connection.close()
            self.took.append(time.perf_counter() - begin)


def _answer(field: dict, number: int, text: str) -> str:
    """What a visitor writes into a field of this kind."""
    said = {"email": f"visitor{number}@example.com", "long_text": text, "phone": "+48 22 123 45 67", "consent": "y"}
    if field["kind"] in said:
        return said[field["kind"]]
    if field.get("choices"):
        return field["choices"][0]["value"]
    return (
        subject(number)
        if "subject" in field["name"]
        else f"{FIRST_NAMES[number % 61 % len(FIRST_NAMES)]} {LAST_NAMES[number % len(LAST_NAMES)]}"
    )
