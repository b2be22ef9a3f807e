"""Forms that somebody wrote into their own page: what is taken, from where, and that nothing typed is lost."""

import io
from typing import Any

import pytest
from markupsafe import escape
from werkzeug import Response

from forms.definitions import Becomes, Kind
from plugins.webform.guarding.signals import SIGNALS_FIELD
from plugins.webform.tests.factories import VALUES, PageHost, Visitor, create_field, stored
from plugins.webform.visiting.repeats import forget_salt
from plugins.webform.visiting.texts import CLOSED_TO_SITE, NO_PLAIN_POSTS, REFUSALS

SHOP = {"Origin": "https://shop.test", "Referer": "https://shop.test/contact.html"}


@pytest.fixture
def ada() -> Visitor:
    return Visitor(PageHost(title="Help", allowed_origins="https://shop.test"))


def post(visitor: Visitor, headers: dict[str, str] | None = None, **changes: Any) -> Response:
    data = {**VALUES, **changes}
    return visitor.ask(f"/f/{visitor.key}/post", "POST", data=data, headers=SHOP if headers is None else headers)


def test_a_plain_post_needs_no_token_and_is_thanked_for(ada):
    answer = post(ada)
    assert (answer.status_code, answer.location) == (303, f"/plugins/webform/f/{ada.key}/thanks?theme=auto")
    (message,) = stored(ada.host)
    assert (message.sender.value, message.text) == ("ada@example.com", "Where is it?")
    assert message.fields == {"Page": "https://shop.test/contact.html", SIGNALS_FIELD: "plain_post"}
    assert not message.is_spam


def test_a_plain_post_goes_where_the_owner_sends_visitors(ada):
    ada.publish(create_field("message", Kind.LONG_TEXT, becomes=Becomes.MESSAGE), redirect="https://shop.test/thanks")
    assert post(ada).location == "https://shop.test/thanks"


def test_files_come_with_a_plain_post(ada):
    assert post(ada, files=[(io.BytesIO(b"order 7"), "order.txt")]).status_code == 303
    assert stored(ada.host)[0].attachments[0].data == b"order 7"


def test_a_plain_post_that_was_sent_twice_is_one_message_and_another_text_is_another(ada):
    assert [post(ada).status_code for _ in range(2)] == [303, 303]
    post(ada, message="Where is the other one?")
    ada.host.clock.tick(601)
    post(ada)
    assert len({event.source_key for _, event in ada.host.received}) == 3


def test_the_same_words_of_two_visitors_or_to_two_forms_are_two_messages_of_two_people(ada):
    ada.publish(create_field("message", Kind.LONG_TEXT, becomes=Becomes.MESSAGE))
    ben = Visitor(ada.host, remote="192.0.2.8")
    for visitor, browser in ((ada, "one"), (ben, "one"), (ada, "two")):
        assert post(visitor, headers={**SHOP, "User-Agent": browser}).status_code == 303
    found = stored(ada.host)
    assert len({one.external_id for one in found}) == len({one.sender.value for one in found}) == 3


def test_nobody_finds_an_address_in_what_is_kept_of_a_plain_post(ada):
    post(ada)
    assert "plain:salt" in ada.host.store.values
    ada.host.clock.tick(61)
    forget_salt(ada.host)
    assert "plain:salt" not in ada.host.store.values
    assert ada.remote not in ada.host.received[0][1].payload.decode()


def test_a_mistake_is_shown_on_our_page_with_everything_typed_and_goes_on_there(ada):
    answer = post(ada, email="nobody", subject='"><b>')
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'action="/plugins/webform/f/{ada.key}"' in html
    assert "Where is it?" in html
    assert 'value="&#34;&gt;&lt;b&gt;"' in html
    assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert ada.post(ada.host.form.token.data).status_code == 303
    (message,) = stored(ada.host)
    assert message.fields["Page"] == "https://shop.test/contact.html"
    assert not message.is_spam


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "https://evil.test", "Referer": "https://shop.test/"},
        {"Origin": "null"},
        {"Origin": "null", "Referer": "https://evil.test/"},
        {"Referer": "https://shop.test.evil.test/"},
        {},
    ],
)
def test_a_site_that_is_not_listed_is_told_so(ada, headers):
    answer = post(ada, headers)
    assert answer.status_code == 403
    assert escape(CLOSED_TO_SITE) in answer.get_data(as_text=True)
    assert not ada.host.received


def test_the_referrer_tells_where_a_browser_keeps_the_origin_to_itself(ada):
    assert post(ada, {"Origin": "null", "Referer": "https://shop.test/"}).status_code == 303


def test_any_site_may_when_none_is_listed():
    ada = Visitor(PageHost())
    assert post(ada, {}).status_code == 303


def test_an_owner_can_take_no_plain_posts():
    ada = Visitor(PageHost(takes_plain_posts=False))
    answer = post(ada)
    assert (answer.status_code, NO_PLAIN_POSTS in answer.get_data(as_text=True)) == (403, True)
    assert not ada.host.received


def test_while_an_attack_is_on_a_plain_post_is_sent_once_more(ada):
    ada.host.save_settings(1, {"proof": "always"})
    answer = post(ada)
    assert answer.status_code == 422
    assert REFUSALS["unproven"] in answer.get_data(as_text=True)
    assert ada.post(ada.host.form.token.data).status_code == 303
    (message,) = stored(ada.host)
    assert message.fields[SIGNALS_FIELD] == "no_proof plain_post"
    assert not message.is_spam


def test_a_filled_trap_is_spam_from_plain_forms_too(ada):
    assert post(ada, homepage="https://spam.test").status_code == 303
    assert stored(ada.host)[0].is_spam


def test_the_limits_hold_for_plain_posts():
    ada = Visitor(PageHost(posts_per_hour=1))
    assert [post(ada).status_code for _ in range(2)] == [303, 429]


def test_an_unknown_or_paused_form_takes_nothing(ada):
    assert ada.ask("/f/nothing/post", "POST", data=VALUES).status_code == 404
    ada.host.paused.add(1)
    assert post(ada).status_code == 503
    assert not ada.host.received
