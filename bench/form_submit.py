"""Forms under load: an installation as `tidings run` starts it, visitors who fetch a form and post it, agents who click meanwhile.

Server time is what the web server writes into its access log; the visitors' time is taken at their end, connection included. Afterwards
every post that was thanked for must stand in the inbox exactly once.
"""

import shutil
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from os import getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory

from app.extensions import db
from app.services.accounts import create_account
from app.services.core import SYSTEM
from bench.installation import ROOT, core_of, create_bare_app
from bench.running import Installation, running
from bench.visitors import Agents, Posts
from plugins.webform.keys import ensure_key

__all__ = ["run"]

PATIENCE_S = 60
WARM_S = 10
_WAITS = "SELECT (julianday(processed_at) - julianday(received_at)) * 86400 FROM inbound_event WHERE account_id = ?"
_OPEN = "SELECT count(*) FROM inbound_event WHERE account_id = ? AND state = 'received'"
_SPAM = """SELECT m.fields FROM message m JOIN conversation c ON c.id = m.conversation_id
WHERE m.account_id = ? AND c.status = 'spam'"""
_COPIES = "SELECT text, count(*) FROM message WHERE account_id = ? AND direction = 'inbound' GROUP BY text"


def run(seed: Path, *, rate: int, seconds: int) -> None:
    """Post `rate` forms a second for `seconds`, and print what it took and whether all of them arrived."""
    with _form(seed) as (home, account_id, key):
        log = home / "access.log"
        with running(home, {"TIDINGS_ACCESS_LOG": str(log), "TIDINGS_TRUSTED_PROXIES": "1"}) as installation:
            posts, agents = Posts(installation.port, key, rate), Agents(installation.port, _cookies(home))
            with agents.clicking():
                posts.run(WARM_S)  # what a process reads and compiles once is there
                warm, agents.took[:] = log.stat().st_size, []
                posts.run(seconds)
            _await_empty_journal(installation, home, account_id)
        _print(home, account_id, posts, agents, _served(log, warm), rate)


@contextmanager
def _form(seed: Path) -> Iterator[tuple[Path, int, str]]:
    """A copy of the seeded installation with a form: (home, the form's account, its public key)."""
    with TemporaryDirectory(dir=ROOT, prefix="form-submit-") as folder:
        home = Path(folder) / "home"
        shutil.copytree(seed, home)
        app = create_bare_app(home)
        with app.app_context():
            core = core_of(app)
            core.plugins.start()
            core.plugins.upgrade_shipped()
            settings = {"posts_per_hour": 1000, "keep_ip_days": 0, "proof": "never"}
            account_id = create_account(
                core, SYSTEM, plugin="webform", name="Orders", settings=settings, secrets={}, is_tested=False
            )
            key = ensure_key(core.plugins.channels["webform"]._host, account_id)
            db.session.remove()
            db.engine.dispose()
        yield home, account_id, key


def _cookies(home: Path) -> list[str]:
    """Cookies of two seeded agents, as signing in would have set them."""
    from bench.pages import session_cookie

    app = create_bare_app(home)
    cookies = [session_cookie(app, f"seeded-{number}") for number in (1, 2)]
    with app.app_context():
        db.engine.dispose()
    return cookies


def _await_empty_journal(installation: Installation, home: Path, account_id: int) -> None:
    limit = time.monotonic() + PATIENCE_S
    while _rows(home, _OPEN, account_id)[0][0] and time.monotonic() < limit:
        installation.must_run()
        time.sleep(0.2)


def _served(log: Path, begin: int) -> dict[str, list[float]]:
    """Milliseconds at the server by kind of request, of what the access log holds from `begin` on."""
    found: dict[str, list[float]] = {"post": [], "form": [], "agents": []}
    with log.open("rb") as lines:
        lines.seek(begin)
        for line in lines.read().decode().splitlines():
            *_, method, path, _status, microseconds = line.split()
            kind = "agents" if "/plugins/webform/" not in path else "post" if method == "POST" else "form"
            found[kind].append(int(microseconds) / 1000)
    return found


def _print(
    home: Path, account_id: int, posts: Posts, agents: Agents, served: dict[str, list[float]], rate: int
) -> None:
    copies = dict(_rows(home, _COPIES, account_id))
    thanked = posts.thanked
    lost = [text for text in thanked if text not in copies]
    twice = [text for text in thanked if copies.get(text, 0) > 1]
    waits = [row[0] for row in _rows(home, _WAITS, account_id) if row[0] is not None]
    print(f"{len(posts.sent)} posts at {rate} a second, load of the machine {getloadavg()[0]:.1f}\n")
    print(f"{'milliseconds':34} {'number':>7} {'p50':>8} {'p95':>8} {'p99':>8} {'most':>8}")
    _line("server: POST", served["post"])
    _line("server: GET of the form", served["form"])
    _line("server: pages of agents", served["agents"])
    _line("visitor: POST, with connecting", [one * 1000 for one in posts.took])
    _line("agent: a click", [one * 1000 for one in agents.took])
    _line("from the journal to the inbox", [one * 1000 for one in waits])
    print(f"\nlost = {len(lost)}, twice = {len(twice)}, failed clicks = {agents.failed}")
    for reason, number in Counter(fields for (fields,) in _rows(home, _SPAM, account_id)).most_common(3):
        print(f"in Spam: {number} ({reason})")
    for reason, number in posts.refused.most_common():
        print(f"not thanked for: {number} ({reason})")
    if lost or twice:
        sys.exit(1)


def _line(name: str, found: list[float]) -> None:
    ordered = sorted(found) or [float("nan")]
    shown = [ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.95, 0.99, 1.0)]
    print(f"{name:34} {len(found):7} " + " ".join(f"{one:8.1f}" for one in shown))


def _rows(home: Path, statement: str, account_id: int) -> list[tuple]:
    with sqlite3.connect(home / "tidings.sqlite3", timeout=15) as connection:
        return connection.execute(statement, (account_id,)).fetchall()
