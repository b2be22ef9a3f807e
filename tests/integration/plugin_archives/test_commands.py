"""`tidings plugin install` and its siblings as somebody at the shell meets them: outcomes, sentences, exit codes."""

import io
import shutil
import sys
from pathlib import Path

import pytest

from app.cli import main
from tests.integration.plugin_archives.ledgerbooks import FOLDER, SECOND_MIGRATION, ledgerbook


@pytest.fixture
def home(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder of an installation with tables, and no switch set."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    shutil.copyfile(migrated_sqlite, folder / "tidings.sqlite3")
    monkeypatch.setenv("TIDINGS_HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def run(home, monkeypatch, capsys):
    """Run a `tidings plugin` command: (exit code, what it printed, what it complained of)."""

    def run_command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tidings", "plugin", *words])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return left.value.code, printed.out, printed.err

    return run_command


def test_a_folder_is_installed_where_uploads_are_off_and_shown_before(run, home, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    code, out, _ = run("install", str(FOLDER))
    assert code == 1, "nobody said yes"
    assert "Talk to book.example.com" in out
    assert "Not signed." in out
    assert not (home / "plugins" / "ledgerbook").exists()
    assert list((home / "plugins" / ".staged").iterdir()) == []
    code, out, _ = run("install", str(FOLDER), "--yes")
    assert (code, out) == (0, "ledgerbook 1.0 is in place and is on.\n")
    assert '"state": "active"' in run("list", "--json")[1]


def test_update_rollback_export_uninstall_and_back(run, home, tmp_path):
    new, broken = tmp_path / "new.zip", tmp_path / "broken.zip"
    new.write_bytes(ledgerbook("2.0", migration=SECOND_MIGRATION))
    broken.write_bytes(ledgerbook("3.0", migration=SECOND_MIGRATION, code="raise RuntimeError('no battery')"))
    code, _, err = run("update", str(new), "--yes")
    assert (code, err) == (
        2,
        "tidings: There is no plugin called ledgerbook to update; use `tidings plugin install`.\n",
    )
    assert run("install", str(FOLDER), "--yes")[0] == 0
    assert run("update", str(new), "--yes")[1] == "ledgerbook 1.0 → 2.0 is in place and is on.\n"
    code, _, err = run("update", str(broken), "--yes")
    assert (code, err.count("\n")) == (2, 1)
    assert "no battery" in err
    assert run("rollback", "ledgerbook", "--yes")[1] == "ledgerbook 2.0 → 1.0 is in place and is on.\n"
    assert run("export", "ledgerbook")[0] == 0
    assert (tmp_path / "ledgerbook-1.0.zip").is_file()
    assert run("export", "ledgerbook")[2] == "tidings: ledgerbook-1.0.zip is there already.\n"
    out = run("uninstall", "ledgerbook", "--preview")[1]
    assert "table plugin_ledgerbook_entry: 0 rows" in out
    assert (home / "plugins" / "ledgerbook").is_dir()
    code, out, _ = run("uninstall", "ledgerbook", "--yes")
    assert code == 0
    assert Path(out.splitlines()[-1].rpartition(" ")[2]).is_file()
    assert not (home / "plugins" / "ledgerbook").exists()
    assert run("install", "ledgerbook-1.0.zip", "--yes")[1] == "ledgerbook 1.0 is in place and is on.\n"
    assert run("uninstall", "nothing", "--yes")[0::2] == (2, "tidings: There is no plugin called nothing.\n")
    assert run("rollback", "nothing")[0] == 2


def test_keys_signatures_and_trust(run, home, tmp_path, monkeypatch):
    assert run("keygen", "ada")[0] == 0
    assert run("keygen", "ada")[0] == 2
    assert (tmp_path / "ada.key").stat().st_mode & 0o777 == 0o600
    assert run("sign", str(FOLDER), "--key", "ada.key")[1].startswith("ledgerbook-1.0.zip: ledgerbook 1.0, 3 files.")
    signed = (tmp_path / "ledgerbook-1.0.zip").read_bytes()
    assert run("sign", "ledgerbook-1.0.zip", "--key", "ada.key")[0] == 0
    assert (tmp_path / "ledgerbook-1.0.zip").read_bytes() == signed, "signing is reproducible"

    code, out, _ = run("verify", "ledgerbook-1.0.zip")
    assert (code, "not trusted here; it calls itself ada." in out) == (1, True)
    monkeypatch.setenv("TIDINGS_REQUIRE_SIGNATURE", "1")
    code, _, err = run("install", "ledgerbook-1.0.zip", "--yes")
    assert (code, "TIDINGS_REQUIRE_SIGNATURE" in err) == (2, True)
    assert run("trust", "add", "ada_of_example", "ada.pub")[0] == 0
    assert run("trust", "list")[1].endswith("  ada_of_example\n")
    code, out, _ = run("verify", "ledgerbook-1.0.zip")
    assert (code, "Signed by ada_of_example" in out) == (0, True)
    assert run("install", "ledgerbook-1.0.zip", "--yes")[0] == 0

    assert run("trust", "remove", "ada_of_example")[0] == 0
    assert run("trust", "list")[1] == ""
    assert run("verify", "ledgerbook-1.0.zip")[0] == 1
    (tmp_path / "broken.zip").write_bytes(signed[:-30])
    code, _, err = run("verify", "broken.zip")
    assert (code, err.count("\n")) == (2, 1)
    (tmp_path / "plain.zip").write_bytes(ledgerbook())
    assert "Not signed." in run("verify", "plain.zip")[1]
