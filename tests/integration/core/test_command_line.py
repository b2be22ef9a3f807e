"""Promises of the `tidings` command: what is wrong is said in one sentence with exit code 2, and its answers can be read by machines."""

import json
import os
import socket
import sqlite3
import stat

import pytest
from click.testing import CliRunner

from app.cli import _COMMANDS, _tidings
from app.testing.commands import run_command
from tests.integration.core.mails import create_mail

pytestmark = pytest.mark.slow

PASSWORD = "tiger-in-the-tank"
NOBODY = f"postgresql+psycopg://tidings:{PASSWORD}@127.0.0.1:1/none"


def run(*arguments, home=None, stdin=None, **variables):
    """Run a command on `home`, in an environment without other settings of ours."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TIDINGS_")}
    if home is not None:
        environment["TIDINGS_HOME"] = str(home)
    return run_command(arguments, environment={**environment, **variables}, stdin="" if stdin is None else stdin)


def assert_refused(done, code=2):
    """One sentence on standard error, the exit code, and neither traceback nor password."""
    error = done.stderr if isinstance(done.stderr, str) else done.stderr.decode()
    assert done.returncode == code, error
    assert error.startswith("tidings: "), error
    assert error.count("\n") == 1, error
    assert PASSWORD not in error


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A migrated home folder with one mailbox account called Support."""
    home = tmp_path_factory.mktemp("installation") / "home"
    done = run("migrate", home=home)
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(home / "tidings.sqlite3") as connection:
        connection.execute(
            "INSERT INTO channel_account (plugin, name, address, settings, secrets, created_at, state, cursor, progress, failures,"
            " last_error, lease_owner, revision) VALUES ('mailbox', 'Support', 'help@example.com', '{}', '', '2026-03-02 09:00:00',"
            " 'active', '{}', '', 0, '', '', 1)"
        )
    return home


@pytest.mark.parametrize("command", sorted(_COMMANDS))
def test_every_command_explains_itself(command):
    done = CliRunner().invoke(_tidings, [command, "--help"])

    assert done.exit_code == 0, done.output
    assert "Usage:" in done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["agent", "disable", "nobody@example.com"],
        ["agent", "create", "--name", "Ada", "--email", "ada"],
        ["agent", "reset-link", "nobody@example.com"],
        ["channel", "test", "99"],
        ["channel", "test", "x"],
        ["plugin", "activate", "nothing"],
        ["ingest", "--account", "Support"],
        ["ingest", "--account", "Nobody", "--files-from", os.devnull],
        ["search"],
        ["search", "before:yesterweek"],
        ["parse-email", "--files-from", "/nonexistent"],
    ],
    ids=" ".join,
)
def test_wrong_arguments_are_refused_with_a_sentence(home, arguments):
    assert_refused(run(*arguments, home=home))


@pytest.mark.parametrize(
    "variables",
    [
        {"TIDINGS_PROT": "1"},
        {"TIDINGS_PORT": "many"},
        {"TIDINGS_LOG_LEVEL": "chatty"},
        {"TIDINGS_HOME": os.devnull},
        {"TIDINGS_DATABASE_URL": NOBODY},
        {"TIDINGS_DATABASE_URL": NOBODY.replace("psycopg", "nothing")},
        {"TIDINGS_DATABASE_URL": "sqlite:nonsense"},
        {"TIDINGS_DATABASE_URL": "sqlite:////nonexistent/folder/tidings.sqlite3"},
        {"TIDINGS_QUEUE_URL": NOBODY},
        {"TIDINGS_QUEUE_URL": "redis://localhost:port/0"},
        {"TIDINGS_QUEUE_URL": "sqlite:////nonexistent/folder/queue.sqlite3"},
        {"TIDINGS_FILES_URL": "nowhere://bucket"},
    ],
    ids=lambda variables: "".join(f"{name}={value}" for name, value in variables.items()).replace(PASSWORD, "…"),
)
def test_a_wrong_configuration_is_refused_with_a_sentence(home, variables):
    assert_refused(run("agent", "list", home=home, **variables))


@pytest.mark.parametrize(
    "content", [b"garbage", b"\xff\xfe\0", b"", None], ids=["garbage", "bytes", "empty", "a folder"]
)
def test_a_key_file_that_is_none_is_refused_with_a_sentence(tmp_path, content):
    key = tmp_path / "secret.key"
    if content is None:
        key.mkdir()
    else:
        key.write_bytes(content)
        key.chmod(0o600)

    done = run("migrate", home=tmp_path)
    assert_refused(done)
    assert str(key) in done.stderr


def test_a_database_that_is_none_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "tidings.sqlite3").write_bytes(b"not a database" * 1000)

    assert_refused(run("migrate", home=tmp_path))
    assert_refused(run("agent", "list", home=tmp_path))


@pytest.mark.parametrize("command", ["migrate", "run", "worker", "export"])
def test_a_database_of_a_newer_program_is_refused_with_a_sentence(tmp_path, migrated_sqlite, command):
    path = tmp_path / "tidings.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    assert_refused(run(command, home=tmp_path, TIDINGS_PORT=str(free_port())))


@pytest.mark.parametrize("command", ["export", "worker"])
def test_a_database_without_tables_is_refused_with_a_sentence(tmp_path, command):
    done = run(command, home=tmp_path)

    assert_refused(done)
    assert "tidings migrate" in done.stderr


@pytest.mark.parametrize("command", ["run", "web"])
def test_a_port_that_is_taken_is_refused_with_a_sentence(home, command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(command, home=home, TIDINGS_PORT=str(taken.getsockname()[1]))

    assert_refused(done)
    assert "TIDINGS_PORT" in done.stderr


def test_empty_variables_count_as_not_given(home):
    assert run("agent", "list", home=home, TIDINGS_PORT="", TIDINGS_QUEUE_URL="", TIDINGS_SAFE_MODE=" ").returncode == 0


def test_a_queue_that_is_away_does_not_keep_anybody_from_working(home):
    assert run("agent", "list", home=home, TIDINGS_QUEUE_URL="redis://127.0.0.1:1/0").returncode == 0


def test_what_is_kept_is_private(home):
    run("ingest", "--account", "Support", "--files-from", "-", home=home, stdin="/nonexistent\n")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [home, *home.rglob("*")]}

    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def test_mails_are_taken_in_once_found_again_and_exported(tmp_path, home):
    paths = []
    for number in range(3):
        path = tmp_path / f"{number}.eml"
        path.write_text(create_mail(message_id=f"{number}@x.org", body=f"Where is my walrus number{number}?"))
        paths.append(str(path))
    names = "\n".join([*paths, paths[0], "/nonexistent", ""])

    first = json_lines(run("ingest", "--account", "support", "--files-from", "-", home=home, stdin=names))
    again = json_lines(run("ingest", "--account", "help@example.com", "--files-from", "-", home=home, stdin=names))

    assert [line.get("status") for line in first] == ["new", "new", "new", "duplicate", None]
    assert [line.get("status") for line in again] == ["duplicate"] * 4 + [None]
    assert "error" in first[-1]
    assert first[0]["message_id"] == first[3]["message_id"] == again[0]["message_id"]

    found = json_lines(run("search", "--json", "walrus", home=home))
    assert {line["message_id"] for line in found} == {line["message_id"] for line in first[:3]}
    assert json_lines(run("search", "--json", "number2", home=home))[0]["message_id"] == first[2]["message_id"]
    assert "Where is my order?" in run("search", "walrus", home=home).stdout

    exported = json_lines(run("export", "--json", home=home))
    texts = [message["text"] for conversation in exported for message in conversation["messages"]]
    assert sum("walrus" in text for text in texts) == 3


def test_a_mail_servers_pipe_is_told_whether_to_keep_the_mail(home):
    mail = create_mail(message_id="piped@x.org", body="Piped").encode()

    taken = run("mail-pipe", "--account", "Support", home=home, stdin=mail)
    assert (taken.returncode, json.loads(taken.stdout)["status"]) == (0, "new")
    assert json.loads(run("mail-pipe", "--account", "Support", home=home, stdin=mail).stdout)["status"] == "duplicate"
    assert_refused(run("mail-pipe", "--account", "Nobody", home=home, stdin=mail), code=75)
    assert_refused(
        run("mail-pipe", "--account", "Support", home=home, stdin=mail, TIDINGS_DATABASE_URL=NOBODY), code=75
    )
    assert_refused(run("mail-pipe", "--account", "Support", home=home, stdin=b"\n"))


def test_doctor_names_what_is_serious(tmp_path, home):
    done = run("doctor", "--json", home=home, TIDINGS_DATABASE_URL=NOBODY)
    findings = json_lines(done, code=1)

    assert [finding["subject"] for finding in findings if finding["level"] == "serious"] == ["Database"]
    assert PASSWORD not in done.stdout
    findings = json_lines(run("doctor", "--json", home=home, TIDINGS_QUEUE_URL="redis://127.0.0.1:1/0"), code=1)
    assert "Queue" in [finding["subject"] for finding in findings if finding["level"] == "serious"]
    home.chmod(0o755)
    try:
        findings = json_lines(run("doctor", "--json", home=home), code=1)
        assert any("chmod 700" in finding["advice"] for finding in findings)
    finally:
        home.chmod(0o700)


def json_lines(done, code=0):
    assert done.returncode == code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_finding_mail_servers_tells_each_step(home, dns_server):
    dns_server.put("_imaps._tcp.example.test", "SRV", "0 1 993 mail.example.test.")
    dns_server.put("_submissions._tcp.example.test", "SRV", "0 1 465 mail.example.test.")
    asking = {"TIDINGS_DNS": dns_server.address, "TIDINGS_PLUGIN_MAILBOX_ISPDB": "off"}
    told = run("find-mail-servers", "ada@example.test", home=home, **asking)
    machine = run("find-mail-servers", "ada@example.test", "--json", home=home, **asking)
    nothing = run("find-mail-servers", "ada@nowhere.test", home=home, **asking)

    assert told.returncode == 0, told.stderr
    assert "SRV _imaps._tcp.example.test\n    mail.example.test:993\n" in told.stdout
    assert "ok   Servers  Found by DNS (mail.example.test)." in told.stdout
    assert json.loads(machine.stdout)["values"]["smtp_port"] == 465
    assert (nothing.returncode, "FAIL Servers" in nothing.stdout) == (1, True)
    assert_refused(run("find-mail-servers", "ada", home=home))
