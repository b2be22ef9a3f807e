"""Spam against a form: 2,000 spam posts and 200 genuine ones go through pages, journal and intake of a fresh installation, and what landed
in the inbox is counted. The clock is moved between the posts, so that twelve hours pass in minutes.

Seven sets of phrases: the rules were made with the first three in sight. Each of the others was written later, measured once before
anything was changed, and then mended with.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import altcha
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.config import Config
from app.extensions import db
from app.factory import create_app
from app.models import Conversation, InboundEvent, PluginValue
from app.schema import upgrade
from app.services import accounts, agents
from app.services.core import SYSTEM, Core
from app.services.intake import process_event
from bench.form_posts import SHOP, Post, genuine_posts, spam_posts
from bench.installation import ROOT, core_of

__all__ = ["Outcome", "run"]

SPAM, GENUINE = 2_000, 200
SETS = ("a", "b", "c", "d", "e", "f", "g")
HOURS = {"never": 12, "auto": 2}
"""How long it takes by the moved clock; quickly enough for an attack to be seen where proof of work may be asked for."""
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
SEED = 1
_KEY = select(PluginValue.value).where(PluginValue.plugin == "webform", PluginValue.key == "account:1")


class MovedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment


@dataclass(slots=True)
class Outcome:
    """What became of the posts of one set: how many of each style reached the inbox, genuine ones that did not, and what the server needed
    for showing the form and for taking a post, in seconds."""

    words: str
    proof: str
    missed: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    refused: int = 0
    sums: int = 0
    shown_s: list[float] = field(default_factory=list)
    posted_s: list[float] = field(default_factory=list)

    @property
    def kept_out(self) -> float:
        """Per cent of the spam."""
        return 100 * (1 - self.missed.total() / SPAM)

    def lines(self) -> Iterator[str]:
        yield (
            f"set {self.words}, proof of work {self.proof}: {self.kept_out:.2f} % of {SPAM:,} spam posts kept out, {len(self.lost)} of "
            f"{GENUINE} genuine ones not in the inbox; {self.refused} refused at the door, {self.sums} asked for proof of work"
        )
        for name, times in (("showing the form", self.shown_s), ("taking a post", self.posted_s)):
            cuts = quantiles(times, n=100)
            yield f"    {name}: median {cuts[49] * 1e3:.1f} ms, p95 {cuts[94] * 1e3:.1f} ms, slowest {max(times) * 1e3:.1f} ms"
        if self.missed:
            yield "    reached the inbox: " + ", ".join(
                f"{style} {count}" for style, count in self.missed.most_common()
            )
        yield from (f"    genuine, not in the inbox: {text[:120]!r}" for text in self.lost)


def run(sets: Sequence[str] = SETS) -> list[Outcome]:
    """Each set on installations of its own: one as forms are set at first, one that never asks for proof of work, so that the rules stand
    alone."""
    ROOT.mkdir(parents=True, exist_ok=True)
    found = []
    for words, proof in product(sets, ("auto", "never")):
        with TemporaryDirectory(dir=ROOT, prefix="spam-") as folder, _installation(Path(folder), proof) as opened:
            found.append(_flood(*opened, words, proof))
            print("\n".join(found[-1].lines()), flush=True)
    usual = [one for one in found if one.proof == "auto"]
    least, lost = min(one.kept_out for one in usual), sum(len(one.lost) for one in usual)
    print(
        f"as forms are set at first: at least {least:.2f} % kept out of each set, {lost} genuine posts not in the inbox"
    )
    return found


@contextmanager
def _installation(home: Path, proof: str) -> Iterator[tuple[Flask, MovedClock, str]]:
    clock = MovedClock()
    app = create_app(Config(home=home, log_level="ERROR"), clock=clock)
    with app.app_context():
        upgrade()
        core = core_of(app)
        core.plugins.upgrade_shipped()
        core.plugins.start()
        agents.create_agent(core, SYSTEM, name="Ada", email="ada@desk.example.com", role="admin")
        settings = {"proof": proof, "posts_per_hour": 20}
        accounts.create_account(
            core, SYSTEM, plugin="webform", name="Contact", settings=settings, secrets={}, is_tested=False
        )
        path = f"/plugins/webform/f/{core.session.scalars(_KEY).one()}"
        db.session.remove()
    yield app, clock, path
    with app.app_context():
        db.engine.dispose()


def _flood(app: Flask, clock: MovedClock, path: str, words: str, proof: str) -> Outcome:
    """Visitors come in one shuffled order, evenly over the hours, and type beside one another; each post is processed as the worker would
    before the next one comes."""
    posts = [*spam_posts(SPAM, words, SEED), *genuine_posts(GENUINE, words, SEED)]
    random.Random(SEED).shuffle(posts)
    outcome = Outcome(words, proof)
    visits = [_Visit(app.test_client(), path, post, outcome) for post in posts]
    pause_s = HOURS[proof] * 3600 / len(posts)
    begun = [(pause_s * number, visit) for number, visit in enumerate(visits)]
    steps: list[tuple[float, _Visit, bool]] = [(at_s, visit, False) for at_s, visit in begun]
    steps += [(at_s + visit.post.typing_s, visit, True) for at_s, visit in begun]
    for at_s, visit, is_typed in sorted(steps, key=lambda one: one[0]):
        clock.moment = START + timedelta(seconds=at_s)
        if is_typed:
            _judge(app, visit.post, visit.send(), outcome)
        else:
            visit.open()
    return outcome


@dataclass(slots=True)
class _Visit:
    """One visitor between opening the form and sending it."""

    client: FlaskClient
    path: str
    post: Post
    outcome: Outcome
    token: str = ""

    def open(self) -> None:
        self.token = self._asked(self.outcome.shown_s, "GET", f"/form.json?{urlencode({'page': SHOP + '/contact'})}")[
            "token"
        ]

    def send(self) -> bool:
        """False when it was refused. Whoever is asked to sends once more, programs too; people's browsers do the sums."""
        post = self.post
        body = {
            "name": post.name,
            "email": post.email,
            "subject": post.subject,
            "message": post.message,
            "homepage": post.trap,
        }
        proof = ""
        for _ in range(2):
            sent = {**body, "token": self.token, "page": f"{SHOP}/contact", "proof": proof}
            said = self._asked(self.outcome.posted_s, "POST", "/submit", json=sent)
            if said.get("ok"):
                return True
            self.outcome.sums += said.get("reason") == "unproven"
            self.token = said.get("token", "")
            if said.get("reason") == "unproven" and post.style == "genuine":
                proof = self._proof()
        return False

    def _proof(self) -> str:
        """What the script in a browser hands in."""
        challenge = altcha.Challenge.from_dict(self.client.get(f"{self.path}/challenge").get_json())
        solution = altcha.solve_challenge(challenge)
        assert solution is not None
        return altcha.Payload(challenge, solution).to_base64()

    def _asked(self, times: list[float], method: str, part: str, **options: Any) -> Any:
        headers = {"Accept-Language": self.post.language, "Origin": SHOP, "Referer": f"{SHOP}/contact"}
        environ = {"REMOTE_ADDR": self.post.address}
        started = perf_counter()
        answer = self.client.open(
            f"{self.path}{part}", method=method, headers=headers, environ_overrides=environ, **options
        )
        times.append(perf_counter() - started)
        return answer.get_json()


def _judge(app: Flask, post: Post, is_taken: bool, outcome: Outcome) -> None:
    outcome.refused += not is_taken
    with app.app_context():
        status = _status_of_newest(core_of(app)) if is_taken else ""
    is_in_inbox = status == "open"
    if post.style == "genuine" and not is_in_inbox:
        outcome.lost.append(post.message)
    elif post.style != "genuine" and is_in_inbox:
        outcome.missed[post.style] += 1


def _status_of_newest(core: Core) -> str:
    """Process what is in the journal, and say where the newest conversation is."""
    newest = core.session.scalars(select(InboundEvent.id).order_by(InboundEvent.id.desc()).limit(1)).one()
    conversation_id = process_event(core, newest).conversation_id
    status = core.session.scalar(select(Conversation.status).where(Conversation.id == conversation_id))
    db.session.remove()
    return str(status)
