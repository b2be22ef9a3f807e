"""Plugins come, are updated and go back as archives: files, tables, settings and values together, or not at all."""

import json
import os
import time
from dataclasses import replace

import pytest

from app.errors import Conflict, NotAllowed, NotFound
from app.jobs.housekeeping import do_housekeeping
from app.models import ChannelAccount, PluginState
from app.plugin_host import State
from app.plugin_host.archives import pack, sign_archive
from app.plugin_host.archives.plugin_files import PluginFiles
from app.plugin_host.archives.signatures import BrokenSignature, SignedState, add_trusted, create_keys, read_private_key
from app.services.accounts import pause_account
from app.services.core import SYSTEM, Actor, writing
from app.services.plugins.archives import (
    UpdateFailed,
    discard,
    go_back,
    install,
    previous_version,
    stage,
    staged,
)
from app.services.plugins.removal import removed_archive, uninstall
from tests.integration.plugin_archives.ledgerbooks import (
    SECOND_MIGRATION,
    actions,
    columns,
    ledgerbook,
    leftovers,
    lines,
    unpacked,
    values,
)


def test_an_uploaded_plugin_waits_for_consent_then_runs(core, write):
    card = stage(core, SYSTEM, ledgerbook())
    assert (card.name, card.version_now, card.problems, card.signed.state) == (
        "ledgerbook",
        "",
        (),
        SignedState.UNSIGNED,
    )
    assert card.new_asks == card.asks
    assert "host:book.example.com" in card.asks
    assert not [info for info in core.plugins.infos() if info.name == "ledgerbook"], "nothing of it is in place yet"
    with pytest.raises(Conflict, match="more than was agreed to: host:book"):
        install(core, SYSTEM, card.token, [one for one in card.asks if one != "host:book.example.com"], switch_on=True)
    installed = install(core, SYSTEM, staged(core, SYSTEM, card.token).token, card.asks, switch_on=True)
    assert (installed.info.state, installed.info.is_upload, installed.sentences) == (State.ACTIVE, True, ())
    assert lines(core) == []
    write("Hello")
    assert lines(core) == ["Hello"]
    assert actions(core) == ["plugin.staged", "plugin.installed"]
    with pytest.raises(NotFound):
        staged(core, SYSTEM, card.token)
    assert leftovers(core) == []


def test_a_plugin_can_be_installed_and_left_off(core):
    card = stage(core, SYSTEM, ledgerbook())
    assert install(core, SYSTEM, card.token, ()).info.state is State.INACTIVE
    assert lines(core) is None


def test_an_update_brings_the_tables_along_and_can_be_taken_back(core, put, filled, write, create_account):
    done = put(ledgerbook("2.0", migration=SECOND_MIGRATION))
    assert (done.info.state, done.info.version, done.version_before) == (State.ACTIVE, "2.0", "1.0")
    assert "currency" in columns(core)
    assert lines(core) == ["First", "Second"]
    assert previous_version(core, "ledgerbook") == "1.0"
    write("Third")
    account = create_account("ledgerbook", name="Book")
    pause_account(core, SYSTEM, account)
    with writing(core) as unit:
        unit.session.get(PluginState, "ledgerbook").settings = {"color": "blue"}

    back = go_back(core, SYSTEM, "ledgerbook")
    assert (back.info.state, back.info.version) == (State.ACTIVE, "1.0")
    assert (lines(core), "currency" in columns(core)) == (["First", "Second"], False)
    assert core.session.get(PluginState, "ledgerbook").settings == {"color": "red"}
    assert values(core) == {"lines": 2}
    assert core.session.get(ChannelAccount, account).state == "paused", "what its owner paused since stays so"

    forth = go_back(core, SYSTEM, "ledgerbook")
    assert (forth.info.version, lines(core)) == ("2.0", ["First", "Second", "Third"]), (
        "going back can itself be taken back"
    )
    assert actions(core)[-3:] == ["plugin.updated", "plugin.rolled_back", "plugin.rolled_back"]
    assert leftovers(core) == []


def test_a_plugin_may_be_one_file_and_become_a_folder(core, put):
    card = '# /// tidings\n# name = "ledgerbook"\n# title = "x"\n# summary = "x"\n# kind = "panel"\n# version = "0.1"\n# api = "2"\n# ///\n'
    put(card.encode())
    put(card.replace("0.1", "0.2").encode())
    files = PluginFiles(core.config.home)
    assert [path.name for path in files.parts("ledgerbook")] == ["ledgerbook.py", ".ledgerbook.tidings.json"]
    assert put(ledgerbook()).info.state is State.ACTIVE
    assert [path.name for path in files.parts("ledgerbook")] == ["ledgerbook"]
    back = go_back(core, SYSTEM, "ledgerbook")
    assert (back.info.version, back.info.state, back.info.is_upload) == ("0.2", State.ACTIVE, True)
    assert lines(core) is None
    uninstall(core, SYSTEM, "ledgerbook")
    assert files.parts("ledgerbook") == []


BROKEN = {
    "no battery": {"code": "raise RuntimeError('no battery')"},
    "SystemExit": {"code": "raise SystemExit(3)"},
    "half way": {"migration": SECOND_MIGRATION + "    raise ValueError('half way')\n"},
    "after migrating": {"migration": SECOND_MIGRATION, "code": "raise RuntimeError('after migrating')"},
    "lost": {"migration": SECOND_MIGRATION.replace('"ledgerbook_0001"', '"lost"')},
}
"""Words of the reason → what is wrong with an update."""


def test_an_update_that_cannot_start_changes_nothing(core, put, filled, write):
    files = PluginFiles(core.config.home)
    for word, broken in BROKEN.items():
        with pytest.raises(UpdateFailed, match=word):
            put(ledgerbook("2.0", **broken))
        info = core.plugins.info("ledgerbook")
        assert (info.state, info.version) == (State.ACTIVE, "1.0"), word
        assert "currency" not in columns(core), word
        write(word)
        assert previous_version(core, "ledgerbook") == ""
        assert actions(core)[-1] == "plugin.update_failed"
        assert files.archives_of("ledgerbook", files.snapshots) == []
    assert lines(core) == sorted(["First", "Second", *BROKEN])


def test_an_update_that_asks_for_more_must_be_agreed_to(core, put, filled):
    card = stage(core, SYSTEM, ledgerbook("1.1", permissions=', "send_messages"'))
    assert (card.version_now, card.new_asks) == ("1.0", ("send_messages",))
    with pytest.raises(Conflict, match="send_messages"):
        install(core, SYSTEM, card.token, ())
    assert core.plugins.info("ledgerbook").version == "1.0"
    assert install(core, SYSTEM, card.token, card.new_asks).info.state is State.ACTIVE
    assert "send_messages" in core.session.get(PluginState, "ledgerbook").granted


def test_only_the_five_newest_snapshots_are_kept(core, put):
    put(ledgerbook("1.0"))
    for number in range(1, 8):
        put(ledgerbook(f"1.{number}"))
    files = PluginFiles(core.config.home)
    kept = [path.name.split("-")[1] for path in files.archives_of("ledgerbook", files.snapshots)]
    assert kept == ["1.6", "1.5", "1.4", "1.3", "1.2"]
    assert previous_version(core, "ledgerbook") == "1.6"


IN_ITS_WAY = {
    "version 7 of the plugin API": {"api": "7"},
    "not installed": {"requires": ["there-is-no-such-thing>=2"]},
    "needs the plugin": {"requires_plugins": ["lighthouse>=2"]},
    "newer than 0.9": {"version": "0.9"},
    "comes with Tidings": {"name": "echo"},
}
"""Words of the problem → fields of a manifest that cause it."""


def test_what_stands_in_its_way_is_told_before_and_keeps_it_out(core, put):
    put(ledgerbook("1.0"))
    known = {"name": "ledgerbook", "title": "x", "summary": "x", "kind": "panel", "version": "2", "api": "2"}
    for word, changes in IN_ITS_WAY.items():
        fields = {**known, **changes}
        manifest = "".join(f"{key} = {json.dumps(value)}\n" for key, value in fields.items())
        name = fields["name"]
        card = stage(core, SYSTEM, pack({f"{name}/manifest.toml": manifest.encode(), f"{name}/__init__.py": b""}))
        assert word in card.problems[0]
        with pytest.raises(Conflict, match=word):
            install(core, SYSTEM, card.token, card.asks)
    assert core.plugins.info("ledgerbook").version == "1.0"


def test_uploads_need_the_switch_and_the_permission(core, tidings_app, create_agent):
    with pytest.raises(NotAllowed, match="role"):
        stage(core, Actor(1, "Ben", "manager"), ledgerbook())
    closed = replace(core, config=replace(core.config, allow_uploads=False))
    with pytest.raises(NotAllowed, match="TIDINGS_ALLOW_UPLOADS"):
        stage(closed, SYSTEM, ledgerbook())
    assert stage(closed, SYSTEM, ledgerbook(), by_shell=True).problems == (), "who has the shell owns the machine"
    for verb in (install, staged, discard):
        with pytest.raises(NotAllowed, match="role"):
            verb(core, Actor(1, "Ben", "manager"), "0" * 32, *([()] if verb is install else []))
    for verb in (go_back, uninstall, removed_archive):
        with pytest.raises(NotAllowed, match="role"):
            verb(core, Actor(1, "Ben", "manager"), "ledgerbook")


def test_a_signature_is_asked_for_and_named(core, tmp_path):
    create_keys(tmp_path / "ada.key", tmp_path / "ada.pub")
    signed = sign_archive(ledgerbook(), read_private_key(tmp_path / "ada.key"), "Ada")
    strict = replace(core, config=replace(core.config, require_signature=True))
    for data in (ledgerbook(), signed):
        assert "TIDINGS_REQUIRE_SIGNATURE" in stage(strict, SYSTEM, data).problems[0]
    add_trusted(PluginFiles(core.config.home).trusted_keys, "ada_of_example", tmp_path / "ada.pub")
    card = stage(strict, SYSTEM, signed)
    assert (card.problems, card.signed.name) == ((), "ada_of_example")
    assert install(strict, SYSTEM, card.token, card.asks).info.signed_by == "ada_of_example"
    files = unpacked(signed)
    files["ledgerbook/__init__.py"] += b"# changed\n"
    with pytest.raises(BrokenSignature):
        stage(strict, SYSTEM, pack(files))


def test_an_upload_nobody_agreed_to_is_thrown_away_after_a_day(core):
    old, young = stage(core, SYSTEM, ledgerbook()), stage(core, SYSTEM, ledgerbook())
    folder = PluginFiles(core.config.home).staged
    yesterday = time.time() - 24 * 60 * 60 - 60
    os.utime(folder / old.token, (yesterday, yesterday))
    do_housekeeping(core)
    assert [path.name for path in folder.iterdir()] == [young.token]


def test_two_at_once_do_not_mix(core):
    card = stage(core, SYSTEM, ledgerbook())
    with PluginFiles(core.config.home).lock(), pytest.raises(Conflict, match="Another plugin"):
        install(core, SYSTEM, card.token, card.asks)
    install(core, SYSTEM, card.token, card.asks)
