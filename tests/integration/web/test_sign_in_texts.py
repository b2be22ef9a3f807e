"""Sign-in speaks the reader's language to the last sentence, also where Flask-Security has no texts of its own."""

import re
import time

import pytest
from flask_security.core import _default_messages as messages
from flask_security.forms import _default_field_labels as labels
from passlib.totp import TOTP

from app.languages import gettext
from app.web.sign_in_texts import sign_in_settings
from tests.integration.web.test_languages import catalogues, speak  # noqa: F401 - a fixture is found by name
from tests.integration.web.visitor import PASSWORD, Visitor

EVERY = pytest.mark.parametrize("language", ["el", "ru"])
FOREIGN = {text for text, _ in messages.values()} | {text for text in labels.values() if text != "Password"}
FOREIGN |= {"Recovery Code", "Contact Administrator", "Use previously downloaded recovery code", "Available Methods"}
NEW = "a quiet morning walk"


def shown(answer) -> str:
    """What people read of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def assert_speaks(language: str, *answers) -> None:
    own = {text for text, _ in sign_in_settings().values()}
    for answer in answers:
        assert answer.status_code == 200
        assert [text for text in sorted(FOREIGN | own) if text in shown(answer)] == []
        assert f'<html lang="{language}"' in answer.text


@EVERY
def test_who_comes_to_sign_in_reads_their_own_language(visitor, language):
    headers = {"Accept-Language": language}
    visitor.get("/change", headers=headers)
    asked = visitor.get("/login", headers=headers)
    wrong = visitor.post("/login", {"email": "root@desk.example.com", "password": "wrong wrong"}, headers=headers)
    empty = visitor.post("/login", {"email": "", "password": ""}, headers=headers)

    assert_speaks(language, asked, wrong, empty)
    assert gettext("Sign in to go on.", language) in shown(asked)
    assert gettext("The address or the password is not right.", language) in shown(wrong)


@EVERY
def test_changing_a_password_speaks_the_agents_language(core, agent, language):
    speak(core, agent, language)
    attempts = [
        ("", NEW, NEW),
        ("wrong", NEW, NEW),
        (PASSWORD, "short", "short"),
        (PASSWORD, NEW, "other"),
        (PASSWORD,) * 3,
    ]
    answers = [
        agent.post("/change", {"password": old, "new_password": new, "new_password_confirm": again})
        for old, new, again in attempts
    ]

    assert_speaks(language, agent.get("/change"), *answers)
    assert gettext("The password needs at least %(length)s characters.", language) % {"length": 10} in shown(answers[2])
    agent.post("/change", {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW})
    assert gettext("Your password was changed.", language) in shown(agent.get("/profile"))


@EVERY
def test_the_second_factor_speaks_the_agents_language(core, agent, tidings_app, language):
    speak(core, agent, language)
    start, nothing = agent.get("/tf-setup"), agent.post("/tf-setup", {})
    page = agent.post("/tf-setup", {"setup": "authenticator"})
    key = re.search(r'<code class="code-box">([^<]+)</code>', page.text)[1].replace(" ", "").strip()
    address = re.search(r'action="([^"]*tf-setup/[^"]+)"', page.text)[1]
    assert agent.post(address, {"code": "000000"}).status_code == 302
    wrong = agent.get("/tf-setup")
    agent.post(address, {"code": TOTP(key=key).generate(time.time()).token})
    assert gettext("The second factor is switched on.", language) in shown(agent.get("/profile"))
    codes = agent.post("/mf-recovery-codes")
    code = re.search(r"<li>([^<]+)</li>", codes.text.partition('class="codes"')[2])[1]
    assert_speaks(language, start, nothing, page, wrong, agent.get("/mf-recovery-codes"), codes, agent.get("/verify"))

    headers = {"Accept-Language": language}
    other = Visitor(tidings_app)
    other.get("/login")
    other.post("/login", {"email": "ada@desk.example.com", "password": PASSWORD}, headers=headers)
    asked = other.get("/tf-validate", headers=headers)
    wrong = other.post("/tf-validate", {"code": "000000"}, headers=headers)
    assert other.post("/tf-rescue", {"help_setup": "recovery_code"}, headers=headers).location.endswith("/mf-recovery")
    assert other.post("/tf-rescue", {"help_setup": "help"}, headers=headers).status_code == 200, (
        "there is no such choice"
    )
    lost = other.get("/mf-recovery", headers=headers)
    used = other.post("/mf-recovery", {"code": "none"}, headers=headers)
    assert_speaks(language, asked, wrong, lost, used)
    assert other.post("/mf-recovery", {"code": code}, headers=headers).status_code == 302
    assert other.get("/").status_code == 200
