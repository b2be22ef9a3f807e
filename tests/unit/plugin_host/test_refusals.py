"""What a plugin asks for beyond its permissions is refused and counted against it, also when it lets the refusal pass."""

import pytest

CODE = """
@hookimpl
def account_saved(host, saved):
    for deed in (
        lambda: host.store.set("n", 1),
        lambda: host.raw_message("abc"),
        lambda: host.http.get("https://elsewhere.example.com"),
        lambda: host.webhook_url(99),
        lambda: host.tables.begin().__enter__(),
    ):
        try:
            deed()
        except RuntimeError:
            pass
"""


@pytest.mark.parametrize("hosts", [[], ["api.example.com"]])
def test_refusals_are_counted_although_the_plugin_catches_them(shelf, create_host, backend, hosts):
    permissions = ["network"] if hosts else []
    shelf.add("sly", CODE, permissions=permissions, hosts=hosts)
    host = create_host("sly")
    host.dispatcher.announce("account_saved", saved=None)
    health = {record.hook: record for record in host.health_of("sly")}
    assert (health["account_saved"].failures, health["beyond its permissions"].failures) == (0, 5)
    assert health["beyond its permissions"].last_error == (
        "RuntimeError: sly may not do this: its manifest does not ask for the permission 'tables'"
        " (keep tables of its own in the database)."
    )
    assert not health["beyond its permissions"].is_resting
    assert host.channels == {}
    assert backend.values == {}
