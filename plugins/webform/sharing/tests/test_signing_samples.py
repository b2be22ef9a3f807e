"""What the samples sign is what the form believes. Python and Node run as they stand; PHP and Ruby are read."""

import json
import os
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from plugins.webform.sharing.context import make_secret, read_context
from plugins.webform.sharing.signing_samples import SECRET_NAME, signing_samples
from plugins.webform.sharing.tests.node import NODE
from tidings import Account
from tidings.testing import FakeClock, FakeHost

SCRIPT, KEY = "https://inbox.example.com/plugins/webform/embed.js", "Kx_7-aB"
SAMPLES = {one.id: one.code for one in signing_samples(SCRIPT, KEY)}


class Scripts(HTMLParser):
    """The attributes of the script that a sample printed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "script":
            self.found.append(dict(attrs))


@pytest.fixture
def host() -> FakeHost:
    return FakeHost("webform", [Account(1, "webform", "Contact", "", {})], clock=FakeClock())


@pytest.mark.parametrize(("id", "command"), [("python", (sys.executable, "-I", "-c")), ("node", (*NODE, "-e"))])
def test_what_a_sample_prints_is_verified(host, id, command):
    secret = make_secret(host, host.account(1))
    environment = {**os.environ, SECRET_NAME: secret}
    printed = subprocess.run(
        [*command, SAMPLES[id]], env=environment, capture_output=True, text=True, timeout=30, check=True
    ).stdout
    (script,) = Scripts(printed).found
    assert script["src"] == SCRIPT
    assert script["data-form"] == KEY
    host.clock.moment = host.clock.moment.fromtimestamp(
        json.loads(script["data-context"])["expires"] - 60, tz=host.now().tzinfo
    )
    context = read_context(host, 1, script["data-context"], script["data-signature"])
    assert context.is_verified
    assert context.values == {"customer": "c-17", "plan": "Gold"}


@pytest.mark.parametrize("id", ["php", "ruby"])
def test_the_other_samples_name_form_secret_and_digest(id):
    code = SAMPLES[id]
    assert f'src="{SCRIPT}" data-form="{KEY}"' in code
    assert SECRET_NAME in code
    assert "sha256" in code.lower()
    assert "data-context=" in code
    assert "data-signature=" in code


def test_no_sample_holds_a_secret(host):
    secret = make_secret(host, host.account(1))
    assert not any(secret in code for code in SAMPLES.values())
