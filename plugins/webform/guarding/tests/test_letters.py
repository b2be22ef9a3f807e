"""What letters give away, in languages that the pairs of letters were and were not made from."""

import pytest

from plugins.webform.guarding.letters import decorated_count, folded, mixed_words, script_of, usual_share
from plugins.webform.guarding.phrases import found_in

LANGUAGES = (
    "Where is my parcel? I have been waiting for two weeks now.",
    "Angstschweiß und Durchschnittsgeschwindigkeit sind keine kurzen Wörter.",
    "Chrząszcz brzmi w trzcinie, a przesyłka wciąż nie przyszła.",
    "Az asztal lába eltört, mit tegyek most vele?",
    "Missä tilaukseni on, odotin sitä jo eilen aamulla?",
    "Siparişim nerede, iki haftadır bekliyorum ve kimse yazmıyor.",
    "Bàn này có màu trắng không, tôi muốn mua hai cái.",
    "Kur ir mans pasūtījums, es gaidu jau divas nedēļas?",
    "Pesanan saya belum sampai, tolong dibantu segera ya.",
)


@pytest.mark.parametrize("text", LANGUAGES)
def test_languages_have_usual_pairs_of_letters(text):
    assert usual_share(text) > 0.8


@pytest.mark.parametrize("text", ["xkqzv wqpfj zzkrt vbnmq", "qwfpgj zxcvb jklqw", "hRtQvLmKs bGtXzWpQ"])
def test_letters_at_random_have_few(text):
    assert usual_share(text) < 0.7


def test_a_short_word_says_nothing():
    assert usual_share("xkqz") == 1.0


@pytest.mark.parametrize("word", ["Сasinо", "Vіаgrа", "Ρоrn", "pаypаl"])
def test_borrowed_letters_are_seen_and_undone(word):
    assert mixed_words(f"the {word} here") == [word]
    assert folded(word).isascii()


@pytest.mark.parametrize("text", ["iPhone'ом", "PDFка", "IT-отдел", "USB-кабель", "το email σας", "µm", "Привет Ada"])
def test_ordinary_words_beside_each_other_are_not(text):
    assert mixed_words(text) == []


def test_folding_takes_accents_capitals_and_disguises_away():
    assert folded("Référencement  NATUREL") == "referencement naturel"
    assert folded("𝗖𝗿𝘆𝗽𝘁𝗼 ｆｒｅｅ") == "crypto free"
    assert folded("ca\u200bsino") == "casino"
    assert decorated_count("𝗖𝗿𝘆 ca\u200bsino") == 4


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Hello", "LATIN"),
        ("Привет x", "CYRILLIC"),
        ("Γεια", "GREEK"),
        ("你好", "HAN"),
        ("مرحبا", "ARABIC"),
        ("123", ""),
    ],
)
def test_the_script_of_a_text_is_that_of_most_letters(text, script):
    assert script_of(text) == script


def test_phrases_are_whole_words_whatever_the_accents():
    assert found_in("Le RÉFÉRENCEMENT naturel", "topics") == {"referencement naturel"}
    assert found_in("We are in Seoul, with headlamps and pokerfaces", "topics") == frozenset()
    assert found_in("我们提供贷款服务", "topics") == {"贷款"}
    assert found_in("casino and poker", "topics", without=("poker",)) == {"casino"}
