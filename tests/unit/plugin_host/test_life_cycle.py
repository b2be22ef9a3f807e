"""Drop-ins come, change, wait for consent and for one another, fail and are repaired while the host runs; other processes follow."""

import shutil
import threading

import pytest

from app.errors import NotAllowed, NotFound
from app.plugin_host import Activation, Limits, NoRoute, State
from tests.unit.plugin_host.drop_in import HANGS, SAYS, heard, refresh, write_file, write_folder

ROUTED = """
from tidings import Route

@hookimpl
def register_routes(host):
    return [Route("/hello", view=lambda request: "Hello", name="hello")]
"""


# ---- coming and going
def test_what_is_put_into_the_folder_is_found_by_all_and_off_until_switched_on(plugins, create_drop_in_host):
    here, there = create_drop_in_host(), create_drop_in_host()
    write_folder(plugins, "box", SAYS.format("box"))
    write_file(plugins, "pipe", SAYS.format("pipe"))
    assert [info.name for info in here.rescan()] == ["box", "pipe"]
    refresh(there)
    assert {info.state for info in there.infos()} == {State.INACTIVE}
    here.activate("box")
    here.activate("pipe")
    refresh(there)
    assert heard(here) == heard(there) == ["box", "pipe"]


def test_changed_files_are_read_anew_and_nothing_else_is_touched(plugins, create_drop_in_host):
    write_folder(plugins, "box", SAYS.format("old") + ROUTED)
    write_folder(plugins, "calm", "STARTED = object()\n" + SAYS.format("calm"))
    host = create_drop_in_host()
    host.activate("box")
    calm = host.activate("calm")
    edition = host.edition
    host.rescan()
    assert host.edition == edition, "nothing changed"
    write_folder(plugins, "box", SAYS.format("new"), version="2")
    host.rescan()
    assert heard(host) == ["new", "calm"]
    assert host.info("box").version == "2"
    assert host.info("calm") == calm, "it was not started again"
    with pytest.raises(NoRoute):
        host.routes.match("box", "/hello", "GET")


def test_what_is_taken_out_of_the_folder_stops(plugins, create_drop_in_host):
    write_folder(plugins, "box", SAYS.format("box"))
    host = create_drop_in_host()
    host.activate("box")
    shutil.rmtree(plugins / "box")
    host.rescan()
    assert heard(host) == []
    with pytest.raises(NotFound):
        host.info("box")


def test_what_becomes_refused_stops(plugins, create_drop_in_host):
    folder = write_folder(plugins, "box", SAYS.format("box"))
    host = create_drop_in_host()
    host.activate("box")
    (folder / "manifest.toml").write_text("name =")
    host.rescan()
    assert heard(host) == []
    assert host.info("box").state is State.REFUSED
    write_folder(plugins, "box", SAYS.format("again"))
    host.rescan()
    assert heard(host) == ["again"], "it is still switched on"


# ---- consent
def test_one_that_asks_for_more_waits_and_is_not_imported(plugins, create_drop_in_host, backend):
    write_folder(plugins, "box", SAYS.format("box"), permissions=["store"])
    host = create_drop_in_host()
    assert host.activate("box", ["store"]).state is State.ACTIVE
    write_folder(
        plugins, "box", "raise RuntimeError('imported')", permissions=["store", "network"], hosts=["api.example.com"]
    )
    host.rescan()
    info = host.info("box")
    assert (info.state, info.missing_grants) == (State.WAITING, ("network", "host:api.example.com"))
    assert info.problem == "It asks for more than was agreed to: network, host:api.example.com."
    assert heard(host) == []
    assert not backend.failures, "it was imported"


@pytest.mark.parametrize(
    ("agreed", "state", "granted"),
    [
        (None, State.ACTIVE, {"store", "network", "host:*"}),
        (["host:*", "network", "store", "tables"], State.ACTIVE, {"store", "network", "host:*"}),
        (["store", "network"], State.WAITING, {"store", "network"}),
        ((), State.WAITING, set()),
    ],
)
def test_only_what_was_agreed_to_is_granted(plugins, create_drop_in_host, backend, agreed, state, granted):
    write_folder(plugins, "box", SAYS.format("box"), permissions=["store", "network"], hosts=["*"])
    assert create_drop_in_host().activate("box", agreed).state is state
    assert backend.switched["box"].granted == granted
    assert backend.switched["box"].is_active


def test_what_was_agreed_to_is_kept_for_the_next_time(plugins, create_drop_in_host, backend):
    write_folder(plugins, "box", SAYS.format("box"), permissions=["store"])
    host = create_drop_in_host()
    host.activate("box")
    host.deactivate("box")
    assert backend.switched["box"] == Activation(False, frozenset(["store"]), "1", backend.switched["box"].changed_at)


def test_plugins_that_must_be_used_run_and_stay(plugins, create_drop_in_host):
    write_folder(plugins, "box", SAYS.format("box"), permissions=["store"])
    host = create_drop_in_host(must_use=frozenset(["box"]))
    assert heard(host) == ["box"]
    for verb in (host.deactivate, lambda name: host.remove(name, lambda: None)):
        with pytest.raises(NotAllowed, match="box is always on here: TIDINGS_MUST_USE_PLUGINS names it."):
            verb("box")
    assert heard(host) == ["box"]


def test_safe_mode_comes_and_goes_while_processes_run(plugins, create_drop_in_host, backend):
    write_folder(plugins, "box", SAYS.format("box"))
    host = create_drop_in_host()
    host.activate("box")
    backend.is_safe = True
    backend.raise_generation()
    refresh(host)
    assert (heard(host), host.is_safe_mode) == ([], True)
    assert host.info("box").problem == "It rests while Tidings runs in safe mode."
    with pytest.raises(NotAllowed):
        host.activate("box")
    backend.is_safe = False
    backend.raise_generation()
    refresh(host)
    assert (heard(host), host.info("box").problem) == (["box"], "")


# ---- plugins that need others
def test_plugins_start_after_those_they_need_and_stop_with_them(plugins, create_drop_in_host):
    write_folder(plugins, "alpha", SAYS.format("alpha"), requires_plugins=["omega"])
    write_folder(plugins, "omega", SAYS.format("omega"))
    host = create_drop_in_host()
    refused = host.activate("alpha")
    assert (refused.state, refused.problem) == (State.QUARANTINED, "It needs the plugin omega, which does not run.")
    host.activate("omega")
    host.activate("alpha")
    other = create_drop_in_host()
    assert heard(host) == heard(other) == ["alpha", "omega"]
    host.deactivate("omega")
    refresh(other)
    for one in (host, other):
        assert heard(one) == []
        assert one.info("alpha").problem == "It needs the plugin omega, which does not run."
    host.activate("omega")
    refresh(other)
    assert heard(host) == heard(other) == ["alpha", "omega"]


def test_a_circle_of_needs_is_told(plugins, create_drop_in_host, backend):
    for name, other in (("alpha", "omega"), ("omega", "alpha")):
        write_folder(plugins, name, SAYS.format(name), requires_plugins=[other])
        backend.switched[name] = Activation(True)
    host = create_drop_in_host()
    assert {info.state for info in host.infos()} == {State.QUARANTINED}


# ---- starts that fail
def test_one_that_hangs_is_given_up_and_the_others_start(plugins, create_drop_in_host, backend):
    write_folder(plugins, "hangs", HANGS)
    write_folder(plugins, "zeta", SAYS.format("zeta"))
    backend.switched.update(hangs=Activation(True), zeta=Activation(True))
    host = create_drop_in_host(limits=Limits(start_s=0.3))
    assert heard(host) == ["zeta"]
    info = host.info("hangs")
    assert (info.state, info.problem) == (
        State.QUARANTINED,
        "It had not started after 0.3 seconds and was given up.",
    )
    write_folder(plugins, "hangs", SAYS.format("mended"))
    host.rescan()
    assert heard(host) == ["mended", "zeta"]


def test_one_that_failed_is_not_tried_again_until_something_changes(plugins, create_drop_in_host, backend, tmp_path):
    trace = tmp_path / "trace"
    write_folder(plugins, "bad", f"open({str(trace)!r}, 'a').write('x')\nraise ValueError('no')")
    backend.switched["bad"] = Activation(True)
    host = create_drop_in_host()
    host.rescan()
    backend.raise_generation()
    refresh(host)
    assert trace.read_text() == "x"
    backend.set_active("bad", True, "1", ())
    refresh(host)
    assert trace.read_text() == "xx", "somebody switched it on again"
    assert host.info("bad").state is State.QUARANTINED
    host.deactivate("bad")
    assert (host.info("bad").state, host.info("bad").problem) == (State.INACTIVE, "")


def test_a_failed_trial_stays_off_for_others_and_says_why_until_it_is_switched_off(
    plugins, create_drop_in_host, backend
):
    write_folder(plugins, "bad", "raise ValueError('no')")
    here, there = create_drop_in_host(), create_drop_in_host()
    assert here.activate("bad").state is State.QUARANTINED
    assert "bad" not in backend.switched
    here.rescan()
    refresh(there)
    assert here.info("bad").problem.endswith("ValueError: no")
    assert there.info("bad").state is State.INACTIVE
    here.deactivate("bad")
    assert here.info("bad").state is State.INACTIVE


# ---- tables
def test_tables_are_brought_up_to_date_by_activating_only(plugins, create_drop_in_host, backend):
    write_folder(plugins, "box", SAYS.format("box"))
    backend.behind = frozenset(["box"])
    here, there = create_drop_in_host(), create_drop_in_host()
    here.activate("box")
    refresh(there)
    assert (heard(here), heard(there), backend.migrated) == (["box"], ["box"], [("box", "1")])
    backend.behind = frozenset(["box"])
    late = create_drop_in_host()
    assert heard(late) == []
    assert late.info("box").state is State.QUARANTINED
    assert "Switch it off and on again" in late.info("box").problem
    late.activate("box")
    assert heard(late) == ["box"]


def test_a_broken_migration_keeps_a_plugin_off_with_a_sentence(plugins, create_drop_in_host, backend):
    write_folder(plugins, "box", SAYS.format("box"))
    backend.broken_migrations["box"] = "Its migration 0002 failed."
    info = create_drop_in_host().activate("box")
    assert (info.state, info.problem) == (State.QUARANTINED, "Its migration 0002 failed.")
    assert "box" not in backend.switched


def test_migrations_that_make_no_sense_keep_their_plugin_off_and_no_other(plugins, create_drop_in_host, backend):
    for name in ("box", "lamp"):
        write_folder(plugins, name, SAYS.format(name))
        create_drop_in_host().activate(name)
    backend.broken_chains["box"] = "It is older than its tables."
    late = create_drop_in_host()
    assert heard(late) == ["lamp"]
    assert (late.info("box").state, late.info("box").problem) == (State.QUARANTINED, "It is older than its tables.")
    backend.broken_chains.clear()
    backend.raise_generation()
    refresh(late)
    assert heard(late) == ["box", "lamp"]


# ---- following
def test_a_request_does_not_wait_for_ever_for_another_that_follows(plugins, create_drop_in_host, backend, monkeypatch):
    write_folder(plugins, "box", SAYS.format("box"))
    host = create_drop_in_host()
    monkeypatch.setattr("app.plugin_host.manager.FOLLOW_S", 0.05)
    backend.raise_generation()
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with host._lock:
            held.set()
            free.wait(5)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    refresh(host)
    free.set()
    thread.join()
    assert host._generation != backend.changes
    refresh(host)
    assert host._generation == backend.changes, "the next request tries again"


def test_changes_of_others_between_two_refreshes_are_not_missed(plugins, create_drop_in_host):
    for name in ("box", "pack"):
        write_folder(plugins, name, SAYS.format(name))
    here, there = create_drop_in_host(), create_drop_in_host()
    there.activate("box")
    here.activate("pack")
    refresh(here)
    assert heard(here) == ["box", "pack"]
