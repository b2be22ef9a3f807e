"""The same text from several people, and sites that spam was sent for."""

from datetime import timedelta

from sqlalchemy import func, select

from plugins.webform.guarding.duplicates import ENOUGH, count_alike, count_site, marks_of, remember_sites
from plugins.webform.guarding.proof import challenge
from plugins.webform.guarding.tables import KEEPS, PRINT, SOLVED, forget_old

LONG = (
    "Our company supplies industrial valves and bearings to customers in forty countries. Every order is inspected twice before it leaves "
    "the factory, prices are direct, and our export manager prepares a detailed proposal for your purchasing department today."
)
SPUN = (
    "Our company delivers industrial pumps and bearings to clients in fifty countries. Every shipment is inspected carefully before it "
    "leaves the factory, rates are direct, and the sales manager prepares a detailed quotation for your purchasing office soon."
)
OTHER = (
    "Yesterday the courier left the wardrobe in front of the wrong house, although somebody was at home during the whole afternoon. Two of "
    "the doors are scratched, a hinge is missing, and nobody answers when I try to telephone with your branch about an exchange."
)


def alike(host, number: int, text: str, *, sender: str = "", name: str = "", is_suspect: bool = False) -> int:
    return count_alike(
        host, f"m{number}", sender or f"a{number}@x.test", name or f"Name {number}", text, is_suspect=is_suspect
    )


def test_a_text_from_several_people_is_counted(host):
    assert [alike(host, number, LONG) for number in range(3)] == [0, 1, 2]


def test_a_text_with_other_words_in_it_is_nearly_the_same(host):
    alike(host, 1, LONG)
    assert alike(host, 2, SPUN) == 1
    assert alike(host, 3, OTHER) == 0


def test_the_same_message_again_changes_nothing(host):
    alike(host, 1, LONG)
    assert alike(host, 2, LONG) == 1
    assert alike(host, 2, LONG) == 1
    assert alike(host, 3, LONG) == 2


def test_one_person_may_say_it_twice(host):
    alike(host, 1, LONG, sender="ada@x.test", name="Ada")
    assert alike(host, 2, LONG, sender="ADA@x.test") == 0
    assert alike(host, 3, LONG, sender="ada@other.test", name="ada") == 1


def test_who_corrects_the_address_is_the_same_person(host):
    alike(host, 1, LONG, sender="ada@x.tset", name="Ada")
    assert alike(host, 2, LONG, sender="ada@x.test", name="Ada") == 0


def test_short_texts_are_compared_only_when_something_else_speaks_against_them(host):
    text = "Could somebody please tell me when exactly order 4711 will finally arrive here, being late already"
    assert marks_of(text) == ()
    assert marks_of(text, is_suspect=True)
    assert marks_of("Where is my order?", is_suspect=True) == ()


def test_texts_without_spaces_between_words_are_compared(host):
    text = "专业网站优化快速排名到首页价格优惠请联系我们的客服人员了解更多的详细情况谢谢您的关注"
    alike(host, 1, text)
    assert alike(host, 2, text) == 1


def test_what_is_old_does_not_count_and_goes(host):
    alike(host, 1, LONG)
    with host.tables.begin() as connection:
        connection.execute(SOLVED.insert().values(nonce=str(challenge(host)["parameters"]["nonce"]), at=host.now()))
    host.clock.tick((KEEPS + timedelta(minutes=1)).total_seconds())
    assert alike(host, 2, LONG) == 0
    forget_old(host)
    with host.tables.connect() as connection:
        assert connection.scalars(select(PRINT.c.message).distinct()).all() == [_only_message(connection)]
        assert connection.scalar(select(func.count()).select_from(SOLVED)) == 0


def _only_message(connection):
    return connection.scalar(select(PRINT.c.message).limit(1))


def test_a_flood_is_not_remembered_without_end(host):
    for number in range(ENOUGH + 5):
        alike(host, number, LONG)
    with host.tables.connect() as connection:
        assert connection.scalar(select(func.count(func.distinct(PRINT.c.message)))) == ENOUGH


def test_sites_of_spam_are_known_when_others_link_them(host):
    remember_sites(host, "m1", "a@x.test", "A", {"spam.test"})
    remember_sites(host, "m1", "a@x.test", "A", {"spam.test"})
    assert count_site(host, "b@x.test", "B", {"spam.test", "shop.test"}) == 1
    assert count_site(host, "a@x.test", "B", {"spam.test"}) == 0
    assert count_site(host, "b@x.test", "B", {"other.test"}) == 0
    assert count_site(host, "b@x.test", "B", set()) == 0
