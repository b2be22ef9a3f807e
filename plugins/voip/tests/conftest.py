"""A caller for tests of lines at Twilio."""

from typing import Any

import pytest

from plugins.voip.tests.lines import ADA, OURS, Caller, Phone, create_host, twilio_account
from tidings.testing import FakeHost


@pytest.fixture
def call(fake_twilio: Any) -> Caller:
    """Let somebody call our line; its settings are the arguments."""

    def call(sender: str = ADA, host: FakeHost | None = None, **settings: object) -> Phone:
        account = twilio_account(**settings)
        host = host or create_host(fake_twilio, account)
        host.put_account(account)
        phone = Phone(fake_twilio, host, fake_twilio.receive_call(sender, OURS), account)
        phone.step("")
        return phone

    return call
