"""The promise that no plugin takes the inbox down: with each hostile sample mail comes in, pages open, the others work on, the owner reads
which plugin it is and why, and switching it off heals everything without a restart."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.hostile.stage import Stage, Story, open_stage

QUICK_S = 2.0
"""A page or a mail with a plugin that is not slow, on a busy machine. A call that must be interrupted may take its limit on top."""


@dataclass(frozen=True)
class Attack:
    """What is expected of the story of a sample: the state it is in once it was switched on, what the owner reads of it, and how much
    longer than with others a page or a mail may take."""

    name: str
    reads: tuple[str, ...]
    state: str = "active"
    may_wait_s: float = 0.0


ATTACKS = [
    Attack("raises_at_import", ("It failed while starting: ZeroDivisionError: division by zero",), "quarantined"),
    Attack("raises_in_announce", ("message_received", "ValueError: cannot count message")),
    Attack("raises_in_filter", ("filter_inbound", "UnicodeError: no letters like these")),
    Attack("raises_in_collect", ("AttributeError: the sidebar is not mine", "RuntimeError: only half of the panels")),
    Attack("raises_in_ask", ("KeyError", "IndexError: no teams left")),
    Attack("raises_base_exception", ("GeneratorExit", "CancelledError", "Escape: out of the guard")),
    Attack("raises_poison", ("Unreadable", "Deadly", "its text cannot be read")),
    Attack("exits_at_import", ("It failed while starting: SystemExit: 3",), "quarantined"),
    Attack("exits_in_hooks", ("SystemExit",)),
    Attack("loops_at_import", ("It had not started after 2 seconds and was given up.",), "quarantined", may_wait_s=2.5),
    Attack("loops_in_hook", ("message_received", "conversation_panels", "0.8 s are allowed"), may_wait_s=3.0),
    Attack("sleeps_in_hook", ("match_contact", "conversation_panels", "0.8 s are allowed"), may_wait_s=5.5),
    Attack(
        "wrong_signature", ("Its message_received wants database, but the hook has only host, message",), "quarantined"
    ),
    Attack(
        "unknown_hook",
        ("It implements message_recieved, but there is no such hook. Is it message_received?",),
        "quarantined",
    ),
    Attack("foreign_table", ("touches message, which is not a table of its own", "is written as text")),
    Attack("foreign_migration", ("changes contact, which does not begin with the plugin's prefix",), "quarantined"),
    Attack("broken_migration", ("half of the tables are enough",), "quarantined"),
    Attack("undeclared_host", ("may not talk to this server: its manifest does not name it",)),
    Attack("claims_routes", ("/../../settings/plugins",), "quarantined"),
    Attack("claims_everything", ()),
    Attack("broken_template", ("conversation_panels",)),
    Attack("deep_template", ("conversation_panels",), may_wait_s=2.0),
    Attack("huge_panel", ("conversation_panels",), may_wait_s=2.0),
    Attack("recursion_bomb", ("RecursionError",)),
    Attack("answers_nonsense", ("conversation_panels",)),
    Attack("changes_arguments", ()),
    Attack("leaves_thread", ()),
]


@pytest.fixture(scope="class", params=ATTACKS, ids=lambda attack: attack.name)
def attack(request) -> Attack:
    return request.param


@pytest.fixture(scope="module")
def stage(migrated_sqlite, tmp_path_factory) -> Iterator[Stage]:
    """One for all: what one of them leaves behind is the next one's trouble, since nothing is ever started anew."""
    folder: Path = tmp_path_factory.mktemp("stage")
    shutil.copyfile(migrated_sqlite, folder / "tidings.sqlite3")
    with open_stage(folder / "home", f"sqlite:///{folder / 'tidings.sqlite3'}") as opened:
        yield opened


@pytest.fixture(scope="class")
def story(attack, stage) -> Story:
    return stage.play(attack.name)


class TestHostilePlugin:
    """Each promise once for each sample."""

    def test_mail_comes_in_and_is_stored(self, attack, story):
        assert story.with_it.received.state == "new"
        assert story.with_it.is_stored
        assert story.with_it.intake_s < QUICK_S + attack.may_wait_s

    def test_agents_see_their_pages_in_bounded_time(self, attack, story):
        assert {name: page.status for name, page in story.with_it.pages.items()} == {
            "inbox": 200, "conversation": 200, "dashboard": 200,
        }  # fmt: skip
        slowest = max(page.seconds for page in story.with_it.pages.values())
        assert slowest < QUICK_S + attack.may_wait_s
        assert len(story.with_it.pages["conversation"].words) < 200_000

    def test_the_other_plugins_work_on(self, attack, story):
        assert story.with_it.counts == {"filtered": 1, "asked": 1, "told": 1}
        assert "Written by the witness" in story.with_it.pages["conversation"].words

    def test_the_owner_reads_which_plugin_and_why(self, attack, story):
        assert story.state == attack.state
        row = story.row(story.owner_list)
        if attack.state == "quarantined":
            assert row.startswith("Quarantined")
            assert attack.reads[0] in story.owner_list.words
        elif attack.reads:
            assert re.search(r"\b[1-9]\d* errors? in the last hour|Partly resting", row)
        seen = story.owner_page.words + story.hooks_page.words
        assert [words for words in attack.reads if words not in seen] == []

    def test_switching_it_off_heals_everything(self, attack, story):
        after = story.without_it
        assert story.state_after == "inactive"
        assert (after.received.state, after.is_stored) == ("new", True)
        assert {page.status for page in after.pages.values()} == {200}
        assert max(after.intake_s, *(page.seconds for page in after.pages.values())) < QUICK_S
        assert after.counts == {"filtered": 1, "asked": 1, "told": 1}
        assert story.row(story.owner_list_after).startswith("Off")
