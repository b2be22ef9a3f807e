"""A missing component is named; it fails a CI run and is skipped loudly elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.testing.servers import DovecotServer, MissingComponent
from app.testing.servers.fixtures import report_missing


def test_missing_dovecot_names_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda *args, **kwargs: None)

    with pytest.raises(MissingComponent, match="apt-get install dovecot-imapd"):
        DovecotServer().start()


def test_missing_component_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match="No such server"):
        report_missing(MissingComponent("No such server."))


def test_missing_component_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match="MISSING COMPONENT. No such server"):
        report_missing(MissingComponent("No such server."))
