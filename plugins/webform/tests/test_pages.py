"""The hosted page and the frame: what is taken, what is shown again, and that nothing is thanked for before it is stored."""

import io

import pytest

from plugins.webform.keys import ensure_key
from plugins.webform.tests.factories import VALUES, PageHost, Visitor, create_account, stored
from plugins.webform.visiting.texts import REFUSALS


@pytest.fixture
def host() -> PageHost:
    return PageHost(title="Help", keep_ip_days=7)


@pytest.fixture
def ada(host: PageHost) -> Visitor:
    return Visitor(host)


def test_a_post_is_stored_and_leads_to_the_thank_you_page(host, ada):
    answer = ada.post(ada.open())
    assert (answer.status_code, answer.location) == (303, f"/plugins/webform/f/{ada.key}/thanks?theme=auto")
    (message,) = stored(host)
    assert (message.sender.name, message.subject, message.text) == ("Ada Abel", "Order 7", "Where is it?")
    assert not message.is_spam
    assert ada.ask(f"/f/{ada.key}/thanks").status_code == 200
    assert host.shown[-1][0] == "webform/visitor/thanks.html"


def test_a_post_from_a_frame_stays_in_the_frame(host, ada):
    token = ada.open("/frame", headers={"Referer": "https://shop.test/contact"})
    assert ada.post(token, "/frame").location == f"/plugins/webform/f/{ada.key}/frame/thanks?theme=light"
    assert stored(host)[0].fields["Page"] == "https://shop.test/contact"


def test_files_arrive_whole_and_without_paths(host, ada):
    files = [(io.BytesIO(b"\x00\xff"), "C:/home/αρχείο.bin"), (io.BytesIO(b"x"), "../../etc/passwd")]
    assert ada.post(ada.open(), files=files).status_code == 303
    first, second = stored(host)[0].attachments
    assert (first.filename, first.data) == ("αρχείο.bin", b"\x00\xff")
    assert second.filename == "passwd"


def test_a_post_with_every_field_wrong_is_shown_again_with_all_of_it(host, ada):
    wrong = {"name": "Ada\nBcc: x@y.test", "email": "nobody", "subject": "s" * 300, "message": " "}
    answer = ada.post(ada.open(), data=wrong, files=[(io.BytesIO(b"x"), f"{n}.txt") for n in range(200)])
    assert answer.status_code == 422
    links = [link.field_id for link in host.page.view.problem_links]
    assert links == ["tf-name", "tf-email", "tf-subject", "tf-message", "tf-files"]
    assert host.form["email"].data == "nobody"
    assert host.page.title.startswith("Not sent yet")
    assert host.page.view.has_lost_files
    assert not host.received


def test_the_same_token_goes_on_after_a_mistake(host, ada):
    token = ada.open()
    ada.post(token, email="nobody")
    assert host.form.token.data == token
    ada.post(token)
    assert not stored(host)[0].is_spam


@pytest.mark.parametrize("token", ["", "forged", "a.b.c", "\x00", "x" * 5000])
def test_a_forged_token_shows_the_page_again_with_the_text(host, ada, token):
    ada.open()
    assert ada.post(token).status_code == 422
    assert host.page.notice == REFUSALS["stale"]
    assert host.form["message"].data == "Where is it?"
    assert not host.received
    assert ada.post(host.form.token.data).status_code == 303


def test_a_token_of_another_form_is_forged(host, ada):
    host.put_account(create_account(2))
    token = Visitor(host, key=ensure_key(host, 2)).open()
    assert ada.post(token).status_code == 422


def test_a_token_is_good_for_a_day(host, ada):
    token = ada.open()
    host.clock.tick(24 * 3600 - 60)
    assert ada.post(token).status_code == 303
    host.clock.tick(120)
    assert ada.post(token, message="Another").status_code == 422


def test_a_second_post_is_thanked_for_and_stored_once(host, ada):
    token = ada.open()
    assert ada.post(token).status_code == ada.post(token).status_code == 303
    assert len(host.received) == 1


def test_another_text_sent_back_from_the_same_page_is_not_lost(host, ada):
    token = ada.open()
    ada.post(token)
    ada.post(token, message="I found it.")
    assert [message.text for message in stored(host)] == ["Where is it?", "I found it."]


@pytest.mark.parametrize("page", ["", "/frame"])
def test_a_post_that_comes_at_once_goes_to_spam_and_is_thanked_for(host, ada, page):
    token = ada.open(page)
    host.clock.tick(-19)
    assert ada.post(token, page).status_code == 303
    assert stored(host)[0].is_spam
    assert not stored(host)[0].accepts_auto_reply


def test_a_filled_trap_goes_to_spam(host, ada):
    ada.post(ada.open(), homepage="https://spam.test")
    assert stored(host)[0].is_spam


def test_the_limit_of_an_address_keeps_the_text(host):
    ada = Visitor(PageHost(posts_per_hour=2))
    for text in ("one", "two"):
        assert ada.post(ada.open(), message=text).status_code == 303
    answer = ada.post(ada.open(), message="three")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert ada.host.form["message"].data == "three"
    assert len(ada.host.received) == 2
    ben = Visitor(ada.host, remote="198.51.100.4")
    assert ben.post(ben.open()).status_code == 303


def test_the_limit_of_a_network_is_five_times_as_high():
    host = PageHost(posts_per_hour=1)
    visitors = [Visitor(host, remote=f"2001:db8:7:{n:x}::1") for n in range(6)]
    assert [v.post(v.open()).status_code for v in visitors] == [303] * 5 + [429]


def test_fifty_megabytes_are_refused_with_the_text_kept(host, ada):
    answer = ada.post(ada.open(), files=[(io.BytesIO(b"\0" * 50_000_000), "film.mp4")])
    assert answer.status_code == 422
    assert "10 MB" in host.form.problems["files"]
    assert host.form["message"].data == "Where is it?"


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"])
def test_a_post_beyond_all_reason_is_refused_unread(host, ada, kind):
    options = {"content_type": kind, "environ_overrides": {"CONTENT_LENGTH": str(10**9)}}
    assert ada.ask(f"/f/{ada.key}", "POST", input_stream=io.BytesIO(b"x"), **options).status_code == 413
    assert host.page.notice == REFUSALS["too_large"]


def test_a_text_of_megabytes_is_refused(host, ada):
    assert ada.post(ada.open(), message="x" * 3_000_000).status_code == 413
    assert ada.post(ada.open(), message="x" * 3_000_000, files=[(io.BytesIO(b"x"), "a.txt")]).status_code == 413
    assert not host.received


@pytest.mark.parametrize(
    "body",
    [
        b"name=%00%ff%fe&email=a%40b.test&message=%ff%00hi",
        b"\xff\xfe\x00" * 100,
        b'--b\r\nContent-Disposition: form-data; name="name"; filename="x"\r\n\r\nfile where a text should be\r\n--b--\r\n',
        b"--b\r\nbroken",
        b"",
    ],
)
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain", ""]
)
def test_bytes_that_are_no_form_get_a_page(host, ada, body, kind):
    answer = ada.ask(
        f"/f/{ada.key}", "POST", input_stream=io.BytesIO(body), content_length=len(body), content_type=kind
    )
    assert answer.status_code == 422
    assert not host.received


def test_bytes_that_are_no_text_are_stored_readable(host, ada):
    body = b"name=Ada&email=a%40b.test&message=%ff%00hi&token=" + ada.open().encode()
    host.clock.tick(20)
    kind = "application/x-www-form-urlencoded"
    answer = ada.ask(
        f"/f/{ada.key}", "POST", input_stream=io.BytesIO(body), content_length=len(body), content_type=kind
    )
    assert answer.status_code == 303
    assert stored(host)[0].text == "%FFhi"


def test_an_unknown_form_does_not_exist(ada):
    for path in ("/f/nothing", "/f/nothing/frame", "/f/nothing/thanks"):
        assert ada.ask(path).status_code == 404
    assert ada.ask("/f/nothing", "POST").status_code == 404


def test_a_deleted_form_does_not_exist(host, ada):
    host.store.set("key:gone", 99)
    assert ada.ask("/f/gone").status_code == 404


def test_a_paused_form_is_closed_and_keeps_what_was_typed(host, ada):
    token = ada.open()
    host.paused.add(1)
    assert ada.ask(f"/f/{ada.key}").status_code == 503
    assert host.page.view is None
    assert ada.post(token).status_code == 503
    assert host.form["message"].data == "Where is it?"
    assert not host.received


def test_only_the_frame_may_stand_in_other_pages_and_only_in_those_allowed():
    host = PageHost(allowed_origins="https://shop.test\nhttps://www.shop.test/contact")
    ada = Visitor(host)
    anywhere = Visitor(PageHost())
    assert ancestors(ada, "/frame") == "https://shop.test https://www.shop.test"
    assert ancestors(ada, "") == "'none'"
    assert ancestors(anywhere, "/frame") == "*"
    assert ancestors(anywhere, "") == "'none'"


def ancestors(visitor: Visitor, part: str) -> str:
    policy = visitor.ask(f"/f/{visitor.key}{part}").headers["Content-Security-Policy"]
    return policy.removeprefix("frame-ancestors ")


def test_pages_are_never_cached_and_set_no_cookie(ada):
    answer = ada.ask(f"/f/{ada.key}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_the_form_follows_its_definition():
    ada = Visitor(PageHost(asks_subject=False, max_files=0))
    assert ada.post(ada.open()).status_code == 303
    assert stored(ada.host)[0].subject == VALUES["message"]


@pytest.mark.parametrize("referrer", ["javascript:alert(1)", "nonsense", "https://a.test/ b"])
def test_a_referrer_that_is_no_address_is_not_kept(host, ada, referrer):
    ada.post(ada.open(headers={"Referer": referrer}))
    assert "Came from" not in stored(host)[0].fields
