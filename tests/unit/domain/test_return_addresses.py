"""Words in the addresses that undeliverable mail comes back to."""

import pytest

from app.domain.return_addresses import make_return_token, return_token_in

KEY, OLD = b"k" * 32, b"o" * 32


@pytest.mark.parametrize(
    "pattern", ["help+{}@example.com", "bounces-{}@example.com", "{}@example.com", "HELP+{}-x@example.com"]
)
@pytest.mark.parametrize(("message_id", "place"), [(0, 0), (1, 255), (2**40, 3)])
def test_a_word_names_message_and_recipient_in_any_address(pattern, message_id, place):
    address = pattern.format(make_return_token(KEY, message_id, place))

    assert len(address.partition("@")[0]) <= 64
    assert return_token_in([OLD, KEY], ["x@example.com", address.upper()]) == (message_id, place)


def test_nobody_else_can_make_or_change_one():
    word = make_return_token(KEY, 7, 0)
    changed = word[:-1] + ("a" if word[-1] != "a" else "b")

    assert return_token_in([OLD], [f"help+{word}@example.com"]) is None
    assert (
        return_token_in([KEY], [f"help+{changed}@example.com", "help+b-@example.com", f"club-{word}x@example.com"])
        is None
    )


def test_there_are_words_for_256_recipients():
    with pytest.raises(ValueError, match="256"):
        make_return_token(KEY, 1, 256)
