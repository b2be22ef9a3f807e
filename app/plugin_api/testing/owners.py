"""Promises to those who look after accounts: where connecting and signing in begin, and what is said of how an account does."""

import copy
import importlib

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, RequestRedirect, Rule

from app.plugin_api.channel import AccountHealth, Quota
from app.plugin_api.registrations import Route
from app.plugin_api.testing.network import closed_network
from app.plugin_api.testing.subject import ChannelSubject, applies

__all__ = ["OwnerPromises"]


class OwnerPromises(ChannelSubject):
    """Connecting, signing in anew, and *Channel health*."""

    @applies(differs="connect_path")
    def test_connecting_begins_on_a_page_for_admins(self) -> None:
        self._must_be_a_page_for_admins(self.channel.connect_path)

    @applies(differs="sign_in_path")
    def test_signing_in_again_leads_to_a_page_for_admins(self) -> None:
        with closed_network():
            path = self.channel.sign_in_path(self.account)
        if path:  # accounts of the same channel may have credentials that are typed
            self._must_be_a_page_for_admins(path)

    @applies(differs="health")
    def test_how_an_account_does_is_told_without_asking_its_provider(self) -> None:
        before = copy.deepcopy(self.account)
        with closed_network():
            health = self.channel.health(self.account)
        assert isinstance(health, AccountHealth), "health() gives no AccountHealth"
        moments = [health.token_expires_at, *(quota.resets_at for quota in health.quotas)]
        moments += [term.ends_at for term in health.terms]
        assert all(at is None or at.tzinfo is not None for at in moments), "a moment without a time zone"
        for term in health.terms:
            assert term.label, "something ends that has no name"
            if term.path:
                self._must_be_a_page_for_admins(term.path)
        for quota in health.quotas:
            assert isinstance(quota, Quota), "a quota is no Quota"
            assert quota.limit >= 0, f"a limit of {quota.limit} {quota.unit}"
            assert quota.used >= 0, f"{quota.used} {quota.unit} were used"
        told = repr(health)
        assert not [secret for secret in self.account.secrets.values() if secret and secret in told], (
            "it tells a secret"
        )
        assert self.account == before, "it changes the account"

    def _must_be_a_page_for_admins(self, path: str) -> None:
        assert path.startswith("/"), f"{path!r} does not begin with a slash"
        routes = list(importlib.import_module(self.plugin).register_routes(host=self.host))
        addresses = Map([Rule(one.rule, endpoint=one, methods=one.methods) for one in routes]).bind("x.test")
        try:
            route, _ = addresses.match(path.partition("?")[0], method="GET")
        except (HTTPException, RequestRedirect):
            route = None
        assert isinstance(route, Route), f"the plugin has no page at {path!r}"
        assert not route.is_public, f"anybody may open {path}"
        assert route.role == "admin", f"{path} is for the role {route.role}, and only admins look after accounts"
