"""The database servers of the test kit: quick, clean, private."""

from __future__ import annotations

import psycopg
import pytest
import redis

from app.testing.servers import PostgresServer, ValkeyServer


def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def test_postgres_gives_every_test_an_empty_database(postgres_server: PostgresServer, postgres_url: str) -> None:
    with _connect(postgres_url) as connection:
        connection.execute("CREATE TABLE shelf (name text)")
    other = postgres_server.create_database()
    with _connect(postgres_server.url(other)) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    postgres_server.drop_database(other)

    assert tables == (0,)


def test_postgres_copies_a_template(postgres_server: PostgresServer) -> None:
    def fill(url: str) -> None:
        with _connect(url) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
            connection.execute("CREATE TABLE shelf AS SELECT 'mug' AS name")

    postgres_server.create_template("filled_shelf", fill)
    copies = [postgres_server.create_database("filled_shelf") for _ in range(2)]
    for name in copies:
        with _connect(postgres_server.url(name)) as connection:
            assert connection.execute("DELETE FROM shelf RETURNING name").fetchall() == [("mug",)]
        postgres_server.drop_database(name)


def test_postgres_drops_a_database_that_is_still_used(postgres_server: PostgresServer) -> None:
    name = postgres_server.create_database()
    connection = _connect(postgres_server.url(name))

    postgres_server.drop_database(name)

    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


@pytest.mark.slow
def test_postgres_keeps_committed_rows_when_killed() -> None:
    with PostgresServer() as server:
        with _connect(server.url()) as connection:
            connection.execute("CREATE TABLE shelf AS SELECT 'mug' AS name")
        server.kill()
        server.start()
        with _connect(server.url()) as connection:
            assert connection.execute("SELECT name FROM shelf").fetchall() == [("mug",)]


def test_valkey_url_is_emptied_before_each_test(valkey: ValkeyServer, request: pytest.FixtureRequest) -> None:
    redis.Redis.from_url(valkey.url).set("mug", "blue")

    url = request.getfixturevalue("valkey_url")

    assert redis.Redis.from_url(url).get("mug") is None
