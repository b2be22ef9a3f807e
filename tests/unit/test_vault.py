"""Promises of the vault: a private key file, secrets that cannot be read without it, keys that rotate."""

import stat

import pytest
from cryptography.fernet import Fernet

from app.errors import ConfigError
from app.vault import open_vault


def test_the_key_file_is_made_once_and_is_private(tmp_path):
    path = tmp_path / "home" / "secret.key"
    sealed = open_vault(path).seal({"password": "tiger"})

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_vault(path).unseal(sealed) == {"password": "tiger"}
    assert "tiger" not in sealed + repr(open_vault(path))


def test_a_new_key_on_top_still_reads_what_the_old_one_wrote(tmp_path):
    path = tmp_path / "secret.key"
    old = open_vault(path)
    sealed, derived = old.seal({"a": "b"}), old.derived("x")
    path.write_bytes(Fernet.generate_key() + b"\n" + path.read_bytes())

    rotated = open_vault(path)
    assert rotated.unseal(sealed) == {"a": "b"}
    assert rotated.derived("x")[1:] == derived


def test_a_key_file_open_to_others_is_refused(tmp_path):
    path = tmp_path / "secret.key"
    open_vault(path)
    path.chmod(0o644)

    with pytest.raises(ConfigError, match="chmod 600"):
        open_vault(path)


def test_secrets_of_another_installation_are_refused_with_a_sentence(tmp_path):
    sealed = open_vault(tmp_path / "one.key").seal({"a": "b"})

    with pytest.raises(ConfigError, match=r"secret\.key"):
        open_vault(tmp_path / "two.key").unseal(sealed)
