"""Ways to say wrongly what a postbox holds, and the promise that must notice each."""

import dataclasses

from postbox.channel import PostboxChannel


def list_twice(self, account):
    for page in PostboxChannel.inventory(self, account):
        yield [*page, *page]


def list_only_what_is_read(self, account):
    for page in PostboxChannel.inventory(self, account):
        yield [one for one in page if int(one.source_key) <= int(account.cursor.get("number", 0))]


def describe_without_sizes(self, account, source_keys):
    for mail in PostboxChannel.describe(self, account, source_keys):
        yield dataclasses.replace(mail, size=0)


def fetch_whatever_is_listed(self, account, source_keys):
    yield from PostboxChannel.backfill(self, account, None)


def list_in_spite_of_trouble(self, account):
    yield from ()


BROKEN_INVENTORIES = [
    ({"inventory": list_twice}, "test_what_is_fetched_is_listed_once_under_the_same_key"),
    ({"inventory": list_only_what_is_read}, "test_what_was_not_fetched_yet_is_listed"),
    ({"describe": describe_without_sizes}, "test_listed_messages_are_described_as_they_are"),
    ({"fetch_listed": fetch_whatever_is_listed}, "test_listed_messages_are_fetched_and_no_others"),
    ({"inventory": list_in_spite_of_trouble}, "test_trouble_while_listing_is_temporary"),
]
