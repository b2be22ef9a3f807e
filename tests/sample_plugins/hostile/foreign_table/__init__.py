"""Writes into a table of the core through the tables that the host gave it: first with an expression, then with raw text."""

from sqlalchemy import column, delete, table, text

from tidings import hookimpl

MESSAGE = table("message", column("id"))


@hookimpl
def message_received(host, message):
    with host.tables.begin() as connection:
        connection.execute(delete(MESSAGE))


@hookimpl
def conversation_panels(host, conversation):
    with host.tables.begin() as connection:
        connection.execute(text("DELETE FROM message"))
