"""What single hostile plugins are kept from, beyond the story that all of them share."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import func, inspect, select

from app.extensions import db
from app.jobs.worker import sweep
from app.models import ChannelAccount, InboundEvent, Message, Notice, PluginCost, PluginState
from app.services import accounts
from app.services.core import SYSTEM
from tests.integration.hostile.stage import SAMPLES, Stage, kept_log, open_stage

SECRET = "correct-horse-9f8e7d6c"


@pytest.fixture
def open_here(database_url, tmp_path) -> Callable[[], AbstractContextManager[Stage]]:
    """Return what opens the test's installation; a second time is a process that starts later."""
    return lambda: open_stage(tmp_path / "home", database_url)


@pytest.fixture
def stage(open_here) -> Iterator[Stage]:
    with open_here() as opened:
        yield opened


def on_one_database(test):
    return pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)(test)


def switch_on(stage: Stage, name: str) -> None:
    stage.put_in(name)
    stage.switch_on(name)


def create_account(stage: Stage, plugin: str, **secrets: str) -> int:
    return accounts.create_account(
        stage.core, SYSTEM, plugin=plugin, name="Leaky", settings={}, secrets=secrets, is_tested=False
    )


@on_one_database
def test_a_secret_is_found_neither_in_logs_nor_on_pages_nor_in_the_database(stage):
    with kept_log() as log:
        switch_on(stage, "leaks_secret")
        account_id = create_account(stage, "leaks_secret", password=SECRET)
        stage.take_in()
        assert stage.admin.post(f"/hooks/leaks_secret/{account_id}", b"x").status_code == 500
        tested = stage.admin.post(f"/accounts/{account_id}/test", follow_redirects=True)
        stage.core.plugins.flush_health()
        pages = [
            stage.read(page, stage.admin).words
            for page in (
                "/settings/plugins",
                "/settings/plugins/leaks_secret",
                "/settings/plugins/hooks",
                f"/accounts/{account_id}",
            )
        ]
    text, pages = "\n".join(log), [tested.text, *pages]
    assert "signing in with •••" in text
    assert "?password=•••" in text
    assert "the provider does not know" in text
    assert "bad signature for •••" in text
    assert any("the provider does not know" in page for page in pages)
    assert "••• was refused" in pages[0]
    assert SECRET not in text + "".join(pages)
    assert SECRET not in stored_texts(stage)


def stored_texts(stage: Stage) -> str:
    """Everything in the tables that plugins' errors can reach."""
    tables = (PluginState, PluginCost, Notice, InboundEvent, Message, ChannelAccount)
    rows = [stage.core.session.execute(select(table.__table__)).all() for table in tables]
    stage.core.session.rollback()
    return repr(rows)


@pytest.mark.parametrize("name", ["foreign_migration", "broken_migration"])
def test_a_migration_that_fails_leaves_nothing_behind(stage, name):
    before = structure()

    switch_on(stage, name)

    assert stage.state(name) == "quarantined"
    assert structure() == before


def structure() -> dict[str, list[str]]:
    """All tables with their columns."""
    found = inspect(db.engine)
    return {table: sorted(column["name"] for column in found.get_columns(table)) for table in found.get_table_names()}


def test_a_foreign_table_is_not_touched(stage):
    switch_on(stage, "foreign_table")

    for _ in range(2):
        number = stage.take_in().conversation_id
        assert stage.read(f"/conversations/{number}").status == 200

    assert stage.core.session.scalar(select(func.count()).select_from(Message)) == 2


@on_one_database
def test_a_plugin_that_claims_every_page_has_only_its_own(stage):
    switch_on(stage, "claims_everything")

    plain = stage.agent.get("/plugins/claims_everything/inbox")
    other = stage.agent.get("/plugins/witness/hello")

    assert "alert" in plain.text
    assert "default-src *" not in plain.headers["Content-Security-Policy"]
    assert "script-src 'self'" in plain.headers["Content-Security-Policy"]
    assert "stolen" not in " ".join(plain.headers.getlist("Set-Cookie"))
    assert "Clear-Site-Data" not in plain.headers
    assert "Service-Worker-Allowed" not in plain.headers
    assert other.text == "Hello from the witness"
    assert stage.read("/").status == 200


@on_one_database
def test_nobody_changes_what_the_next_one_is_shown(stage):
    switch_on(stage, "changes_arguments")

    received = stage.take_in("Hello there.")

    stage.core.plugins.flush_health()
    heard = stage.core.plugins._backend.get_value("witness", "heard", {})
    message = stage.core.session.get(Message, received.message_id)
    assert heard["text"].strip() == "Hello there."
    assert "seen by" not in message.fields
    assert dict(message.fields) == heard["fields"]
    assert stage.core.session.get(ChannelAccount, stage.account_id).settings == {}
    failures = {record.hook: record.last_error for record in stage.core.plugins.health_of("changes_arguments")}
    assert "only shown to you" in failures["choose_team"]
    assert "only shown to you" in failures["message_received"]


@on_one_database
def test_a_thread_that_was_left_behind_may_do_nothing_once_its_plugin_is_off(stage, monkeypatch):
    monkeypatch.setattr("app.plugin_host.permissions.LEEWAY_S", 0.0)
    switch_on(stage, "leaves_thread")
    stage.take_in()
    thread = next(one for one in threading.enumerate() if one.name == "leaves-thread")
    assert wait_until(lambda: turns(stage) > 0)

    stage.switch_off("leaves_thread")

    assert wait_until(lambda: not thread.is_alive())
    before = turns(stage)
    time.sleep(0.2)
    assert turns(stage) == before


def turns(stage: Stage) -> int:
    found = stage.core.plugins._backend.get_value("leaves_thread", "turns", 0)
    stage.core.session.rollback()
    return found


def wait_until(look: Callable[[], bool], timeout_s: float = 10) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.02)
    return False


@on_one_database
def test_a_channel_that_breaks_at_every_border_breaks_alone(stage):
    switch_on(stage, "breaks_its_channel")
    account_id = create_account(stage, "breaks_its_channel")
    hook = f"/hooks/breaks_its_channel/{account_id}"

    began = time.monotonic()
    assert stage.admin.post(f"{hook}?do=loop", b"x").status_code == 500
    assert time.monotonic() - began < 3
    assert stage.admin.post(f"{hook}?do=nonsense", b"x").status_code == 500
    assert stage.admin.post(hook, b"kept").status_code == 200
    assert stage.read(f"/accounts/{account_id}", stage.admin).status == 200
    assert stage.admin.post(f"/accounts/{account_id}/test").status_code < 500
    states = process_all(stage)
    assert states == ["undelivered"]
    assert stage.act().counts == {"filtered": 1, "asked": 1, "told": 1}


def process_all(stage: Stage) -> list[str]:
    sweep(stage.core)
    stage.core.session.rollback()
    rows = select(InboundEvent.state).where(InboundEvent.account_id != stage.account_id)
    return list(stage.core.session.scalars(rows))


@on_one_database
@pytest.mark.parametrize("sample", ["raises_at_import", "exits_at_import", "loops_at_import"])
def test_a_process_starts_although_a_plugin_that_ran_cannot_start_any_more(open_here, sample):
    with open_here() as stage:
        folder = stage.core.config.home / "plugins" / "weathervane"
        switch_on(stage, "weathervane")
        assert stage.state("weathervane") == "active"
        shutil.copy(SAMPLES / "hostile" / sample / "__init__.py", folder)
    began = time.monotonic()
    with open_here() as later:
        assert time.monotonic() - began < 10
        assert later.state("weathervane") == "quarantined"
        assert later.act().counts == {"filtered": 1, "asked": 1, "told": 1}
        assert "Weathervane" in later.read("/settings/plugins", later.admin).words
