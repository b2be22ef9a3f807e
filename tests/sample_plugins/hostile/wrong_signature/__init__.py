"""Its hook wants an argument that the host does not have."""

from tidings import hookimpl


@hookimpl
def message_received(host, message, database):
    database.drop_all()
