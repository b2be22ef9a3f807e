"""A day without X, a day in which no webhook reaches us, and a day without sign-in lose nothing and bring nothing twice."""

from tests.integration.twitter.shop import Shop


def two_hours(shop: Shop, clock, number: int) -> list[str]:
    """Somebody mentions the account, answers below an own post, and writes directly; what the inbox shows of it."""
    person = shop.x.add_person(f"Person {number}")
    clock.advance(hours=1)
    shop.x.mention(person, f"Mention {number}")
    root = shop.x.post(person, "Root")
    shop.x.mention(person, f"Reply {number}", in_reply_to=root)
    shop.x.message(person, f"Direct {number}")
    clock.advance(hours=1)
    return [f"@shop Mention {number}", f"@shop Reply {number}", f"Direct {number}"]


def test_a_day_in_which_no_webhook_reaches_us_is_caught_up(shop: Shop, clock):
    told: list[dict] = []
    shop.x.tell = told.append
    shop.fetch()
    wanted = [text for number in range(12) for text in two_hours(shop, clock, number)]
    shop.fetch()
    assert shop.texts() == sorted(wanted)

    assert {shop.post(one) for one in told} == {200}, "a replay brings it all again"
    shop.work()
    assert shop.texts() == sorted(wanted)


def test_a_day_in_which_x_fails_loses_nothing(shop: Shop, clock):
    shop.fetch()
    told, wanted, failures = [], [], 0
    shop.x.tell = told.append
    with shop.x.fault("server_trouble"):
        for number in range(12):
            wanted += two_hours(shop, clock, number)
            assert {shop.post(one) for one in told} == {200}
            told.clear()
            failures += shop.fetch() is not None
    assert failures >= 3
    clock.advance(hours=7)
    shop.fetch()
    for _ in range(3):
        clock.advance(minutes=20)
        shop.work()
    assert shop.texts() == sorted(wanted)
    assert shop.events("undelivered", "received") == []


def test_what_comes_while_nobody_is_signed_in_is_there_afterwards(shop: Shop, clock):
    shop.fetch()
    shop.x.take_rights_back()
    clock.advance(minutes=20)
    shop.fetch()
    assert shop.account().state == "needs_reauth"
    wanted = [text for number in range(5) for text in two_hours(shop, clock, number)]
    shop.sign_in(f"?account={shop.account().id}")
    shop.fetch()
    assert shop.texts() == sorted(wanted)
