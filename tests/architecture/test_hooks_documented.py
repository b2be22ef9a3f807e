"""Every hook stands in docs/hooks.md with its exact arguments, its example runs, and a plugin that we ship uses it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import tidings
from app.plugin_api.deprecations import DEPRECATIONS
from app.plugin_api.hookspecs import PROJECT
from app.plugin_api.testing import FakeClock, FakeHost
from app.plugin_host import Dispatcher, HealthBook, discover
from app.plugin_host.hooks.reference import example_of, reference
from app.plugin_host.hooks.shapes import Shape, read_specs
from app.plugin_host.hooks.validation import check_implementations
from tests.conftest import GOES_WITH

ROOT = Path(__file__).parents[2]
SPECS = read_specs()
PAGE = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

ACCOUNT = tidings.Account(1, "pager", "Own", "help@example.com", {"answer_from": 4})
CONVERSATION = tidings.ConversationSummary(7, 12, "Lamp", "open", "pager", 1, 3, "Ada", "ada@example.com", NOW)
MESSAGE = tidings.MessageSummary(9, CONVERSATION, "inbound", "normal", "x@y", "Hello", True, False, True, None, NOW, 1)
ADA = tidings.Participant(tidings.MAIL, "ada+shop@example.com", "Ada")
COMMENT = replace(MESSAGE, id=10, fields={"Comment": "under a post"})
VALUES: dict[str, Any] = {
    "account": ACCOUNT,
    "change": tidings.ConversationChanged(replace(CONVERSATION, status="resolved"), "open"),
    "contact": tidings.ContactSummary(3, "Ada", (("email", "ada@example.com"), ("phone", "+49301234"))),
    "conversation": CONVERSATION,
    "failure": tidings.DeliveryFailed(MESSAGE, "No such mailbox."),
    "message": MESSAGE,
    "messages": (MESSAGE, COMMENT),
    "now": NOW,
    "saved": tidings.AccountSaved(1, is_new=True),
    "sender": ADA,
    "viewer": tidings.Viewer(5, "Ben", "agent"),
}
INBOUND = tidings.InboundMessage("x@y", ADA, "Hello", NOW, "key", subject="[EXTERNAL] Lamp")
OUTBOUND = tidings.OutboundMessage(9, 7, "t@y", (ADA,), "Hello", NOW)


def test_the_page_is_what_the_specifications_say():
    assert reference() == PAGE, "run: python -m app.plugin_host.hooks.reference > docs/hooks.md"


def test_every_hook_has_a_heading_with_its_exact_arguments_and_no_other_has():
    headings = re.findall(r"^### (\w+)\((.*?)\)$", PAGE, re.MULTILINE)
    assert sorted(headings) == sorted((name, ", ".join(("host", *spec.arguments))) for name, spec in SPECS.items())


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_tells_when_what_with_and_since(name):
    spec = SPECS[name]
    text = spec.function.__doc__ or ""
    assert "Called " in text, "says when it is called"
    for argument in ("host", *spec.arguments):
        assert re.search(rf":param {argument}: \S", text), f"describes {argument}"
    assert (":return:" in text) == (spec.shape is not Shape.ANNOUNCE), "says what to answer, if anything"
    assert re.search(r":since: API \d", text)


@pytest.mark.parametrize("name", SPECS)
def test_every_example_runs(name):
    from plugins.echo.channel import EchoChannel

    spec = SPECS[name]
    scope = {**vars(tidings), "replace": replace, "timedelta": timedelta, "EchoChannel": EchoChannel}
    scope.update(verify_request=lambda secret, request: None, events_of=lambda request: ())
    exec(example_of(spec), scope)
    plugin = SimpleNamespace(**{name: scope[name]})
    dispatcher = Dispatcher(SPECS, HealthBook(), FakeClock(), raise_errors=True)
    dispatcher.replace(check_implementations("pager", plugin, SPECS), {"pager": FakeHost("pager", [ACCOUNT])})
    values = {argument: VALUES[argument] for argument in spec.arguments}
    if "message" in values and name != "conversation_created" and spec.shape is not Shape.ANNOUNCE:
        values["message"] = OUTBOUND if name == "filter_outbound" else INBOUND
    if spec.shape is Shape.FILTER:
        value = values.pop(spec.arguments[0])
        assert dispatcher.filter(name, value, **values) != value, "the example changes nothing"
    else:
        getattr(dispatcher, spec.shape)(name, **values)


def users() -> dict[str, set[str]]:
    """The hooks that each shipped plugin implements, read from its entry point's module."""
    from importlib import import_module

    return {
        info.name: {
            (options.get("specname") or attribute)
            for attribute, function in vars(import_module(info.entry_point)).items()
            if isinstance(options := getattr(function, f"{PROJECT}_impl", None), dict)
        }
        for info in discover()
        if info.is_shipped and info.path
    }


def sample_users(name: str) -> list[str]:
    """The plugins made for tests that implement a hook."""
    doors = (ROOT / "tests" / "sample_plugins").glob("*/__init__.py")
    return [door.parent.name for door in doors if f"def {name}(" in door.read_text()]


GOING = {one.hook for one in DEPRECATIONS if not one.argument}


@pytest.mark.parametrize("name", [name for name in SPECS if name not in GOING])
def test_every_hook_has_a_user_among_the_shipped_plugins(name):
    using = [plugin for plugin, hooks in users().items() if name in hooks]
    if not all((ROOT / "plugins" / plugin).is_dir() for plugin in GOES_WITH):
        using += sample_users(name)  # its user may be the one that was taken away
    assert using, f"no shipped plugin implements {name}: a hook enters only together with a plugin that needs it"


def test_no_shipped_plugin_uses_what_is_deprecated():
    assert {plugin: hooks & GOING for plugin, hooks in users().items() if hooks & GOING} == {}
