"""Promises about the provider's troubles: what they become in the host's words, and what they must not tell."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

import pytest

from app.plugin_api.channel import Capability
from app.plugin_api.errors import ChannelError, NeedsReauth, PayloadError, Permanent, Temporary
from app.plugin_api.testing.exchange import read_all
from app.plugin_api.testing.subject import ChannelSubject, applies

__all__ = ["FaultPromises"]

SHORT_WAIT_S = 0.3


class FaultPromises(ChannelSubject):
    """What the provider's troubles become in the host's words."""

    @applies(fault="expired_credential")
    def test_an_expired_credential_needs_its_owner(self) -> None:
        with self.fault("expired_credential"), pytest.raises(NeedsReauth):
            self._use_provider()

    @applies(fault="expired_credential")
    def test_an_expired_credential_shows_when_the_connection_is_tested(self) -> None:
        with self.fault("expired_credential"):
            report = self.channel.test_connection(self.account)
        assert not report.is_ok, "the connection is said to work"
        assert report.problem, "the report does not say what to do"

    @applies(fault="server_trouble")
    def test_trouble_of_the_server_is_temporary(self) -> None:
        with self.fault("server_trouble"), pytest.raises(Temporary):
            self._use_provider()

    @applies(fault="rate_limited")
    def test_a_rate_limit_says_when_to_come_back(self) -> None:
        with self.fault("rate_limited"), pytest.raises(Temporary) as caught:
            self._use_provider()
        assert caught.value.retry_at is not None, "the provider's wish is lost"
        assert caught.value.retry_at.utcoffset() == timedelta(0), "retry_at is not in UTC"
        if self.rate_limit_wait_s is not None:
            wait = caught.value.retry_at - self.host.now()
            assert abs(wait.total_seconds() - self.rate_limit_wait_s) <= 5, (
                f"the provider asked for another wait: {wait}"
            )

    @applies(Capability.SEND, fault="refused")
    def test_a_refused_message_is_permanent(self) -> None:
        with self.fault("refused"), pytest.raises(Permanent) as caught:
            self.channel.send(self.account, self.create_message(self.account))
        assert caught.value.reason.strip(), "agents are not told why"

    @applies(fault="cut_connection")
    def test_a_connection_that_is_cut_is_temporary(self) -> None:
        with self.fault("cut_connection"), pytest.raises(Temporary):
            self._use_provider()

    @applies(Capability.SEND, fault="cut_connection", differs="was_sent")
    def test_a_message_of_unknown_fate_is_said_to_be_one(self) -> None:
        """The connection broke after the whole request was sent: the host asks `was_sent` before it tries again."""
        with self.fault("cut_connection"), pytest.raises(Temporary) as caught:
            self.channel.send(self.account, self.create_message(self.account))
        assert caught.value.outcome_unknown, "the message may have been sent, and would be sent again unasked"

    @applies(fault="silence")
    def test_a_provider_that_does_not_answer_is_temporary(self) -> None:
        """Within the time limit that `host.http` has; the real one waits longer."""
        self.host.http.timeout_s = SHORT_WAIT_S
        with self.fault("silence"), pytest.raises(Temporary):
            self._use_provider()

    @applies(fault="garbage")
    def test_an_answer_that_cannot_be_read_is_no_fault_of_the_plugin(self) -> None:
        with self.fault("garbage"), pytest.raises((ChannelError, PayloadError)):
            self._use_provider()

    @applies(any_of=(Capability.FETCH, Capability.SEND))
    def test_secrets_never_show_while_the_provider_is_used(self, caplog: pytest.LogCaptureFixture) -> None:
        """In logs and errors, when all is well and in each trouble."""
        caplog.set_level(logging.DEBUG)
        self.host.http.timeout_s = SHORT_WAIT_S
        shown = [self._told_by(nullcontext()), *(self._told_by(self.fault(name)) for name in sorted(self.faults))]
        for key, secret in self.account.secrets.items():
            if len(secret) >= 4:
                assert secret not in "\n".join([*shown, caplog.text]), f"the secret {key} shows in a log or an error"

    def _told_by(self, trouble: AbstractContextManager[object]) -> str:
        """The errors of using the provider and what they come from; whether they are the right ones is another promise's concern."""
        told: list[str] = []
        with trouble:
            for use in self._uses():
                try:
                    use()
                except Exception as error:  # noqa: BLE001 - whatever it is, its text is what is looked at
                    told.extend(f"{one} {one!r}" for one in _chain(error))
        return "\n".join(told)

    def _uses(self) -> Iterator[Callable[[], object]]:
        if Capability.FETCH in self.channel_class.capabilities:
            yield lambda: read_all(self.channel.fetch(self.account))
        if Capability.SEND in self.channel_class.capabilities:
            yield lambda: self.channel.send(self.account, self.create_message(self.account))

    def _use_provider(self) -> None:
        next(self._uses())()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it, and what was being handled then, as a traceback shows them."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
