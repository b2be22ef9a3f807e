"""What the embed script talks to, and the script itself."""

import gzip
import io
import json
import re

import pytest

from plugins.webform.tests.factories import VALUES, PageHost, Visitor, stored
from plugins.webform.visiting.embedscript import SCRIPT

SHOP = {"Origin": "https://shop.test"}
MOST_SCRIPT_BYTES = 6000


@pytest.fixture
def ada() -> Visitor:
    return Visitor(PageHost(title="Help", allowed_origins="https://shop.test"))


def test_the_definition_says_all_the_script_needs(ada):
    answer = ada.ask(f"/f/{ada.key}/form.json", headers=SHOP)
    body = json.loads(answer.data)
    assert [(f["name"], f["kind"], f["required"]) for f in body["fields"]] == [
        ("name", "text", True),
        ("email", "email", True),
        ("subject", "text", False),
        ("message", "textarea", True),
        ("files", "file", False),
    ]
    assert body["fields"][0]["max_length"] == 100
    assert body["title"] == "Help"
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.test"
    assert answer.headers["Vary"] == "Origin"


def test_every_text_of_the_script_is_given(ada):
    texts = json.loads(ada.ask(f"/f/{ada.key}/form.json").data)["texts"]
    script = SCRIPT.read_text(encoding="utf-8")
    used = {word.split("(")[0] for word in re.findall(r"texts\??\.(\w+)", script)}
    assert used == set(texts)


def test_a_submission_is_stored_before_it_is_thanked_for(ada):
    answer = ada.submit(page="https://shop.test/contact?x=1")
    assert answer.status_code == 200
    assert json.loads(answer.data)["ok"] is True
    (message,) = stored(ada.host)
    assert message.fields["Page"] == "https://shop.test/contact?x=1"


def test_a_submission_with_files_comes_as_multipart(ada):
    token = json.loads(ada.ask(f"/f/{ada.key}/form.json").data)["token"]
    ada.host.clock.tick(20)
    data = {**VALUES, "token": token, "files": [(io.BytesIO(b"x"), "a.txt")]}
    assert ada.ask(f"/f/{ada.key}/submit", "POST", data=data, headers=SHOP).status_code == 200
    assert stored(ada.host)[0].attachments[0].filename == "a.txt"


def test_a_repeated_submission_is_stored_once(ada):
    token = json.loads(ada.ask(f"/f/{ada.key}/form.json").data)["token"]
    assert [ada.submit(token=token).status_code for _ in range(3)] == [200, 200, 200]
    assert len(ada.host.received) == 1


def test_what_is_wrong_is_said_for_each_field(ada):
    answer = ada.submit(email="nobody", message="")
    body = json.loads(answer.data)
    assert (answer.status_code, body["reason"], list(body["fields"])) == (422, "invalid", ["email", "message"])


def test_a_stale_token_comes_back_with_one_that_can_be_used(ada):
    answer = ada.submit(token="forged")
    body = json.loads(answer.data)
    assert (answer.status_code, body["reason"]) == (422, "stale")
    assert ada.submit(token=body["token"]).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b'{"name": {"a": 1}, "email": 7}']
)
def test_json_that_is_no_form_gets_an_answer(ada, body):
    answer = ada.ask(f"/f/{ada.key}/submit", "POST", data=body, content_type="application/json")
    assert answer.status_code == 422
    assert "token" in json.loads(answer.data)


def test_half_a_character_in_json_is_stored_readable(ada):
    assert ada.submit(message="half \ud83d").status_code == 200
    assert stored(ada.host)[0].text == "half ?"


def test_a_site_that_is_not_listed_is_refused_in_words_its_script_can_read(ada):
    evil = {"Origin": "https://evil.test"}
    for path, method in ((f"/f/{ada.key}/form.json", "GET"), (f"/f/{ada.key}/submit", "POST")):
        answer = ada.ask(path, method, headers=evil)
        assert answer.status_code == 403
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert not ada.host.received
    assert ada.ask(f"/f/{ada.key}/form.json", headers={"Origin": "null"}).status_code == 403


def test_any_site_may_when_none_is_listed():
    ada = Visitor(PageHost())
    answer = ada.ask(f"/f/{ada.key}/form.json", headers=SHOP)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_preflight_is_answered_for_listed_sites(ada):
    answer = ada.ask(f"/f/{ada.key}/submit", "OPTIONS", headers=SHOP)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.test"
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert ada.ask(f"/f/{ada.key}/submit", "OPTIONS", headers={"Origin": "https://evil.test"}).status_code == 403


def test_an_unknown_form_is_said_in_json(ada):
    answer = ada.ask("/f/nothing/form.json", headers=SHOP)
    assert (answer.status_code, json.loads(answer.data)["reason"]) == (404, "missing")


def test_a_paused_form_takes_nothing(ada):
    ada.host.paused.add(1)
    assert ada.ask(f"/f/{ada.key}/form.json").status_code == 503
    answer = ada.ask(f"/f/{ada.key}/submit", "POST", json=VALUES)
    assert (answer.status_code, json.loads(answer.data)["reason"]) == (503, "closed")


def test_the_limit_is_said_in_json():
    ada = Visitor(PageHost(posts_per_hour=1))
    ada.submit()
    answer = ada.submit(message="again")
    assert (answer.status_code, json.loads(answer.data)["reason"]) == (429, "too_many")
    assert answer.headers["Retry-After"]


def test_the_script_is_small():
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) <= MOST_SCRIPT_BYTES


def test_the_script_is_served_compressed_and_revalidated(ada):
    answer = ada.ask("/embed.js", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.data) == SCRIPT.read_bytes()
    assert answer.mimetype == "text/javascript"
    assert "max-age=3600" in answer.headers["Cache-Control"]
    assert ada.ask("/embed.js").data == SCRIPT.read_bytes()
    etag = answer.headers["ETag"]
    again = ada.ask("/embed.js", headers={"Accept-Encoding": "gzip", "If-None-Match": etag})
    assert again.status_code == 304
