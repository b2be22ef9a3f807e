"""Promises of the mask: a credential that this process knows is not written into a log, whoever tries and in whatever form."""

import base64
import logging

import pytest
from cryptography.fernet import Fernet

from app.plugin_host.health.book import describe
from app.redaction import MASK, MOST, KnownSecrets, known_secrets, mask_logs, masked
from app.vault import Vault

SECRET = "t0ken&with /signs\"'"


@pytest.fixture(autouse=True)
def _known():
    before = logging.getLogRecordFactory()
    mask_logs()
    known_secrets.forget()
    known_secrets.remember([SECRET])
    yield
    known_secrets.forget()
    logging.setLogRecordFactory(before)


def log_of(caplog) -> str:
    formatter = logging.Formatter("%(message)s")
    return "\n".join(formatter.format(record) for record in caplog.records)


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        "https://api.example.com/?token=t0ken%26with%20%2Fsigns%22%27",
        "body=t0ken%26with+%2Fsigns%22%27",
        '{"token": "t0ken&with /signs\\"\'"}',
        repr({"token": SECRET}),
        f"Basic {base64.b64encode(SECRET.encode()).decode()}",
    ],
)
def test_a_credential_is_blanked_out_however_it_is_written(written):
    hidden = masked(f"before {written} after")

    assert MASK in hidden
    assert "signs" not in hidden
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")


def test_lines_of_a_key_are_blanked_out_one_by_one():
    known = KnownSecrets()
    known.remember(["-----BEGIN-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END-----\n"])

    assert known.mask("it ends with hkiG9w0BAQEFAASC") == f"it ends with {MASK}"


def test_short_values_and_other_things_are_left_alone():
    known = KnownSecrets()
    known.remember(["test", "", None, 12345678])

    assert known.mask("a test 12345678") == "a test 12345678"


def test_the_oldest_are_forgotten_when_there_are_very_many():
    known = KnownSecrets()
    known.remember(["oldest-token"])
    known.remember([f"token-number-{n}" for n in range(MOST)])

    assert known.mask("oldest-token") == "oldest-token"
    assert known.mask(f"token-number-{MOST - 1}") == MASK


def test_messages_arguments_and_tracebacks_are_masked_on_any_logger(caplog):
    try:
        raise ValueError(f"the provider refused {SECRET}")
    except ValueError:
        logging.getLogger("tidings.plugins.leaky").exception("with %s", SECRET)
    logging.getLogger("tidings_plugin_leaky.deep").warning("token=" + SECRET)
    logging.getLogger("elsewhere").warning("nothing to hide in %s", "here")

    text = log_of(caplog)
    assert "t0ken" not in text
    assert text.count(MASK) == 3
    assert "ValueError: the provider refused" in text
    assert "nothing to hide in here" in text
    assert caplog.records[-1].args == ("here",)


def test_a_message_that_cannot_be_written_does_not_show_its_arguments(caplog, capsys):
    logging.getLogger("elsewhere").warning("%d things", SECRET)

    assert "t0ken" not in log_of(caplog) + capsys.readouterr().err
    assert "cannot be written (TypeError)" in log_of(caplog)


def test_half_characters_are_spelled_out_so_that_every_handler_can_write_them(caplog):
    try:
        raise ValueError("half \ud800")
    except ValueError:
        logging.getLogger("anything").exception("it said %s", "\udfff")
    assert "it said \\udfff" in log_of(caplog)
    assert "ValueError: half \\ud800" in log_of(caplog)
    log_of(caplog).encode()


def test_what_the_vault_opens_and_closes_is_known():
    vault = Vault([Fernet.generate_key()])
    sealed = vault.seal({"password": "closed just now"})
    assert masked("closed just now") == MASK
    known_secrets.forget()

    vault.unseal(sealed)

    assert masked("closed just now") == MASK


def test_errors_of_plugins_are_described_without_credentials():
    assert describe(PermissionError(f"no such token: {SECRET}")) == f"PermissionError: no such token: {MASK}"


def test_an_error_whose_text_ends_the_process_is_described_all_the_same():
    class Deadly(Exception):
        def __str__(self) -> str:
            raise SystemExit(4)

    assert describe(Deadly()) == "Deadly: (its text cannot be read)"
