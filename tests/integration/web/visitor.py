"""A browser without scripts, for tests of pages: keeps cookies, sends the CSRF token of the page it last saw, counts queries."""

import contextvars
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import flask
import flask_login
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.extensions import db
from app.models import Agent

PASSWORD = "correct horse battery"
_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


@dataclass
class Visitor:
    """Each request runs outside of the test's app context, as in a real server; nothing of `flask.g` is carried along."""

    app: Flask
    client: FlaskClient = field(init=False)
    token: str = ""
    agent_id: int | None = None

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, address: str, **options: Any) -> TestResponse:
        return self._run("GET", address, **options)

    def post(
        self, address: str, data: dict[str, Any] | bytes | None = None, *, csrf: bool = True, **options: Any
    ) -> TestResponse:
        """POST a form, `csrf=False` without the token; or bytes as they are."""
        if isinstance(data, bytes):
            return self._run("POST", address, data=data, **options)
        if csrf and not self.token:
            self.get("/search" if self.agent_id else "/login")
        fields = {**({"csrf_token": self.token} if csrf else {}), **(data or {})}
        return self._run("POST", address, data=fields, **options)

    def request(self, method: str, address: str, **options: Any) -> TestResponse:
        return self._run(method, address, **options)

    def sign_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        self.get("/login")
        answer = self.post("/login", {"email": email, "password": password})
        self.token = ""
        return answer

    def enter(self, agent: Agent) -> None:
        """Be signed in as an agent, as after `sign_in` but at once."""
        kept = contextvars.Context().run(self._session_of, agent)
        with self.client.session_transaction() as session:
            session.update(kept, fs_cc="set", fs_paa=time.time())
        self.agent_id = agent.id

    def _session_of(self, agent: Agent) -> dict[str, Any]:
        with self.app.test_request_context(environ_base=self.client.environ_base):
            flask_login.login_user(agent)
            return dict(flask.session)

    def _run(self, method: str, address: str, **options: Any) -> TestResponse:
        answer = contextvars.Context().run(lambda: self.client.open(address, method=method, **options))
        db.session.rollback()
        if "text/html" in (answer.content_type or "") and (found := _TOKEN.search(answer.text)):
            self.token = found[1]
        return answer


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """The statements that reach the database while the block runs, without the control of transactions. Plugins' time stands still
    meanwhile: what is looked at every half second is looked at before, however slow the machine is."""
    statements: list[str] = []
    host = app.extensions["tidings"].plugins
    timer, now = host.health.timer, host.health.timer()
    host.health.timer = lambda: now
    db.session.rollback()
    host.refresh()

    def note(connection, cursor, statement, *_) -> None:
        if statement.split(" ", 1)[0].upper() not in ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET"):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
        host.health.timer = timer
