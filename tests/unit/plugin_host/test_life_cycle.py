"""Drop-ins come, change, wait for consent, are updated, rolled back and removed while the host runs; other processes follow."""

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from app.errors import NotAllowed, NotFound
from app.plugin_host import Activation, Limits, NoRoute, PluginHost, Sources, State, UpdateFailed, discover
from tests.unit.plugin_host.drop_in import write_file, write_folder

SAYS = """
@hookimpl
def account_saved(host, saved):
    saved.append({!r})
"""
ROUTED = """
from tidings import Route

@hookimpl
def register_routes(host):
    return [Route("/hello", view=lambda request: "Hello", name="hello")]
"""


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "plugins"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def _forget_modules() -> Iterator[None]:
    """As the end of a process does."""
    yield
    for name in [name for name in sys.modules if name.startswith("tidings_plugin_")]:
        del sys.modules[name]


@pytest.fixture
def create_host(backend, clock, plugins) -> Callable[..., PluginHost]:
    """Start a host over the folder; further hosts stand for further processes, which share the modules but nothing else."""

    def create(*, limits: Limits | None = None, raise_errors: bool = False, **switches) -> PluginHost:
        sources = Sources(plugins, **{"allow_drop_ins": True, **switches})
        find = partial(discover, [], sources)
        host = PluginHost(backend, clock, raise_errors=raise_errors, limits=limits, find=find)
        host.start()
        return host

    return create


def heard(host: PluginHost) -> list[str]:
    said: list[str] = []
    host.dispatcher.announce("account_saved", saved=said)
    return said


def refresh(host: PluginHost) -> None:
    host._refresh_at = 0.0
    host.refresh()


# ---- coming and going
def test_what_is_put_into_the_folder_is_found_by_all_and_off_until_switched_on(plugins, create_host):
    here, there = create_host(), create_host()
    write_folder(plugins, "box", SAYS.format("box"))
    write_file(plugins, "pipe", SAYS.format("pipe"))
    assert [info.name for info in here.rescan()] == ["box", "pipe"]
    refresh(there)
    assert {info.state for info in there.infos()} == {State.INACTIVE}
    here.activate("box")
    here.activate("pipe")
    refresh(there)
    assert heard(here) == heard(there) == ["box", "pipe"]


def test_changed_files_are_read_anew_and_nothing_else_is_touched(plugins, create_host):
    write_folder(plugins, "box", SAYS.format("old") + ROUTED)
    write_folder(plugins, "calm", "STARTED = object()\n" + SAYS.format("calm"))
    host = create_host()
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


def test_what_is_taken_out_of_the_folder_stops(plugins, create_host):
    write_folder(plugins, "box", SAYS.format("box"))
    host = create_host()
    host.activate("box")
    shutil.rmtree(plugins / "box")
    host.rescan()
    assert heard(host) == []
    with pytest.raises(NotFound):
        host.info("box")


def test_what_becomes_refused_stops(plugins, create_host):
    folder = write_folder(plugins, "box", SAYS.format("box"))
    host = create_host()
    host.activate("box")
    (folder / "manifest.toml").write_text("name =")
    host.rescan()
    assert heard(host) == []
    assert host.info("box").state is State.REFUSED
    write_folder(plugins, "box", SAYS.format("again"))
    host.rescan()
    assert heard(host) == ["again"], "it is still switched on"


# ---- consent
def test_one_that_asks_for_more_waits_and_is_not_imported(plugins, create_host, backend):
    write_folder(plugins, "box", SAYS.format("box"), permissions=["store"])
    host = create_host()
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
def test_only_what_was_agreed_to_is_granted(plugins, create_host, backend, agreed, state, granted):
    write_folder(plugins, "box", SAYS.format("box"), permissions=["store", "network"], hosts=["*"])
    assert create_host().activate("box", agreed).state is state
    assert backend.switched["box"].granted == granted
    assert backend.switched["box"].is_active


def test_what_was_agreed_to_is_kept_for_the_next_time(plugins, create_host, backend):
    write_folder(plugins, "box", SAYS.format("box"), permissions=["store"])
    host = create_host()
    host.activate("box")
    host.deactivate("box")
    assert backend.switched["box"] == Activation(False, frozenset(["store"]), "1", backend.switched["box"].changed_at)


def test_plugins_that_must_be_used_run_and_stay(plugins, create_host):
    write_folder(plugins, "box", SAYS.format("box"), permissions=["store"])
    host = create_host(must_use=frozenset(["box"]))
    assert heard(host) == ["box"]
    for verb in (host.deactivate, lambda name: host.remove(name, lambda: None)):
        with pytest.raises(NotAllowed, match="box is always on here: TIDINGS_MUST_USE_PLUGINS names it."):
            verb("box")
    assert heard(host) == ["box"]


def test_safe_mode_comes_and_goes_while_processes_run(plugins, create_host, backend):
    write_folder(plugins, "box", SAYS.format("box"))
    host = create_host()
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
def test_plugins_start_after_those_they_need_and_stop_with_them(plugins, create_host):
    write_folder(plugins, "alpha", SAYS.format("alpha"), requires_plugins=["omega"])
    write_folder(plugins, "omega", SAYS.format("omega"))
    host = create_host()
    refused = host.activate("alpha")
    assert (refused.state, refused.problem) == (State.QUARANTINED, "It needs the plugin omega, which does not run.")
    host.activate("omega")
    host.activate("alpha")
    other = create_host()
    assert heard(host) == heard(other) == ["alpha", "omega"]
    host.deactivate("omega")
    refresh(other)
    for one in (host, other):
        assert heard(one) == []
        assert one.info("alpha").problem == "It needs the plugin omega, which does not run."
    host.activate("omega")
    refresh(other)
    assert heard(host) == heard(other) == ["alpha", "omega"]


def test_a_circle_of_needs_is_told(plugins, create_host, backend):
    for name, other in (("alpha", "omega"), ("omega", "alpha")):
        write_folder(plugins, name, SAYS.format(name), requires_plugins=[other])
        backend.switched[name] = Activation(True)
    host = create_host()
    assert {info.state for info in host.infos()} == {State.QUARANTINED}


# ---- starts that fail
HANGS = "while True:\n    pass\n"


def test_one_that_hangs_is_given_up_and_the_others_start(plugins, create_host, backend):
    write_folder(plugins, "hangs", HANGS)
    write_folder(plugins, "zeta", SAYS.format("zeta"))
    backend.switched.update(hangs=Activation(True), zeta=Activation(True))
    host = create_host(limits=Limits(start_s=0.3))
    assert heard(host) == ["zeta"]
    info = host.info("hangs")
    assert (info.state, info.problem) == (
        State.QUARANTINED,
        "It had not started after 0.3 seconds and was given up.",
    )
    write_folder(plugins, "hangs", SAYS.format("mended"))
    host.rescan()
    assert heard(host) == ["mended", "zeta"]


def test_one_that_failed_is_not_tried_again_until_something_changes(plugins, create_host, backend, tmp_path):
    trace = tmp_path / "trace"
    write_folder(plugins, "bad", f"open({str(trace)!r}, 'a').write('x')\nraise ValueError('no')")
    backend.switched["bad"] = Activation(True)
    host = create_host()
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


def test_a_failed_trial_stays_off_for_others_and_says_why_until_it_is_switched_off(plugins, create_host, backend):
    write_folder(plugins, "bad", "raise ValueError('no')")
    here, there = create_host(), create_host()
    assert here.activate("bad").state is State.QUARANTINED
    assert "bad" not in backend.switched
    here.rescan()
    refresh(there)
    assert here.info("bad").problem.endswith("ValueError: no")
    assert there.info("bad").state is State.INACTIVE
    here.deactivate("bad")
    assert here.info("bad").state is State.INACTIVE


# ---- tables
def test_tables_are_brought_up_to_date_by_activating_only(plugins, create_host, backend):
    write_folder(plugins, "box", SAYS.format("box"))
    backend.behind = frozenset(["box"])
    here, there = create_host(), create_host()
    here.activate("box")
    refresh(there)
    assert (heard(here), heard(there), backend.migrated) == (["box"], ["box"], [("box", "1")])
    backend.behind = frozenset(["box"])
    late = create_host()
    assert heard(late) == []
    assert late.info("box").state is State.QUARANTINED
    assert "Switch it off and on again" in late.info("box").problem
    late.activate("box")
    assert heard(late) == ["box"]


def test_a_broken_migration_keeps_a_plugin_off_with_a_sentence(plugins, create_host, backend):
    write_folder(plugins, "box", SAYS.format("box"))
    backend.broken_migrations["box"] = "Its migration 0002 failed."
    info = create_host().activate("box")
    assert (info.state, info.problem) == (State.QUARANTINED, "Its migration 0002 failed.")
    assert "box" not in backend.switched


# ---- updating
@pytest.fixture
def create_update(plugins, tmp_path):
    """(swap, swap back) of a new version with this code, as renames of whole folders."""

    def create(code: str, **fields):
        new = write_folder(tmp_path / "new", "box", code, **{"version": "2", **fields})
        kept = tmp_path / "kept"

        def swap() -> None:
            (plugins / "box").rename(kept)
            new.rename(plugins / "box")

        def swap_back() -> None:
            if kept.exists():
                (plugins / "box").rename(tmp_path / "bad")
                kept.rename(plugins / "box")

        return swap, swap_back

    return create


@pytest.fixture
def box(plugins, create_host):
    """A host in which the first version of a plugin runs, which was granted one permission."""
    write_folder(plugins, "box", SAYS.format("old"), permissions=["store"])
    host = create_host()
    host.activate("box")
    return host


def test_an_update_takes_the_place_of_the_old_version_everywhere(box, create_host, create_update, backend):
    there = create_host()
    info = box.update("box", *create_update(SAYS.format("new"), permissions=["store"]))
    assert (info.state, info.version) == (State.ACTIVE, "2")
    refresh(there)
    assert heard(box) == heard(there) == ["new"]
    assert backend.migrated == [("box", "1"), ("box", "2")]
    assert backend.switched["box"].version == "2"


@pytest.mark.parametrize(
    ("code", "fields", "sentence"),
    [
        ("raise ValueError('broken')", {}, "It failed while starting: ValueError: broken"),
        ("import sys; sys.exit()", {}, "It failed while starting: SystemExit"),
        (HANGS, {}, "It had not started after"),
        ("", {"api": "9"}, "It is made for version 9 of the plugin API"),
        ("", {"requires": ["not-there-at-all"]}, "which is not installed"),
        ("", {"name": "other"}, "`name` is 'other', but the plugin was found as 'box'."),
        ("", {"requires_plugins": ["nobody"]}, "It needs the plugin nobody"),
    ],
)
def test_an_update_that_cannot_be_used_is_undone(box, create_update, backend, code, fields, sentence):
    box.health.limits = Limits(start_s=0.3)
    before = backend.switched["box"]
    with pytest.raises(UpdateFailed) as failed:
        box.update("box", *create_update(code, **{"permissions": ["store"], **fields}))
    assert sentence in str(failed.value)
    assert (heard(box), box.info("box").version, box.info("box").state) == (["old"], "1", State.ACTIVE)
    assert backend.switched["box"] == before
    assert backend.migrated == [("box", "1")]


def test_an_update_whose_migration_fails_is_undone(box, create_update, backend):
    backend.broken_migrations["box"] = "Its migration 0002 failed."
    with pytest.raises(UpdateFailed, match="Its migration 0002 failed."):
        box.update("box", *create_update(SAYS.format("new"), permissions=["store"]))
    assert heard(box) == ["old"]


def test_an_update_whose_files_cannot_be_swapped_is_undone(box):
    def swap() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(UpdateFailed, match="No space left on device"):
        box.update("box", swap, lambda: None)
    assert heard(box) == ["old"]


@pytest.mark.parametrize(("agreed", "said"), [((), []), (["network"], ["new"]), (None, ["new"]), (["tables"], [])])
def test_an_update_that_asks_for_more_waits_until_it_is_agreed_to(box, create_update, backend, agreed, said):
    swap, swap_back = create_update(SAYS.format("new"), permissions=["store", "network"])
    info = box.update("box", swap, swap_back, agreed)
    assert heard(box) == said
    assert info.missing_grants == (() if said else ("network",))
    assert ("network" in backend.switched["box"].granted) == bool(said)


def test_an_update_of_one_that_is_off_stays_off(box, create_update, backend):
    box.deactivate("box")
    info = box.update("box", *create_update("raise RuntimeError('imported')", permissions=["store"]))
    assert (info.state, info.version) == (State.INACTIVE, "2")
    assert backend.migrated == [("box", "1")]


def test_a_first_version_is_found_and_off(plugins, create_host, tmp_path):
    new = write_folder(tmp_path / "new", "box", SAYS.format("new"))
    host = create_host()
    info = host.update("box", lambda: new.rename(plugins / "box"), lambda: None)
    assert info.state is State.INACTIVE


def test_an_update_that_leaves_nothing_is_refused(box, plugins, tmp_path):
    kept = tmp_path / "kept"
    with pytest.raises(UpdateFailed, match="Its files are not in the plugins folder."):
        box.update("box", lambda: (plugins / "box").rename(kept), lambda: kept.rename(plugins / "box"))
    assert heard(box) == ["old"]


# ---- removing
def test_one_that_is_removed_is_gone_everywhere(box, plugins, create_host):
    there = create_host()
    box.remove("box", lambda: shutil.rmtree(plugins / "box"))
    refresh(there)
    for host in (box, there):
        assert heard(host) == []
        assert host.infos() == []


def test_one_whose_files_cannot_be_removed_runs_on(box):
    def fail() -> None:
        raise OSError(13, "Permission denied")

    with pytest.raises(OSError, match="Permission denied"):
        box.remove("box", fail)
    assert heard(box) == ["old"]


def test_what_pip_installed_is_not_ours_to_remove(shelf, backend, clock):
    shelf.add("guest", "")
    host = PluginHost(backend, clock, find=shelf.find)
    host.start()
    with pytest.raises(NotAllowed, match="remove it as it was installed"):
        host.remove("guest", lambda: None)


# ---- following
def test_a_request_does_not_wait_for_ever_for_another_that_follows(plugins, create_host, backend, monkeypatch):
    write_folder(plugins, "box", SAYS.format("box"))
    host = create_host()
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


def test_changes_of_others_between_two_refreshes_are_not_missed(plugins, create_host):
    for name in ("box", "pack"):
        write_folder(plugins, name, SAYS.format(name))
    here, there = create_host(), create_host()
    there.activate("box")
    here.activate("pack")
    refresh(here)
    assert heard(here) == ["box", "pack"]
