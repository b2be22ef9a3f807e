"""What messages are known by, in five languages and more."""

import time

import pytest

from plugins.spamfilter.marks import MOST, marks_of, number_of
from plugins.spamfilter.tests.making import create_message
from tidings import InboundAttachment, MessageWarning, Participant

LANGUAGES = {
    "English": ("The lamp is Broken, isn't it?", {"word lamp", "word broken", "word isn't"}),
    "German": ("Die Lampe für 30€ ist GRÖSSER als gedacht.", {"word lampe", "word grösser", "word für"}),
    "Greek": ("Η λάμπα έφτασε σπασμένη.", {"word λάμπα", "word έφτασε", "word σπασμένη"}),
    "Russian": ("Лампа пришла Разбитой.", {"word лампа", "word пришла", "word разбитой"}),
    "Japanese": ("ランプが壊れています。", {"word ラン", "word ンプ", "word 壊れ"}),
    "Arabic": ("وصل المصباح مكسورا", {"word وصل", "word المصباح", "word مكسورا"}),
    "Thai": ("โคมไฟแตก", {"word โค", "word มไ"}),
}


def marks(text="", **fields):
    return set(marks_of(create_message(text, **fields)).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_found_in_every_language(language):
    text, words = LANGUAGES[language]
    assert words <= marks(text)


def test_two_mails_of_one_content_share_their_words_whatever_the_letters_look_like():
    plain, dressed = marks("Cheap watches here"), marks("ＣＨＥＡＰ wat\u200bches h\u00adere")
    assert plain == dressed


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"subject": "YOU WON!!!"}, {"subject you", "subject won!"}),
        (
            {"text": "See https://shop.lamp.test/sale/today?x=1 now"},
            {"site shop.lamp.test", "site lamp.test", "path sale"},
        ),
        ({"html": '<img src="http://10.0.0.1/a.gif" width=1>'}, {"site 10.0.0.1", "path gif"}),
        ({"html": '<a href="http://[broken">x</a>'}, {"word hello"}),
        (
            {"sender": "win@mail.lucky.test"},
            {"from win@mail.lucky.test", "domain mail.lucky.test", "domain lucky.test"},
        ),
        ({"reply_to": (Participant("email", "x@else.test"),)}, {"reply else.test"}),
        ({"attachments": (InboundAttachment("a.PDF", "application/pdf", b""),)}, {"file application/pdf", "file pdf"}),
        ({"warnings": (MessageWarning("lookalike_domain", "…"),)}, {"warning lookalike_domain"}),
    ],
)
def test_it_is_known_by_more_than_its_words(fields, wanted):
    assert wanted <= marks(**{"text": "Hello", **fields})


def test_there_are_never_more_than_so_many_and_who_sent_it_is_always_among_them():
    found = marks(" ".join(f"word{at}" for at in range(5000)))
    assert len(found) == MOST
    assert "from ada@example.com" in found


def test_numbers_fit_the_database_and_stay_the_same():
    assert number_of("word lamp") == 3555762796934923247
    assert all(0 < number_of(f"word {at}") < 2**63 for at in range(1000))
    assert number_of("word \udcff") > 0


def test_huge_and_hostile_messages_take_no_time():
    hostile = "<a href=" * 40_000 + "a" * 200_000 + "http://" * 20_000
    started = time.perf_counter()
    marks(hostile, html=hostile, subject=hostile)
    assert time.perf_counter() - started < 2
