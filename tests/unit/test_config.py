"""Promises of the configuration: what is wrong is named by its variable."""

import pytest
from sqlalchemy import make_url

from app.config import Config, load_config
from app.errors import ConfigError


def test_defaults_need_nothing():
    config = load_config({}, env_file=None)

    assert config.address == "http://127.0.0.1:8400"
    assert config.database_address.startswith("sqlite:///")


def test_variables_win_over_the_env_file(tmp_path):
    (tmp_path / ".env").write_text("TIDINGS_PORT=9000\nTIDINGS_UNDO_S=3\n")
    config = load_config({"TIDINGS_PORT": "9001"}, env_file=tmp_path / ".env")

    assert (config.port, config.undo_s) == (9001, 3)


def test_values_of_plugins_are_kept_apart():
    config = load_config({"TIDINGS_PLUGIN_MAILBOX_LISTEN": "lmtp://127.0.0.1:2424"}, env_file=None)

    assert config.plugin_values == {"mailbox_listen": "lmtp://127.0.0.1:2424"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIDINGS_PORT", "many"),
        ("TIDINGS_PORT", "70000"),
        ("TIDINGS_BASE_URL", "example.com"),
        ("TIDINGS_MAX_STREAMS", "500"),
        ("TIDINGS_DATABASE_URL", "mysql://x"),
        ("TIDINGS_QUEUE_URL", "amqp://x"),
        ("TIDINGS_SAFE_MODE", "perhaps"),
        ("TIDINGS_UNDO_S", "-1"),
        ("TIDINGS_PROT", "8400"),
        ("TIDINGS_ALLOW_DROP_INS", "sometimes"),
        ("TIDINGS_MUST_USE_PLUGINS", "mailbox, Echo"),
        ("TIDINGS_ALLOWED_PLUGINS", "mailbox;echo"),
    ],
)
def test_a_wrong_value_is_refused_with_the_variables_name(name, value):
    with pytest.raises(ConfigError, match=name):
        load_config({name: value}, env_file=None)


def test_addresses_that_may_hold_a_password_are_not_shown():
    values = {
        "TIDINGS_DATABASE_URL": "postgresql+psycopg://tidings:tiger@db/tidings",
        "TIDINGS_QUEUE_URL": "redis://:tiger@queue/0",
        "TIDINGS_FILES_URL": "s3://key:tiger@bucket",
        "TIDINGS_PLUGIN_MAILBOX_SECRET": "tiger",
    }

    assert "tiger" not in repr(load_config(values, env_file=None))


def test_empty_variables_count_as_not_given():
    config = load_config({"TIDINGS_PORT": "", "TIDINGS_HOME": " ", "TIDINGS_SAFE_MODE": ""}, env_file=None)

    assert (config.port, str(config.home), config.safe_mode) == (8400, "instance", False)


def test_an_ipv6_address_stands_in_brackets():
    config = load_config({"TIDINGS_HOST": "::1"}, env_file=None)

    assert config.listen_address == "[::1]:8400"
    assert config.address == "http://[::1]:8400"


def test_a_relative_sqlite_file_is_one_of_the_folder_we_were_started_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load_config({"TIDINGS_DATABASE_URL": "sqlite:///data/own.sqlite3"}, env_file=None)

    assert config.database_address == f"sqlite:///{tmp_path}/data/own.sqlite3"


def test_an_env_file_that_is_none_is_named(tmp_path):
    (tmp_path / ".env").write_bytes(b"TIDINGS_PORT=\xff\xfe")

    with pytest.raises(ConfigError, match="env"):
        load_config({}, env_file=tmp_path / ".env")


def test_lists_of_plugins_have_commas_between():
    values = {"TIDINGS_MUST_USE_PLUGINS": "mailbox,, echo ,mailbox", "TIDINGS_ALLOWED_PLUGINS": "echo,mailbox,webform"}
    config = load_config(values, env_file=None)

    assert config.must_use_plugins == ("mailbox", "echo")
    assert config.allowed_plugins == ("echo", "mailbox", "webform")


def test_nothing_of_plugins_is_allowed_unless_said():
    config = load_config({}, env_file=None)

    switches = ("allow_drop_ins", "allow_uploads", "require_signature", "trace_hooks", "safe_mode")
    assert not any(getattr(config, switch) for switch in switches)
    assert config.must_use_plugins == config.allowed_plugins == ()


def test_a_plugin_that_must_be_used_must_be_allowed():
    values = {"TIDINGS_MUST_USE_PLUGINS": "echo", "TIDINGS_ALLOWED_PLUGINS": "mailbox"}
    with pytest.raises(
        ConfigError, match="TIDINGS_MUST_USE_PLUGINS names echo, which TIDINGS_ALLOWED_PLUGINS leaves out."
    ):
        load_config(values, env_file=None)


def test_the_database_stands_in_the_home_folder_whatever_that_is_called(tmp_path):
    home = tmp_path / "h me 50%25 a?b#c"
    assert make_url(Config(home=home).database_address).database == str(home / "tidings.sqlite3")
