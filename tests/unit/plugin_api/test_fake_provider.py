"""Promises of the provider for tests: it answers over a real socket, remembers, and behaves badly on demand."""

import subprocess
import sys
import time

import pytest
import requests

from tidings.testing import Answer, FakeProvider

SERVER = "https://api.pager.example"


@pytest.fixture
def session(fake_provider):
    session = requests.Session()
    fake_provider.stand_in_for(session, SERVER)
    return session


def test_it_answers_in_place_of_the_server_and_remembers_what_it_was_asked(fake_provider, session):
    @fake_provider.on("/messages/<int:number>", "POST")
    def take(asked):
        return {"number": asked.values["number"], "said": asked.json()["text"]}

    answer = session.post(f"{SERVER}/messages/7?mark=1", json={"text": "Grüße"}, headers={"X-Key": "k"})

    assert answer.json() == {"number": 7, "said": "Grüße"}
    assert answer.url == f"{SERVER}/messages/7?mark=1"
    (asked,) = fake_provider.asked
    assert (asked.method, asked.server, asked.path) == ("POST", "api.pager.example", "/messages/7")
    assert (asked.query, asked.headers["x-key"]) == ({"mark": "1"}, "k")


@pytest.mark.parametrize(
    ("said", "text", "kind"),
    [
        ([1], "[1]", "application/json"),
        ("words", "words", "text/plain; charset=utf-8"),
        (b"bytes", "bytes", "application/octet-stream"),
        (Answer(201, {}, {"Content-Type": "application/x-own"}), "{}", "application/x-own"),
    ],
)
def test_it_says_what_it_is_told_to(fake_provider, session, said, text, kind):
    fake_provider.on("/")(lambda asked: said)
    answer = session.get(SERVER)
    assert (answer.text, answer.headers["Content-Type"]) == (text, kind)


def test_what_nobody_answers_is_not_found(fake_provider, session):
    fake_provider.on("/known")(lambda asked: {})
    assert session.get(f"{SERVER}/unknown").status_code == 404
    assert session.post(f"{SERVER}/known").status_code == 405


@pytest.mark.parametrize(
    ("fault", "status"), [("expired_credential", 401), ("rate_limited", 429), ("server_trouble", 500), ("refused", 422)]
)
def test_a_fault_lasts_as_long_as_it_is_said_to(fake_provider, session, fault, status):
    fake_provider.on("/")(lambda asked: {})
    with fake_provider.fault(fault):
        answer = session.get(SERVER)
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (fault == "rate_limited")
    assert session.get(SERVER).status_code == 200


def test_a_fault_can_begin_in_the_middle(fake_provider, session):
    fake_provider.on("/")(lambda asked: {})
    with fake_provider.fault("cut_connection", after=1):
        assert session.get(SERVER).status_code == 200
        with pytest.raises(requests.ConnectionError):
            session.get(SERVER)


def test_garbage_is_no_json_and_silence_is_longer_than_a_short_patience(fake_provider, session):
    fake_provider.on("/")(lambda asked: {})
    with fake_provider.fault("garbage"), pytest.raises(requests.JSONDecodeError):
        session.get(SERVER).json()
    with fake_provider.fault("silence"), pytest.raises(requests.Timeout):
        session.get(SERVER, timeout=0.1)


def test_it_can_be_slow(fake_provider, session):
    fake_provider.on("/")(lambda asked: {})
    fake_provider.latency_s = 0.2
    began = time.monotonic()
    session.get(SERVER)
    assert time.monotonic() - began >= 0.2


def test_an_unknown_fault_is_a_mistake_of_the_test(fake_provider):
    with pytest.raises(LookupError, match="there is no fault 'flood'"), fake_provider.fault("flood"):
        pass


def test_nothing_listens_any_more_once_it_is_closed():
    with FakeProvider() as provider:
        address = provider.address
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=2)


def test_a_plugin_s_folder_is_tested_where_it_stands_under_its_own_name(tmp_path):
    """Also when the folder's name is that of a module of Python."""
    folder = tmp_path / "email"
    (folder / "tests").mkdir(parents=True)
    (folder / "manifest.toml").write_text('name = "email"\n')
    (folder / "__init__.py").write_text("from tidings_plugin_email.words import HELLO\n")
    (folder / "words.py").write_text("HELLO = 'hello'\n")
    (folder / "tests" / "test_words.py").write_text(
        "import email, sys\nimport tidings_plugin_email\n\n"
        "def test_it():\n    assert tidings_plugin_email.HELLO == 'hello'\n    assert not hasattr(email, 'HELLO')\n"
        f"    assert tidings_plugin_email.__file__ == {str(folder / '__init__.py')!r}\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
