"""Promises of the line of SQLite's writers: one after the other, each at once when the one before has ended, and nobody stays in it."""

import fcntl
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from app.extensions import WRITE, prepare_engine

WRITER = """
import sys
from sqlalchemy import create_engine, text
sys.path.insert(0, {root!r})
from app.extensions import WRITE, prepare_engine
engine = create_engine("sqlite:///{path}")
prepare_engine(engine)
with engine.connect().execution_options(**{{WRITE: True}}) as connection:
    connection.execute(text("INSERT INTO note VALUES ('theirs')"))
    print("in", flush=True)
    sys.stdin.readline()
    connection.commit()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "notes.sqlite3"


@pytest.fixture
def engine(path):
    engine = create_engine(f"sqlite:///{path}")
    prepare_engine(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE note (text)")
        connection.commit()
    yield engine
    engine.dispose()


@pytest.fixture
def other_process(path, pytestconfig):
    """Another process that has begun to write; a line on its input lets it commit."""
    code = WRITER.format(root=str(pytestconfig.rootpath), path=path)
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"in\n"
        yield process
        process.kill()


def add(engine, note="ours"):
    with engine.connect().execution_options(**{WRITE: True}) as connection:
        connection.execute(text("INSERT INTO note VALUES (:note)"), {"note": note})
        connection.commit()


def notes(engine):
    with engine.connect() as connection:
        return sorted(connection.scalars(text("SELECT text FROM note")))


def is_free(path):
    with open(f"{path}-line", "ab") as line:
        try:
            fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_a_writer_waits_for_one_in_another_process(engine, other_process):
    thread = threading.Thread(target=add, args=[engine])
    thread.start()
    time.sleep(0.3)
    assert notes(engine) == []
    other_process.communicate(b"\n", timeout=20)
    thread.join(20)
    assert notes(engine) == ["ours", "theirs"]


def test_one_whose_process_is_killed_leaves_the_line(engine, other_process, path):
    assert not is_free(path)
    other_process.kill()
    add(engine)
    assert notes(engine) == ["ours"]


def test_reading_stands_in_no_line(engine, other_process):
    assert notes(engine) == []


@pytest.mark.parametrize("end", ["commit", "rollback", "close", "invalidate"])
def test_whoever_has_ended_is_out_of_the_line(engine, path, end):
    connection = engine.connect().execution_options(**{WRITE: True})
    connection.execute(text("INSERT INTO note VALUES ('one')"))
    assert not is_free(path)
    getattr(connection, end)()
    connection.close()
    assert is_free(path)
    add(engine)


def test_a_writer_that_fails_leaves_the_line(engine, path):
    with engine.connect().execution_options(**{WRITE: True}) as connection:
        connection.execute(text("INSERT INTO note VALUES ('one')"))
        with pytest.raises(OperationalError):
            connection.execute(text("INSERT INTO nothing VALUES ('two')"))
    assert is_free(path)
    assert notes(engine) == []


def test_a_connection_may_write_again_before_it_is_given_back(engine, path):
    with engine.connect().execution_options(**{WRITE: True}) as connection:
        for note in ("one", "two"):
            connection.execute(text("INSERT INTO note VALUES (:note)"), {"note": note})
            connection.commit()
    assert is_free(path)
    assert notes(engine) == ["one", "two"]


def test_many_threads_write_one_after_the_other(engine):
    threads = [threading.Thread(target=add, args=[engine, f"{number:02}"]) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert notes(engine) == [f"{number:02}" for number in range(40)]
