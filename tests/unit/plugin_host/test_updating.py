"""Drop-ins are updated, rolled back and removed while the host runs; other processes follow."""

import shutil

import pytest

from app.errors import NotAllowed
from app.plugin_host import Limits, PluginHost, State, UpdateFailed
from tests.unit.plugin_host.drop_in import HANGS, SAYS, heard, refresh, write_folder


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
def box(plugins, create_drop_in_host):
    """A host in which the first version of a plugin runs, which was granted one permission."""
    write_folder(plugins, "box", SAYS.format("old"), permissions=["store"])
    host = create_drop_in_host()
    host.activate("box")
    return host


def test_an_update_takes_the_place_of_the_old_version_everywhere(box, create_drop_in_host, create_update, backend):
    there = create_drop_in_host()
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


def test_a_first_version_is_found_and_off(plugins, create_drop_in_host, tmp_path):
    new = write_folder(tmp_path / "new", "box", SAYS.format("new"))
    host = create_drop_in_host()
    info = host.update("box", lambda: new.rename(plugins / "box"), lambda: None)
    assert info.state is State.INACTIVE


def test_an_update_that_leaves_nothing_is_refused(box, plugins, tmp_path):
    kept = tmp_path / "kept"
    with pytest.raises(UpdateFailed, match="Its files are not in the plugins folder."):
        box.update("box", lambda: (plugins / "box").rename(kept), lambda: kept.rename(plugins / "box"))
    assert heard(box) == ["old"]


# ---- removing
def test_one_that_is_removed_is_gone_everywhere(box, plugins, create_drop_in_host):
    there = create_drop_in_host()
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
