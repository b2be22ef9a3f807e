"""A stage for hostile plugins: an installation that isolates plugins as in real life, a witness plugin beside, and the story that is played
with each of them: it is switched on, mail comes in, pages are opened, the owner looks, it is switched off, and all of it again."""

import html
import logging
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app.clock import SystemClock
from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.models import Agent, ChannelAccount, Message
from app.plugin_api.host import Received
from app.plugin_api.messages import RawEvent
from app.plugin_host import Limits
from app.services import accounts, agents, replies
from app.services.core import SYSTEM, Actor, Core
from app.services.intake import receive
from app.services.replies import ReplyDraft
from tests.integration.core.mails import create_mail
from tests.integration.web.visitor import Visitor

SAMPLES = Path(__file__).parents[2] / "sample_plugins"
LIMITS = Limits(slow_call_s=0.2, request_s=0.8, call_s=0.8, start_s=2.0)
"""Tight, so that the story is short; what they mean in the small they mean in the large."""
STATES = ("On", "Off", "Quarantined", "Partly resting", "Waiting")
_TAGS = re.compile(r"<script\b.*?</script>|<[^>]+>", re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="(version|asks)" value="([^"]*)"')


@dataclass(frozen=True)
class Opened:
    """A page as somebody saw it: its status, the seconds it took, and its words."""

    status: int
    seconds: float
    words: str


@dataclass(frozen=True)
class Act:
    """What happened while one mail came in and was read by an agent. `counts` is what the witness counted during it."""

    received: Received
    is_stored: bool
    intake_s: float
    pages: dict[str, Opened]
    counts: dict[str, int]


@dataclass
class Story:
    """Both acts, what the owner read between them and after, and everything that was logged."""

    title: str
    with_it: Act
    state: str
    owner_list: Opened
    owner_page: Opened
    hooks_page: Opened
    without_it: Act
    state_after: str
    owner_list_after: Opened
    log: list[str] = field(default_factory=list)

    def row(self, page: Opened) -> str:
        """What the list of plugins says of the plugin: its state first, then what it is and does."""
        found = re.search(rf" {re.escape(self.title)} ((?:{'|'.join(STATES)}) .*?)(?: Settings)? Switch o", page.words)
        return found[1] if found else ""


class Stage:
    """One installation with drop-ins allowed, where the witness runs. Plugins are put into its folder and switched on by the admin in the
    browser."""

    def __init__(self, app: Flask, core: Core) -> None:
        self.app, self.core = app, core
        self.admin = self._sign_in("Root", "admin")
        self.agent = self._sign_in("Ada", "agent")
        self._mails = 0
        self.account_id = self._mailbox()
        if not (core.config.home / "plugins" / "witness").exists():
            self.put_in("witness")
            self.switch_on("witness")

    def put_in(self, *samples: str) -> None:
        """Copy samples into the plugins folder and let the host look."""
        for sample in samples:
            source = SAMPLES / sample if (SAMPLES / sample).is_dir() else SAMPLES / "hostile" / sample
            shutil.copytree(source, self.core.config.home / "plugins" / sample)
        self.core.plugins.rescan()

    def switch_on(self, name: str) -> None:
        """As the admin does: click, read what it asks for, agree."""
        answer = self.admin.post(f"/settings/plugins/{name}/on")
        if answer.location.endswith("/agree"):
            asked = dict(_HIDDEN.findall(self.admin.get(answer.location).text))
            self.admin.post(f"/settings/plugins/{name}/agree", {k: html.unescape(v) for k, v in asked.items()})

    def switch_off(self, name: str) -> None:
        self.admin.post(f"/settings/plugins/{name}/off")

    def state(self, name: str) -> str:
        return str(self.core.plugins.info(name).state)

    def take_in(self, body: str = "") -> Received:
        """A mail of a person who never wrote before, in answer to nothing."""
        self._mails += 1
        mail = create_mail(
            message_id=f"{self._mails}@x.org", sender=f"Person {self._mails} <p{self._mails}@x.org>",
            body=body or f"Question {self._mails}",
        )  # fmt: skip
        payload = mail.replace("\n", "\r\n").encode()
        return receive(self.core, self.account_id, RawEvent(payload, content_type="message/rfc822"))

    def read(self, address: str, who: Visitor | None = None) -> Opened:
        began = time.perf_counter()
        answer = (who or self.agent).get(address)
        seconds = time.perf_counter() - began
        return Opened(answer.status_code, seconds, html.unescape(" ".join(_TAGS.sub(" ", answer.text).split())))

    def act(self) -> Act:
        """A mail comes in, an agent looks at the inbox, reads and answers it, and looks at the dashboard."""
        before = self.witnessed()
        began = time.perf_counter()
        received = self.take_in()
        intake_s = time.perf_counter() - began
        self.core.session.rollback()
        stored = select(func.count()).select_from(Message).where(Message.id == received.message_id)
        is_stored = self.core.session.scalar(stored) == 1
        number = received.conversation_id or 0
        pages = {
            "inbox": self.read("/"),
            "conversation": self.read(f"/conversations/{number}"),
            "dashboard": self.read("/dashboard"),
        }
        replies.reply(self.core, Actor(self.agent.agent_id, "Ada", "agent"), number, ReplyDraft("Answer."))
        after = self.witnessed()
        counts = {key: after.get(key, 0) - before.get(key, 0) for key in after}
        return Act(received, is_stored, intake_s, pages, counts)

    def witnessed(self) -> dict[str, int]:
        store = self.core.plugins._backend
        found = {key: store.get_value("witness", key, 0) for key in ("filtered", "asked", "told")}
        self.core.session.rollback()
        return found

    def play(self, name: str) -> Story:
        """The whole story of one hostile plugin."""
        self.put_in(name)
        self.switch_on(name)
        with_it = self.act()
        self.core.plugins.flush_health()
        state, title = self.state(name), self.core.plugins.info(name).manifest.title
        owner_list = self.read("/settings/plugins", self.admin)
        owner_page = self.read(f"/settings/plugins/{name}", self.admin)
        hooks_page = self.read("/settings/plugins/hooks", self.admin)
        self.switch_off(name)
        without_it = self.act()
        owner_list_after = self.read("/settings/plugins", self.admin)
        return Story(
            title, with_it, state, owner_list, owner_page, hooks_page, without_it, self.state(name), owner_list_after
        )

    def _sign_in(self, name: str, role: str) -> Visitor:
        address = f"{name.lower()}@desk.example.com"
        agent_id = self.core.session.scalar(select(Agent.id).where(Agent.email == address))
        if agent_id is None:
            agent_id = agents.create_agent(self.core, SYSTEM, name=name, email=address, role=role)
            agents.set_password(self.core, agent_id, "correct horse battery")
        visitor = Visitor(self.app)
        visitor.sign_in(address)
        visitor.agent_id = agent_id
        return visitor

    def _mailbox(self) -> int:
        known = self.core.session.scalar(select(ChannelAccount.id).where(ChannelAccount.plugin == "mailbox"))
        if known is not None:
            return known
        return accounts.create_account(
            self.core, SYSTEM, plugin="mailbox", name="Support", settings={}, secrets={}, is_tested=False
        )


@contextmanager
def open_stage(home: Path, database_url: str) -> Iterator[Stage]:
    """An installation over a migrated database, inside an app context; opened again it is a process that starts later."""
    config = Config(home=home, database_url=database_url, undo_s=0, allow_drop_ins=True, log_level="WARNING")
    app = create_app(config, clock=SystemClock())
    app.config.update(TESTING=True)
    costs = {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}
    app.extensions["security"].pwd_context.update(**costs)
    core = app.extensions["tidings"] = replace(app.extensions["tidings"], wake=_wake_nobody)
    core.plugins.health.limits = LIMITS
    core.plugins.dispatcher.watchdog.expect(LIMITS.request_s)
    with app.app_context():
        core.plugins.start()
        try:
            yield Stage(app, core)
        finally:
            for info in core.plugins.infos():
                if not info.is_shipped:
                    core.plugins._plugins.forget(info)  # as the end of a process does
            db.session.remove()
            db.engine.dispose()


class Lines(logging.Handler):
    """Keeps what is logged, formatted as a file would get it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def kept_log() -> Iterator[list[str]]:
    """All lines that are logged while the block runs, by whomever."""
    handler = Lines()
    logging.getLogger().addHandler(handler)
    try:
        yield handler.lines
    finally:
        logging.getLogger().removeHandler(handler)


def _wake_nobody(task: str, identifier: int, delay_s: float = 0) -> None:
    """Nothing is sent in these stories."""
