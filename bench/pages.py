"""Pages as a browser gets them: signed in, through the whole app; beside a bare Flask route that shows the same rows."""

import sqlite3
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from flask import Flask, render_template
from flask.sessions import SecureCookieSessionInterface
from jinja2 import DictLoader
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.web.remembered import KNOWN
from bench.installation import served
from bench.measure import Comparison, compare, sample

__all__ = ["run", "session_cookie"]

REQUESTS = 10
_ROWS = 50
_LIST = f"""SELECT c.number, c.subject, c.preview, c.status, c.priority, c.active_at, c.message_count, p.name
FROM conversation c JOIN contact p ON p.id = c.contact_id
WHERE c.status = 'open' ORDER BY c.active_at DESC, c.id DESC LIMIT {_ROWS}"""
_MESSAGES = """SELECT m.sender_name, m.created_at, m.subject, m.text, m.html FROM message m
WHERE m.conversation_id = (SELECT id FROM conversation WHERE number = ?) ORDER BY m.id"""
_NUMBERS = "SELECT number FROM conversation WHERE status = 'open' AND message_count = ? ORDER BY id DESC LIMIT 40"
_LENGTHS = (1, 3, 8)
_TEMPLATES = {
    "list.html": "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>",
    "conversation.html": "{% for sender, at, subject, text, html in rows %}<h2>{{ sender }} {{ at }}</h2>"
    "<h3>{{ subject }}</h3><pre>{{ text }}</pre>{% endfor %}",
}

Get = Callable[[str], bytes]


def run(seed: Path, rounds: int) -> list[Comparison]:
    """The Inbox, and conversations of one, three and eight messages."""
    get_bare = _getter(_bare_app(seed))
    with served(seed) as app:
        get = _getter(app, session_cookie(app))
        _check(get("/").count(b'name="number"'), get_bare("/").count(b"<tr>"))
        found = [
            compare(
                "list page: GET /",
                sample(lambda: get("/"), REQUESTS),
                sample(lambda: get_bare("/"), REQUESTS),
                rounds=rounds,
                aim=3.0,
                note="50 rows; reference: Flask, one indexed query, Jinja",
            )
        ]
        pieces = app.extensions[KNOWN]
        found.append(
            compare(
                "list page, no piece remembered",
                sample(lambda: (pieces.clear(), get("/")), REQUESTS),
                sample(lambda: get_bare("/"), REQUESTS),
                rounds=rounds,
                note="what the first agent of a language waits for after each row has changed",
            )
        )
        for length in _LENGTHS:
            found.append(_conversation(get, get_bare, seed, length, rounds))
    return found


def _conversation(get: Get, get_bare: Get, seed: Path, length: int, rounds: int) -> Comparison:
    numbers = _numbers(seed, length)
    ours, bare = cycle(numbers), cycle(numbers)
    return compare(
        f"conversation page: {length} message{'s' * (length > 1)}",
        sample(lambda: get(f"/conversations/{next(ours)}"), REQUESTS),
        sample(lambda: get_bare(f"/conversations/{next(bare)}"), REQUESTS),
        rounds=rounds,
        aim=3.0,
        note="reference: Flask, its message rows, Jinja",
    )


def _bare_app(seed: Path) -> Flask:
    """The reference: a connection kept open, one query, one small template with escaping, nobody signed in."""
    app = Flask("bare")
    app.jinja_env.loader = DictLoader(_TEMPLATES)
    connection = sqlite3.connect(seed / "tidings.sqlite3")
    connection.execute("PRAGMA cache_size=-16000")

    @app.get("/")
    def index() -> str:
        return render_template("list.html", rows=connection.execute(_LIST).fetchall())

    @app.get("/conversations/<int:number>")
    def show(number: int) -> str:
        return render_template("conversation.html", rows=connection.execute(_MESSAGES, (number,)).fetchall())

    return app


def _getter(app: Flask, cookie: str = "") -> Get:
    """What gets a page through the WSGI call, without a client in between that would cost both sides the same."""

    def get(path: str) -> bytes:
        environ = EnvironBuilder(path=path, headers=[("Cookie", cookie)] if cookie else []).get_environ()
        body, status, _ = run_wsgi_app(app.wsgi_app, environ)
        if not status.startswith("200"):
            raise SystemExit(f"{path} answered {status}")
        return b"".join(body)

    return get


def session_cookie(app: Flask, session: str = "seeded-1") -> str:
    """The cookie of a seeded agent, the first one an admin, as signing in would have set it."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return f"session={serializer.dumps({'_user_id': session, '_fresh': True})}"


def _numbers(seed: Path, length: int) -> list[int]:
    with sqlite3.connect(seed / "tidings.sqlite3") as connection:
        return [number for (number,) in connection.execute(_NUMBERS, (length,))]


def _check(ours: int, bare: int) -> None:
    if (ours, bare) != (_ROWS, _ROWS):
        raise SystemExit(f"The pages do not show the same {_ROWS} rows: ours {ours}, reference {bare}.")
