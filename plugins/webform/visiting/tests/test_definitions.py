"""Forms of all shapes on their pages: languages, steps, conditions, where visitors go afterwards, and what happens while they type."""

import json
import re

import pytest
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from forms.definitions import Becomes, Condition, ConditionRule, FormDefinition, Kind, StepDefinition
from plugins.webform.guarding.pressure import recent_suspicious
from plugins.webform.guarding.verification import ASKED
from plugins.webform.publication import find_form
from plugins.webform.sharing.context import make_secret, sign_context
from plugins.webform.storing import versions
from plugins.webform.tests.factories import PageHost, Visitor, create_field, stored
from plugins.webform.visiting import drawing
from plugins.webform.visiting.submission import decode
from plugins.webform.visiting.usual import UNADDRESSED_THANKS, USUAL_THANKS

MESSAGE = create_field("message", Kind.LONG_TEXT, becomes=Becomes.MESSAGE, is_required=True)
EMAIL = create_field("email", Kind.EMAIL, becomes=Becomes.EMAIL)


@pytest.fixture
def ada() -> Visitor:
    return Visitor(PageHost())


def html_of(visitor: Visitor, part: str = "", **options: object) -> str:
    return visitor.ask(f"/f/{visitor.key}{part}", **options).get_data(as_text=True)


def publish(visitor: Visitor, definition: FormDefinition) -> None:
    account = visitor.host.account(1)
    revision = versions.draft(visitor.host, account).revision
    versions.save_draft(visitor.host, account, definition, revision=revision, by="Ada")
    versions.publish(visitor.host, account, "Ada")


def in_two_languages() -> FormDefinition:
    name = create_field("name", Kind.TEXT, becomes=Becomes.NAME)
    order = create_field("order", Kind.TEXT, show_if=Condition((ConditionRule("topic", value="order"),)))
    topic = create_field("topic", Kind.CHOICE, choices=("order", "other"))
    first, second = StepDefinition("who", (name, topic), {"en": "You"}), StepDefinition("what", (order, MESSAGE))
    return FormDefinition(
        ("en", "ar"),
        (first, second),
        title={"en": "Ask us", "ar": "اسألنا"},
        thanks={"ar": "شكرا"},
        send_label={"ar": "أرسل"},
    )


def test_a_visitor_reads_the_form_in_their_language_and_direction(ada):
    publish(ada, in_two_languages())
    html = html_of(ada, headers={"Accept-Language": "ar-EG, en;q=0.5"})
    assert '<html lang="ar" dir="rtl"' in html
    assert re.search(r'<div class="tf-root" lang="ar" dir="rtl"', html)
    assert "<h1>اسألنا</h1>" in html
    assert "أرسل" in html
    assert '<html lang="en" dir="ltr"' in html_of(ada, headers={"Accept-Language": "ja"})


def test_the_language_stays_through_mistakes_and_thanks(ada):
    publish(ada, in_two_languages())
    token = ada.open("?lang=ar")
    again = ada.post(token, "?lang=ar", message="")
    assert '<html lang="ar"' in again.get_data(as_text=True)
    location = ada.post(token, "?lang=ar").location
    assert location == f"/plugins/webform/f/{ada.key}/thanks?lang=ar&theme=auto"
    thanks = html_of(ada, "/thanks?lang=ar")
    assert "شكرا" in thanks
    assert f'href="/plugins/webform/f/{ada.key}?lang=ar"' in thanks


def test_where_the_form_does_not_speak_the_visitors_language_it_speaks_that_of_the_business(ada):
    ada.host.language = "pl"
    assert '<html lang="pl"' in html_of(ada, headers={"Accept-Language": "ja"})
    ada.host.language = "ja"
    assert '<html lang="en"' in html_of(ada, headers={"Accept-Language": "ja"})


def test_without_a_script_steps_and_conditions_are_said_in_words(ada):
    publish(ada, in_two_languages())
    html = html_of(ada)
    assert html.count("<fieldset") >= 2
    assert "Only if “Topic” is “Order”." in html
    facts = json.loads(re.search(r'data-facts="([^"]*)"', html)[1].replace("&#34;", '"'))
    assert facts["conditions"]["order"]["rules"] == [{"field": "topic", "test": "is", "value": "order"}]
    assert facts["submit"] == f"/plugins/webform/f/{ada.key}/submit?lang=en"
    assert facts["thanks"] == f"/plugins/webform/f/{ada.key}/thanks?theme=auto"


def test_what_was_not_asked_is_neither_needed_nor_kept(ada):
    needed = create_field(
        "order", Kind.TEXT, is_required=True, show_if=Condition((ConditionRule("topic", value="order"),))
    )
    ada.publish(create_field("topic", Kind.CHOICE, choices=("order", "other")), needed)
    assert ada.post(ada.open(), topic="order").status_code == 422
    assert ada.post(ada.open(), topic="other", order="7").status_code == 303
    kept = decode(ada.host.received[0][1].payload)
    assert (kept.values, kept.signals) == ({"topic": "other"}, ())


def test_a_visitor_goes_on_to_where_the_owner_sends_them(ada):
    ada.publish(MESSAGE, redirect="https://shop.test/thanks?a=1&b=2")
    answer = ada.ask(f"/f/{ada.key}/thanks")
    assert answer.headers["Refresh"] == "0; url=https://shop.test/thanks?a=1&b=2"
    framed = ada.ask(f"/f/{ada.key}/frame/thanks")
    assert "Refresh" not in framed.headers
    assert 'href="https://shop.test/thanks?a=1&amp;b=2" target="_top"' in framed.get_data(as_text=True)
    assert json.loads(ada.submit().data)["redirect"] == "https://shop.test/thanks?a=1&b=2"
    ada.publish(MESSAGE, redirect="https://пример.рф/ü")
    assert ada.ask(f"/f/{ada.key}/thanks").headers["Refresh"] == "0; url=https://xn--e1afmkfd.xn--p1ai/%C3%BC"


def test_what_is_no_language_is_not_kept_as_one(ada):
    ada.publish(MESSAGE)
    for asked, kept in (("%00%0d%0aX", ""), ("../../etc", ""), ("de-AT", "de-AT")):
        assert ada.post(ada.open(), f"?lang={asked}").status_code == 303
        assert decode(ada.host.received[-1][1].payload).context["language"] == kept


def test_an_answer_by_mail_is_promised_only_where_an_address_is_asked_for(ada):
    for fields, thanks in (((MESSAGE,), UNADDRESSED_THANKS), ((MESSAGE, EMAIL), USUAL_THANKS)):
        ada.publish(*fields)
        assert f'<p class="lead">{thanks}</p>' in html_of(ada, "/thanks")


def test_whoever_has_to_confirm_is_told_so_first(ada):
    ada.host.save_settings(1, {"verifies_email": True})
    assert ada.submit().get_json()["thanks"].startswith(ASKED)
    assert ASKED in html_of(ada, "/thanks")


def test_a_form_published_while_somebody_types_takes_what_they_typed(ada):
    ada.publish(MESSAGE, create_field("colour", Kind.TEXT))
    token = ada.open()
    ada.publish(MESSAGE, create_field("size", Kind.TEXT, is_required=True))
    assert ada.post(token, colour="red").status_code == 303
    kept = decode(ada.host.received[0][1].payload)
    assert (kept.number, kept.values["colour"]) == (2, "red")
    assert ada.post(ada.open(), colour="red").status_code == 422


def test_a_mistake_in_an_older_version_is_shown_in_that_version(ada):
    ada.publish(MESSAGE, create_field("colour", Kind.TEXT))
    token = ada.open()
    ada.publish(MESSAGE)
    html = ada.post(token, message="", colour="dark red").get_data(as_text=True)
    assert 'value="dark red"' in html
    assert ada.host.form.token.data == token


def test_a_restart_between_showing_and_sending_loses_nothing(ada):
    """Nothing but what is stored, and the keys, is left of the server that showed the form."""
    token, restarted = ada.open(), PageHost(clock=ada.host.clock)
    restarted.store = ada.host.store
    assert Visitor(restarted).post(token).status_code == 303
    assert not stored(restarted)[0].is_spam


def test_parameters_of_the_address_fill_hidden_fields(ada):
    ada.publish(
        MESSAGE,
        create_field("campaign", Kind.HIDDEN, parameter="utm", default="none"),
        create_field("other", Kind.HIDDEN, default="x"),
    )
    html = html_of(ada, "?utm=spring&other=evil")
    assert re.search(r'name="campaign"[^>]*value="spring"|value="spring"[^>]*name="campaign"', html)
    assert "evil" not in html
    seen = {"Referer": "https://shop.test/?utm=mail"}
    assert 'value="mail"' in html_of(ada, "/frame", headers=seen)
    assert 'value="none"' in html_of(ada)


def test_a_signed_context_comes_with_the_address_of_a_page(ada):
    secret, context = make_secret(ada.host, ada.host.account(1)), '{"plan": "gold"}'
    ada.ask(f"/f/{ada.key}", query_string={"context": context, "signature": sign_context(secret, context)})
    form = ada.host.form
    ada.post(form.token.data, context=form.context.data, signature=form.signature.data)
    assert decode(ada.host.received[0][1].payload).customer.is_verified


def test_a_form_shows_its_accent_and_its_hours(ada):
    ada.publish(MESSAGE, accent="#aa0033", hours="Mon-Sun 00:00-24:00", answers_within_h=4, theme="dark")
    html = html_of(ada)
    assert f'href="/plugins/webform/f/{ada.key}/look.css?accent=aa0033"' in html
    assert "We usually answer within 4 hours." in html
    assert 'data-theme="dark"' in html


def test_every_kind_of_field_stands_on_the_page_and_in_the_tree(ada):
    choices = {Kind.CHOICE: ("a", "b"), Kind.CHOICES: ("a", "b", "c")}
    ada.publish(*(create_field(f"f_{kind}", kind, choices=choices.get(kind, ())) for kind in Kind))
    html, body = html_of(ada), ada.ask(f"/f/{ada.key}/form.json").get_json()
    asked = {f"f_{kind}" for kind in Kind if kind.is_answer}
    assert asked == {one["name"] for one in body["fields"]}
    for name in asked:
        assert f'name="{name}"' in html
    assert ada.post(ada.open()).status_code == 303


def test_a_form_below_a_path_of_the_site_stays_below_it(ada):
    answer = ada.ask(f"/f/{ada.key}", environ_overrides={"SCRIPT_NAME": "/desk"})
    html = answer.get_data(as_text=True)
    assert 'href="/desk/plugins/webform/form.css?' in html
    assert f"/desk/plugins/webform/f/{ada.key}/submit" in html


def test_a_form_that_was_drawn_before_comes_with_a_token_of_its_own(ada):
    ada.publish(MESSAGE, create_field("campaign", Kind.HIDDEN, parameter="utm", default="none"))
    first, again = (ada.ask(f"/f/{ada.key}/form.json").get_json() for _ in range(2))
    assert first["token"] != again["token"]
    assert json.dumps(first["html"]).replace(first["token"], again["token"]) == json.dumps(again["html"])
    assert [ada.submit(token=one["token"], message="The same.").status_code for one in (first, again)] == [200, 200]
    assert len(ada.host.received) == 2


def drawn(visitor: Visitor, query: str = "") -> str:
    """What the script gets, without what is each visitor's own."""
    body = visitor.ask(f"/f/{visitor.key}/form.json?{query}").get_json()
    return json.dumps(body).replace(body["token"], "")


def test_what_was_drawn_before_is_not_given_to_whom_it_does_not_fit(ada):
    ada.publish(MESSAGE, create_field("campaign", Kind.HIDDEN, parameter="utm", default="none"), languages=("en", "de"))
    seen = [drawn(ada)]
    for query in ("lang=de", "theme=dark", "utm=spring", "context={}", "page=https://shop.test/?utm=mail"):
        seen.append(drawn(ada, query))
        assert seen.count(seen[-1]) == 1
    assert drawn(ada) == seen[0]
    ada.publish(MESSAGE, title={"en": "Another"})
    assert ada.ask(f"/f/{ada.key}/form.json").get_json()["title"] == "Another"


def test_a_form_that_asks_for_a_day_until_today_knows_what_day_it_is(ada):
    ada.publish(MESSAGE, create_field("bought", Kind.DATE, maximum="today"))
    for _ in range(2):
        assert f'"max": "{ada.host.now().date()}"' in drawn(ada)
        ada.host.clock.tick(24 * 3600)


def test_only_so_many_drawings_are_kept(ada, monkeypatch):
    monkeypatch.setattr(drawing, "MOST_DRAWINGS", 2)
    drawings = drawing.Drawings(ada.host)
    published = find_form(ada.host, ada.key)
    for language in ("de", "pl", "fr", "de"):
        request = Request(EnvironBuilder(query_string=f"lang={language}").get_environ())
        assert f'"lang": "{language}"' in drawings.draw(request, published)
    assert len(drawings._kept) == 2


def test_only_what_programs_do_counts_as_an_attack(ada):
    ada.publish(MESSAGE, create_field("name", Kind.TEXT), create_field("size", Kind.NUMBER, is_required=True))
    token = ada.open()
    ada.post(token, name="Ada", message="Hello.\nFrom: Ada")
    assert recent_suspicious(ada.host) == 0
    ada.post(token, name="Ada\nBcc: many@spam.test", size="7")
    assert recent_suspicious(ada.host) == 1
    ada.post("forged", size="7")
    assert recent_suspicious(ada.host) == 2
