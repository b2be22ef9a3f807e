"""Promises about the address that an answer is from."""

import pytest

from app.domain.addresses import OwnAddresses
from app.domain.return_addresses import make_return_token
from app.services.senders import answering_address

MAIN = "help@example.com"
OWN = OwnAddresses(((1, MAIN), (1, "sales@example.com"), (1, "*@example.com")))


def answered_from(*written: str, noted: tuple[str, ...] = ()) -> str:
    recipients = {"to": [{"value": one} for one in written], "delivered_to": [{"value": one} for one in noted]}
    return answering_address(OWN, MAIN, recipients)


def test_an_answer_is_from_the_address_that_is_named_then_from_what_a_catch_all_got():
    assert answered_from("ben@example.org", "Sales@example.com") == "sales@example.com"
    assert answered_from("list@example.org", noted=("shop+news@example.com",)) == "shop@example.com"
    assert answered_from("list@example.org") == MAIN


@pytest.mark.parametrize("pattern", ["bounces+{}@example.com", "{}@example.com"])
def test_an_answer_to_what_came_to_a_return_address_is_from_the_mailbox_itself(pattern):
    assert answered_from(pattern.format(make_return_token(b"key", 1047, 0))) == MAIN


@pytest.mark.parametrize(
    "caught", ['"two words"@example.com', "@example.com", "j\u00fcrgen@example.com", f"{65 * 'a'}@example.com"]
)
def test_an_answer_is_not_from_a_caught_address_that_servers_refuse(caught):
    assert answered_from(caught) == MAIN
    assert answered_from("ben@example.org", noted=(caught,)) == MAIN
