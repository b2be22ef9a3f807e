"""The contact form keeps the contract of channels."""

from plugins.webform.channel import WebformChannel
from plugins.webform.tests.factories import create_account
from plugins.webform.visiting.submission import CONTENT_TYPE
from tidings import Account, RawEvent
from tidings.testing import ChannelContract, load_fixture


class TestWebform(ChannelContract):
    plugin = "plugins.webform"
    channel_class = WebformChannel

    def create_account(self) -> Account:
        return create_account(allowed_origins="https://shop.test")

    def sample_events(self) -> list[RawEvent]:
        names = ("submission__with_file.json", "submission__suspicious.json", "submission__of_a_definition.json")
        return [RawEvent(load_fixture(__file__, name), content_type=CONTENT_TYPE) for name in names]
