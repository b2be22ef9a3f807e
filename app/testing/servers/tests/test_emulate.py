"""The emulator of Google's services listens on loopback only, starts empty and hands every mailbox out once."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
import requests

from app.testing.servers import EmulatedMailbox, EmulateServer, MissingComponent, emulate


def _labels_of(server: EmulateServer, mailbox: EmulatedMailbox) -> set[str]:
    headers = {"Authorization": f"Bearer {mailbox.token}"}
    answer = requests.get(f"{server.url}/gmail/v1/users/me/labels", headers=headers, timeout=5)
    return {label["name"] for label in answer.json()["labels"]}


def test_emulator_listens_on_loopback_only(emulate: EmulateServer) -> None:
    listening = {one.laddr for one in psutil.net_connections() if one.laddr and one.laddr.port == emulate.port}

    assert {address.ip for address in listening} == {"127.0.0.1"}


def test_emulator_hands_every_mailbox_out_once(emulate: EmulateServer) -> None:
    one, other = emulate.new_mailbox(), emulate.new_mailbox()

    assert one.address != other.address
    assert one.token not in repr(one)
    assert "INBOX" in _labels_of(emulate, one)


def test_emulator_starts_again_empty_on_the_same_port() -> None:
    with EmulateServer() as server:
        mailbox, port = server.new_mailbox(), server.port
        headers = {"Authorization": f"Bearer {mailbox.token}"}
        requests.post(f"{server.url}/gmail/v1/users/me/labels", json={"name": "Mine"}, headers=headers, timeout=5)
        assert "Mine" in _labels_of(server, mailbox)

        server.stop()
        server.start()

        assert server.port == port
        assert "Mine" not in _labels_of(server, mailbox)


def test_missing_emulator_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(emulate, "PROGRAM", tmp_path / "none.js")

    with pytest.raises(MissingComponent, match="emulators are not installed"):
        EmulateServer().start()
