"""The promise of forms: who was thanked has a message in the inbox, exactly once, whichever process is away or dies meanwhile."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from app.models import InboundEvent, Message
from app.services import agents
from app.services.accounts import create_account
from app.services.core import SYSTEM, Core
from tests.e2e.running import Running, kill

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

WITHOUT_WORKER, VISITORS, KILLS = 30, 8, 3
SETTLE_S = 60


@pytest.fixture
def running(tmp_path) -> Iterator[Running]:
    """An installation with an agent, not started yet; further processes on it are the test's."""
    running = Running(tmp_path / "home")
    yield running
    running.stop()


def make_form(core: Core) -> str:
    """A form, and the path where programs fetch and post it."""
    agents.create_agent(core, SYSTEM, name="Ada", email="ada@example.test", role="admin")
    settings = {"posts_per_hour": 1000, "proof": "never", "keep_ip_days": 0}
    account_id = create_account(
        core, SYSTEM, plugin="webform", name="Orders", settings=settings, secrets={}, is_tested=False
    )
    host = core.plugins.channels["webform"]._host
    return f"/plugins/webform/f/{host.store.get(f'account:{account_id}')}"


def ask(running: Running, method: str, path: str, body: dict | None = None) -> dict:
    """What the server answers as JSON; empty when it does not, or refuses."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    try:
        connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return json.loads(answer.read()) if answer.status == 200 else {}
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()


def filled(form: dict, text: str) -> dict:
    values = {"email": "cleo@mail.example.org", "long_text": text}
    return {"token": form["token"], **{one["name"]: values.get(one["kind"], "Cleo") for one in form["fields"]}}


def arrived(core: Core) -> Counter:
    core.session.rollback()
    return Counter(core.session.scalars(select(Message.text).where(Message.direction == "inbound")))


def wait_until_processed(core: Core) -> None:
    waiting = select(func.count()).select_from(InboundEvent).where(InboundEvent.state == "received")
    until = time.monotonic() + SETTLE_S
    core.session.rollback()
    while core.session.scalar(waiting) and time.monotonic() < until:
        core.session.rollback()
        time.sleep(0.2)


def test_posts_are_thanked_for_while_the_worker_is_down_and_all_are_there_once_it_runs(running):
    with running.opened(migrate=True) as core:
        path = make_form(core)
        web = Running(running.home, arguments=("web",), port=running.port)
        web.start()
        try:
            web.wait_until_up()
            texts = [f"Question number {number}, please." for number in range(WITHOUT_WORKER)]
            form = [ask(web, "GET", f"{path}/form.json") for _ in texts]
            for text, one in zip(texts, form, strict=True):
                assert ask(web, "POST", f"{path}/submit", filled(one, text))["ok"]
                assert ask(web, "POST", f"{path}/submit", filled(one, text))["ok"], "sent again by an impatient visitor"
            assert arrived(core) == Counter()
        finally:
            web.stop()
        worker = Running(running.home, arguments=("worker",), port=running.port)
        worker.start()
        try:
            wait_until_processed(core)
        finally:
            worker.stop()

        assert arrived(core) == Counter(texts)


class Visitor(threading.Thread):
    """Posts one message after the other, each until somebody thanks for it, with the token it was typed under."""

    def __init__(self, running: Running, path: str, name: str) -> None:
        super().__init__(daemon=True)
        self._running, self._path, self._name = running, path, name
        self.stop = threading.Event()
        self.thanked: list[str] = []

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            self._send(f"{self._name} asks question {number}.")

    def _send(self, text: str) -> None:
        form: dict = {}
        until = time.monotonic() + SETTLE_S
        while time.monotonic() < until:
            form = form or ask(self._running, "GET", f"{self._path}/form.json")
            if form and ask(self._running, "POST", f"{self._path}/submit", filled(form, text)).get("ok"):
                self.thanked.append(text)
                return
            time.sleep(0.1)
        raise AssertionError(f"nobody thanked for {text!r}")


def test_who_was_thanked_is_in_the_inbox_once_although_the_web_server_is_killed_again_and_again(running):
    with running.opened(migrate=True) as core:
        path = make_form(core)
        running.start()
        running.wait_until_up()
        visitors = [Visitor(running, path, f"Visitor {number}") for number in range(VISITORS)]
        for visitor in visitors:
            visitor.start()
        for _ in range(KILLS):
            time.sleep(2)
            for process in running.family():
                if "web" in process.cmdline():
                    kill(process)
            running.wait_until_up()
        for visitor in visitors:
            visitor.stop.set()
        for visitor in visitors:
            visitor.join(SETTLE_S)
        wait_until_processed(core)
        found = arrived(core)

    thanked = [text for visitor in visitors for text in visitor.thanked]
    assert len(thanked) > VISITORS * KILLS
    assert found == Counter(thanked)
