"""Plugins are found, started, stopped and quarantined; each process follows the others."""

import sys

import pytest

from app.errors import NotAllowed, NotFound
from app.plugin_host import NoRoute, State

COUNTING = """
@hookimpl
def account_saved(host, saved):
    saved.append(host.plugin)
"""

ROUTED = """
from app.plugin_api.registrations import Route, Service

@hookimpl
def register_routes(host):
    return [Route("/hello", view=lambda request: "Hello", name="hello")]

@hookimpl
def register_services(host):
    return [Service("listener", run=lambda stop: stop.wait())]
"""


def heard(host) -> list[str]:
    names: list[str] = []
    host.dispatcher.announce("account_saved", saved=names)
    return names


def test_a_manifest_is_read_without_importing_anything(shelf, create_host):
    shelf.add("quiet", "raise RuntimeError('imported')", module="shelf_parent.quiet")
    (shelf.folder / "shelf_parent" / "__init__.py").write_text("raise RuntimeError('parent imported')")
    host = create_host()
    (info,) = host.infos()
    assert info.state is State.INACTIVE
    assert info.manifest.title == "Quiet"
    assert info.path == shelf.folder / "shelf_parent" / "quiet"
    assert not any(name.startswith("shelf_parent") for name in sys.modules)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"api": "4-5"}, "It is made for version 4 to 5 of the plugin API; this is version 3."),
        ({"api": "7"}, "It is made for version 7 of the plugin API; this is version 3."),
        ({"name": "other"}, "`name` is 'other', but the plugin was found as 'odd'."),
        ({"kind": "toy"}, "`kind` must be one of channel, panel, automation, theme."),
        ({"permissions": ["fly"]}, "`permissions` names 'fly', which does not exist."),
        ({"title": None}, "`title` is missing or is not a text."),
        ({"colour": "red"}, "manifest.toml has an unknown field: colour."),
    ],
)
def test_a_bad_card_is_refused_with_a_sentence_and_never_imported(shelf, create_host, fields, sentence):
    shelf.add("odd", "raise RuntimeError('imported')", **fields)
    host = create_host("odd")
    (info,) = host.infos()
    assert (info.state, info.problem) == (State.REFUSED, sentence)
    assert "shelf_odd" not in sys.modules
    assert host.activate("odd").state is State.REFUSED


def test_a_plugin_without_folder_or_manifest_is_refused(shelf, create_host):
    (shelf.add("bare", "") / "manifest.toml").unlink()
    shelf.add("gone", "", module="shelf_there")
    shelf.points[1] = shelf.points[1].__class__("gone", "shelf_not_there", "tidings.plugins")
    bare, gone = create_host().infos()
    assert bare.problem.startswith("There is no readable manifest.toml")
    assert gone.problem == "Its module shelf_not_there cannot be found."


def test_two_plugins_of_one_name_are_both_refused(shelf, create_host):
    shelf.add("twin", COUNTING, module="shelf_twin_a")
    shelf.add("twin", COUNTING, module="shelf_twin_b")
    host = create_host("twin")
    assert [info.state for info in host.infos()] == [State.REFUSED, State.REFUSED]
    assert host.infos()[0].problem == "Another plugin is called twin too, from shelf_twin_b. Remove one of them."
    assert heard(host) == []


def test_plugins_start_when_switched_on_and_are_called_by_name(shelf, create_host):
    for name in ("beta", "alpha", "gamma", "off"):
        shelf.add(name, COUNTING)
    host = create_host("beta", "gamma", "alpha")
    assert heard(host) == ["alpha", "beta", "gamma"]
    assert [info.state for info in host.infos()] == [State.ACTIVE] * 3 + [State.INACTIVE]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("raise ValueError('no luck')", "It failed while starting: ValueError: no luck"),
        ("import sys; sys.exit('bye')", "It failed while starting: SystemExit: bye"),
        ("import not_installed_anywhere", "No module named 'not_installed_anywhere'"),
        ("def broken(:", "SyntaxError"),
        (
            "@hookimpl\ndef account_svaed(host): ...",
            "It implements account_svaed, but there is no such hook. Is it account_saved?",
        ),
        (
            "@hookimpl\ndef account_saved(host, account): ...",
            "Its account_saved wants account, but the hook has only host, saved.",
        ),
        (
            "@hookimpl(wrapper=True)\ndef account_saved(host, saved):\n    yield",
            "Its account_saved is a hook wrapper; plugins cannot wrap one another here.",
        ),
        (
            "@hookimpl(hookwrapper=True)\ndef account_saved(host, saved):\n    yield",
            "Its account_saved is a hook wrapper; plugins cannot wrap one another here.",
        ),
        (
            "@hookimpl\nasync def account_saved(host, saved): ...",
            "Its account_saved is an async function; hooks are plain functions.",
        ),
        (
            "@hookimpl\ndef register_channels(host): return ['a channel']",
            "register_channels answered str where Channel",
        ),
        ("@hookimpl\ndef register_routes(host): return host.nothing", "AttributeError"),
        (
            "@hookimpl\ndef message_received(host, message): ...",
            "It implements message_received but its manifest does not ask for the permission 'read_conversations'.",
        ),
        (ROUTED, "It implements register_services but its manifest does not ask for the permission 'listen'."),
    ],
)
def test_one_that_cannot_start_is_quarantined_and_the_others_go_on(shelf, create_host, backend, code, sentence):
    shelf.add("bad", code)
    shelf.add("good", COUNTING)
    host = create_host("bad", "good")
    bad, good = host.infos()
    assert bad.state is State.QUARANTINED
    assert sentence in bad.problem
    assert good.state is State.ACTIVE
    assert heard(host) == ["good"]
    ((plugin, count, error),) = backend.failures
    assert (plugin, count) == ("bad", 1)
    assert sentence in error


def test_a_repaired_plugin_can_be_activated_without_a_restart(shelf, create_host, backend):
    package = shelf.add("mended", "raise ValueError('broken')")
    host = create_host()
    assert host.activate("mended").state is State.QUARANTINED
    assert backend.switched == {}, "what cannot start is not switched on for others"
    (package / "__init__.py").write_text("from app.plugin_api.hookspecs import hookimpl\n# mended now\n" + COUNTING)
    assert host.activate("mended").state is State.ACTIVE
    assert heard(host) == ["mended"]


def test_routes_and_services_come_and_go_with_their_plugin(shelf, create_host):
    shelf.add("pages", ROUTED, permissions=["listen"])
    host = create_host()
    with pytest.raises(NoRoute):
        host.routes.match("pages", "/hello", "GET")
    host.activate("pages")
    route, values = host.routes.match("pages", "/hello", "GET")
    assert (route.name, values) == ("hello", {})
    assert [service.name for service in host.services["pages"]] == ["listener"]
    host.deactivate("pages")
    assert "pages" not in host.services
    with pytest.raises(NoRoute):
        host.routes.match("pages", "/hello", "GET")


def test_other_processes_follow(shelf, create_host):
    shelf.add("late", COUNTING)
    here, there = create_host(), create_host()
    here.activate("late")
    assert heard(there) == []
    there.refresh()
    assert heard(there) == ["late"]
    here.deactivate("late")
    there._refresh_at = 0.0
    there.refresh()
    assert heard(there) == []
    assert there.info("late").state is State.INACTIVE


def test_refresh_looks_at_the_database_at_most_every_half_second(shelf, create_host, backend):
    shelf.add("late", COUNTING)
    host = create_host()
    host.refresh()
    backend.set_active("late", True, "1", ())
    host.refresh()
    assert heard(host) == []
    host._refresh_at = 0.0
    host.refresh()
    assert heard(host) == ["late"]


def test_failures_are_written_down_outside_of_the_call(shelf, create_host, backend):
    shelf.add("bad", "@hookimpl\ndef account_saved(host, saved): raise ValueError('no')")
    host = create_host("bad")
    heard(host)
    heard(host)
    assert backend.failures == []
    host.refresh()
    assert backend.failures == [("bad", 2, "account_saved: ValueError: no")]


def test_failures_are_kept_when_they_cannot_be_written_down(shelf, create_host, backend, monkeypatch):
    shelf.add("bad", "@hookimpl\ndef account_saved(host, saved): raise ValueError('no')")
    host = create_host("bad")
    heard(host)

    def refuse(*_):
        raise OSError("database gone")

    with monkeypatch.context() as patch:
        patch.setattr(backend, "record_health", refuse)
        host.flush_health()
        assert backend.failures == []
    host.flush_health()
    assert backend.failures == [("bad", 1, "account_saved: ValueError: no")]


def test_safe_mode_starts_only_what_came_with_tidings(shelf, create_host):
    shelf.add("guest", COUNTING)
    host = create_host("guest", is_safe_mode=True)
    assert heard(host) == []
    with pytest.raises(NotAllowed):
        host.activate("guest")


def test_errors_at_the_start_are_raised_when_told_to(shelf, create_host):
    shelf.add("bad", "raise ValueError('no luck')")
    with pytest.raises(ValueError, match="no luck"):
        create_host("bad", raise_errors=True)


def test_an_unknown_name_is_not_found(create_host):
    with pytest.raises(NotFound):
        create_host().activate("nobody")


CHANNEL = """
from app.plugin_api.channel import Capability, Channel, ConnectionReport

class Tin(Channel):
    title = "Tin"
    capabilities = frozenset({Capability.SEND})
    address_kind = "tin"
    def test_connection(self, account): return ConnectionReport(())
    def translate(self, account, event): return []

@hookimpl
def register_channels(host):
    return [Tin()] * COUNT
"""


@pytest.mark.parametrize(
    ("code", "fields", "sentence"),
    [
        (CHANNEL, {}, "Its channel can send but its manifest does not name that capability."),
        (CHANNEL, {"capabilities": ["send"]}, "does not ask for the permission 'send_messages'."),
        (
            CHANNEL.replace("COUNT", "2"),
            {"capabilities": ["send"], "permissions": ["send_messages"]},
            "It registers more than one channel; each channel needs a plugin of its own.",
        ),
        (
            ROUTED.replace('name="hello"', 'name="hello", is_public=True'),
            {"permissions": ["listen"]},
            "Its route /hello is public but its manifest does not ask for the permission 'public_routes'.",
        ),
        (
            ROUTED.replace('name="hello"', 'name="hello", role="chief"'),
            {"permissions": ["listen"]},
            "Its route /hello is for the role 'chief'; there are agent, lead, manager, admin.",
        ),
        (
            ROUTED.replace("return [Route", "return 2 * [Route"),
            {"permissions": ["listen"]},
            "Two of its routes claim GET /hello.",
        ),
    ],
)
def test_what_a_plugin_registers_must_stand_in_its_manifest(shelf, create_host, code, fields, sentence):
    shelf.add("tin", code.replace("COUNT", "1"), **fields)
    assert sentence in create_host("tin").info("tin").problem


def test_a_channel_stands_under_the_name_of_its_plugin(shelf, create_host):
    shelf.add("tin", CHANNEL.replace("COUNT", "1"), capabilities=["send"], permissions=["send_messages"])
    host = create_host("tin")
    assert host.channels["tin"].title == "Tin"
    host.deactivate("tin")
    assert dict(host.channels) == {}
