"""A plugin that goes leaves nothing but paused accounts and an archive, and the archive brings everything back."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from app.errors import Conflict, NotFound
from app.models import ChannelAccount, Conversation, Notice, PluginJob, PluginState, PluginValue
from app.plugin_host import MigrationFailed, State
from app.plugin_host.archives import ArchiveError, pack
from app.plugin_host.archives.plugin_files import PluginFiles
from app.plugin_host.tables.ledger import Ledger
from app.services.core import SYSTEM, writing
from app.services.plugins.archives import (
    UpdateFailed,
    discard,
    export_plugin,
    restore,
    stage,
)
from app.services.plugins.data import SECRETS_LEFT_OUT
from app.services.plugins.removal import removed_archive, uninstall, uninstall_preview
from app.services.plugins.tables import ledger_of
from app.vault import Vault
from tests.integration.plugin_archives.ledgerbooks import (
    SECOND_MIGRATION,
    TABLE,
    actions,
    columns,
    ledgerbook,
    lines,
    unpacked,
    values,
)


def test_the_preview_counts_everything_it_owns(core, filled, create_account):
    account = create_account("ledgerbook", name="Book")
    with writing(core) as unit:
        conversation = unit.session.scalars(sa.select(Conversation)).first()
        conversation.account_id = account
    preview = uninstall_preview(core, "ledgerbook")
    assert preview.tables == ((TABLE, 2),)
    assert (preview.settings, preview.secrets, preview.values, preview.jobs) == (("color",), ("token",), 1, ("sum_up",))
    assert (preview.data_files, preview.data_bytes, preview.notices) == (1, 4, 1)
    assert preview.code_files == 4
    assert preview.code_bytes > 500
    assert [(one.id, one.conversations) for one in preview.accounts] == [(account, 1)]
    assert preview.code_stays == ""


def test_uninstalling_leaves_nothing_but_paused_accounts_and_an_archive(core, put, filled, create_account):
    account = create_account("ledgerbook", name="Book")
    put(ledgerbook("1.1"))
    removed = uninstall(core, SYSTEM, "ledgerbook")
    assert (removed.paused_accounts, removed.is_empty, removed.sentences) == (1, False, ())
    assert lines(core) is None
    assert ledger_of(core).revision("ledgerbook") == ""
    assert values(core) == {}
    assert core.session.get(PluginState, "ledgerbook") is None
    assert core.session.scalars(sa.select(PluginJob)).all() == []
    assert (
        core.session.scalar(sa.select(Notice.closed_at).where(Notice.subject == "plugin:ledgerbook:test")) is not None
    )
    assert core.session.get(ChannelAccount, account).state == "paused"
    assert not (core.config.home / "plugin_files" / "ledgerbook").exists()
    with pytest.raises(NotFound):
        core.plugins.info("ledgerbook")
    files = PluginFiles(core.config.home)
    assert files.parts("ledgerbook") == []
    assert files.archives_of("ledgerbook", files.snapshots) == []
    assert removed_archive(core, SYSTEM, removed.archive).is_file()
    for name in ("../secret.key", ".lock", "x.zip", f"../.trash/{removed.archive}"):
        with pytest.raises(NotFound):
            removed_archive(core, SYSTEM, name)
    assert actions(core)[-1] == "plugin.uninstalled"


def test_an_export_brings_everything_back(core, filled, create_account, write):
    account = create_account("ledgerbook", name="Book")
    archive = removed_archive(core, SYSTEM, uninstall(core, SYSTEM, "ledgerbook").archive).read_bytes()
    assert b"s3cret" not in archive
    card = stage(core, SYSTEM, archive)
    assert (dict(card.brings_back.rows), card.brings_back.values, card.problems) == ({TABLE: 2}, 1, ())
    discard(core, SYSTEM, card.token)
    done = restore(core, SYSTEM, archive, card.asks)
    assert (done.info.state, done.sentences) == (State.ACTIVE, ())
    assert lines(core) == ["First", "Second"]
    assert values(core) == {"lines": 2}
    state = core.session.get(PluginState, "ledgerbook")
    assert (state.settings, core.vault.unseal(state.secrets)) == ({"color": "red"}, {"token": "s3cret"})
    assert (core.config.home / "plugin_files" / "ledgerbook" / "odd:names" / "a?.txt").read_text() == "kept"
    assert core.session.get(ChannelAccount, account).state == "active"
    write("Third")
    assert lines(core) == ["First", "Second", "Third"], "ids go on where they were"
    assert actions(core)[-1] == "plugin.restored"


def test_an_old_export_is_migrated_to_the_newest_tables_by_an_update(core, put, filled):
    archive = removed_archive(core, SYSTEM, uninstall(core, SYSTEM, "ledgerbook").archive).read_bytes()
    restore(core, SYSTEM, archive, stage(core, SYSTEM, archive).asks)
    put(ledgerbook("2.0", migration=SECOND_MIGRATION))
    assert lines(core) == ["First", "Second"]
    assert "currency" in columns(core)


def test_secrets_of_another_installation_are_left_out_with_a_sentence(core, filled, tmp_path):
    archive = removed_archive(core, SYSTEM, uninstall(core, SYSTEM, "ledgerbook").archive).read_bytes()
    elsewhere = replace(core, vault=Vault([Fernet.generate_key()]))
    done = restore(elsewhere, SYSTEM, archive, stage(core, SYSTEM, archive).asks)
    assert done.sentences == (SECRETS_LEFT_OUT,)
    assert core.session.get(PluginState, "ledgerbook").secrets == ""
    assert lines(core) == ["First", "Second"]


def test_a_damaged_export_is_refused_whole(core, put, filled, tmp_path):
    path = tmp_path / "book.zip"
    export_plugin(core, SYSTEM, "ledgerbook", path)
    files = unpacked(path.read_bytes())
    files["tables.jsonl"] = files["tables.jsonl"].replace(b'"text"', b'"nothing"')
    with pytest.raises(UpdateFailed, match="put back"):
        restore(core, SYSTEM, pack(files), stage(core, SYSTEM, ledgerbook()).asks)
    assert lines(core) == ["First", "Second"]
    assert values(core) == {"lines": 2}
    assert core.plugins.info("ledgerbook").state is State.ACTIVE
    files["tidings-export.json"] = b"{}"
    with pytest.raises(ArchiveError):
        stage(core, SYSTEM, pack(files))


def test_of_a_shipped_plugin_only_its_data_goes_and_comes_back(core):
    core.plugins.activate("echo")
    with writing(core) as unit:
        unit.session.add(PluginValue(plugin="echo", key="said", value=["hello"]))
    removed = uninstall(core, SYSTEM, "echo")
    assert "comes with Tidings" in removed.sentences[0]
    assert core.plugins.info("echo").state is State.INACTIVE
    assert core.session.scalars(sa.select(PluginValue).where(PluginValue.plugin == "echo")).all() == []
    archive = removed_archive(core, SYSTEM, removed.archive).read_bytes()
    done = restore(core, SYSTEM, archive, core.plugins.info("echo").manifest.grants)
    assert done.info.state is State.ACTIVE
    assert core.session.get(PluginValue, ("echo", "said")).value == ["hello"]
    files = unpacked(archive)
    card = {**json.loads(files["tidings-export.json"]), "revision": "of nobody"}
    files["tidings-export.json"] = json.dumps(card).encode()
    files["values.jsonl"] = b""
    with pytest.raises(UpdateFailed, match="migrations"):
        restore(core, SYSTEM, pack(files), core.plugins.info("echo").manifest.grants)
    assert core.plugins.info("echo").state is State.ACTIVE
    assert core.session.get(PluginValue, ("echo", "said")).value == ["hello"]


@pytest.mark.parametrize("breaks", ["files", "start"])
def test_a_restore_that_fails_leaves_the_files_the_plugin_stored(core, filled, tmp_path, monkeypatch, breaks):
    path, kept = tmp_path / "book.zip", core.config.home / "plugin_files" / "ledgerbook" / "odd:names" / "a?.txt"
    export_plugin(core, SYSTEM, "ledgerbook", path)
    kept.write_text("written since")
    files = unpacked(path.read_bytes())
    if breaks == "files":
        files["files.jsonl"] += b'{"number": 9, "path": "missing.txt"}\n'
    else:
        files["code/__init__.py"] += b"\nraise RuntimeError('thunder')\n"
        monkeypatch.setattr(core.plugins._plugins, "_raise_errors", False)
    with pytest.raises(UpdateFailed):
        restore(core, SYSTEM, pack(files), stage(core, SYSTEM, ledgerbook()).asks)
    assert kept.read_text() == "written since"
    assert [place.name for place in kept.parent.iterdir()] == ["a?.txt"]
    assert core.plugins.info("ledgerbook").state is State.ACTIVE


def test_values_that_cannot_be_put_back_leave_a_shipped_plugin_as_it_was(core):
    core.plugins.activate("echo")
    with writing(core) as unit:
        unit.session.add(PluginValue(plugin="echo", key="said", value=["hello"]))
    archive = removed_archive(core, SYSTEM, uninstall(core, SYSTEM, "echo").archive).read_bytes()
    restore(core, SYSTEM, archive, core.plugins.info("echo").manifest.grants)
    files = unpacked(archive)
    files["values.jsonl"] = b'{"key": "twice", "value": 1}\n' * 2
    with pytest.raises(UpdateFailed, match="values"):
        restore(core, SYSTEM, pack(files), core.plugins.info("echo").manifest.grants)
    assert core.plugins.info("echo").state is State.ACTIVE
    assert core.session.get(PluginValue, ("echo", "said")).value == ["hello"]


def test_a_plugin_whose_tables_cannot_be_dropped_stays_whole(core, filled, monkeypatch):
    def refuse(self, name):
        raise MigrationFailed("The database refused: locked")

    monkeypatch.setattr(Ledger, "drop", refuse)
    with pytest.raises(Conflict, match="cannot be removed now"):
        uninstall(core, SYSTEM, "ledgerbook")
    assert core.plugins.info("ledgerbook").state is State.ACTIVE
    assert lines(core) == ["First", "Second"]
    files = PluginFiles(core.config.home)
    assert files.archives_of("ledgerbook", files.trash) == []
