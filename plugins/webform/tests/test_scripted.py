"""What the embed script talks to, and the script itself."""

import gzip
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import altcha
import pytest

from forms.definitions import Condition, ConditionRule, Kind
from plugins.webform.guarding.signals import SIGNALS_FIELD
from plugins.webform.sharing.context import make_secret, sign_context
from plugins.webform.tests.factories import VALUES, PageHost, Visitor, create_field, stored
from plugins.webform.visiting.embedscript import STATIC, embed_script, page_script, style
from plugins.webform.visiting.submission import decode
from plugins.webform.visiting.texts import SCRIPT_TEXTS

SHOP = {"Origin": "https://shop.test"}
MOST_SCRIPT_BYTES = 6000


@pytest.fixture
def ada() -> Visitor:
    return Visitor(PageHost(title="Help", allowed_origins="https://shop.test"))


def form_of(visitor: Visitor, query: str = "", **options: Any) -> dict[str, Any]:
    return json.loads(visitor.ask(f"/f/{visitor.key}/form.json{query}", **options).data)


def facts_of(body: dict[str, Any]) -> dict[str, Any]:
    return json.loads(body["html"][1]["data-facts"])


def elements(tree: list[Any]) -> Iterator[list[Any]]:
    yield tree
    for child in tree[2]:
        if not isinstance(child, str):
            yield from elements(child)


def test_the_definition_says_all_that_programs_need(ada):
    answer = ada.ask(f"/f/{ada.key}/form.json", headers=SHOP)
    body = json.loads(answer.data)
    assert [(f["name"], f["kind"], f["required"]) for f in body["fields"]] == [
        ("name", "text", True),
        ("email", "email", True),
        ("subject", "text", False),
        ("message", "long_text", True),
        ("files", "file", False),
    ]
    assert body["title"] == "Help"
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.test"
    assert answer.headers["Vary"] == "Origin"


def test_halves_of_characters_are_no_token(ada):
    body = json.dumps({**VALUES, "token": "\ud800"})
    answer = ada.ask(f"/f/{ada.key}/submit", "POST", data=body, content_type="application/json", headers=SHOP)
    assert (answer.status_code, json.loads(answer.data)["reason"]) == (422, "stale")


def test_the_script_gets_the_elements_of_the_form_and_where_to_send_it(ada):
    body = form_of(ada, "?lang=de&theme=dark")
    root = body["html"]
    assert (root[0], root[1]["class"], root[1]["lang"], root[1]["data-theme"]) == ("div", "tf-root", "de", "dark")
    named = {one[1]["name"]: one[1].get("value") for one in elements(root) if "name" in one[1]}
    assert {"name", "email", "subject", "message", "files", "homepage", "context", "signature", "proof"} <= set(named)
    assert named["token"] == body["token"]
    address = f"/plugins/webform/f/{ada.key}"
    facts = facts_of(body)
    assert (facts["submit"], facts["challenge"]) == (f"{address}/submit?lang=de", f"{address}/challenge")
    assert facts["proof"] is False
    assert facts["texts"] == dict(SCRIPT_TEXTS)
    assert "thanks" not in facts


def test_every_text_of_the_script_is_given():
    script = (STATIC / "form.js").read_text(encoding="utf-8") + (STATIC / "embed.js").read_text(encoding="utf-8")
    used = set(re.findall(r"texts\??\.(\w+)", script))
    assert used <= set(SCRIPT_TEXTS)


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


def test_our_own_pages_may_send_by_script_whatever_the_list_says(ada):
    assert ada.submit(headers={"Origin": "https://inbox.example.com"}).status_code == 200


def test_what_programs_write_as_numbers_lists_and_yes_is_read(ada):
    ada.publish(
        create_field("size", Kind.NUMBER),
        create_field("days", Kind.CHOICES, choices=("mon", "tue", "wed")),
        create_field("terms", Kind.CONSENT),
        create_field("news", Kind.CONSENT),
    )
    assert ada.submit(size=42, days=["mon", "wed"], terms=True, news=False).status_code == 200
    assert stored(ada.host)[0].text == "Size: 42\nDays: Mon, Wed\nTerms: Yes"


def solved(challenge: dict[str, Any]) -> str:
    """What a browser sends for it."""
    task = altcha.Challenge.from_dict(challenge)
    return str(altcha.Payload(task, altcha.solve_challenge(task)).to_base64())


def test_proof_of_work_is_asked_for_and_taken_once(ada):
    ada.host.save_settings(1, {"proof": "always"})
    body = form_of(ada)
    assert facts_of(body)["proof"] is True
    refused = ada.submit(token=body["token"])
    answer = json.loads(refused.data)
    assert (refused.status_code, answer["reason"]) == (422, "unproven")
    solution = solved(json.loads(ada.ask(f"/f/{ada.key}/challenge", headers=SHOP).data))
    assert ada.submit(token=answer["token"], proof=solution).status_code == 200
    assert stored(ada.host)[0].fields == {SIGNALS_FIELD: "proven"}
    used = ada.submit(token=form_of(ada)["token"], proof=solution, message="Another.")
    assert json.loads(used.data)["reason"] == "unproven"


def test_a_visitor_who_cannot_prove_work_sends_once_more(ada):
    ada.host.save_settings(1, {"proof": "always"})
    at = {"page": "http://shop.test/contact"}  # browsers do no cryptography there
    token = json.loads(ada.submit(**at).data)["token"]
    assert ada.submit(**at, token=token).status_code == 200
    (message,) = stored(ada.host)
    assert message.fields[SIGNALS_FIELD] == "no_proof"
    assert not message.is_spam


def test_who_could_prove_work_and_does_not_is_spam(ada):
    ada.host.save_settings(1, {"proof": "always"})
    at = {"page": "https://shop.test/contact"}
    token = json.loads(ada.submit(**at).data)["token"]
    assert ada.submit(**at, token=token).status_code == 200
    (message,) = stored(ada.host)
    assert message.fields[SIGNALS_FIELD] == "shirked"
    assert message.is_spam


def test_whom_the_site_vouches_for_has_nothing_to_prove(ada):
    ada.host.save_settings(1, {"proof": "always"})
    context = json.dumps({"customer": "7"})
    signature = sign_context(make_secret(ada.host, ada.host.account(1)), context)
    assert ada.submit(context=context, signature=signature).status_code == 200
    assert not stored(ada.host)[0].fields.get(SIGNALS_FIELD)
    assert json.loads(ada.submit(context=context, signature="0" * 64).data)["reason"] == "unproven"


def test_a_post_that_was_stored_while_its_answer_was_lost_is_stored_once(ada):
    """The script tries again with the proof that was used up the first time."""
    ada.host.save_settings(1, {"proof": "always"})
    token, solution = form_of(ada)["token"], solved(json.loads(ada.ask(f"/f/{ada.key}/challenge").data))
    assert ada.submit(token=token, proof=solution).status_code == 200
    again = json.loads(ada.submit(token=token, proof=solution).data)
    assert again["reason"] == "unproven"
    assert ada.submit(token=again["token"]).status_code == 200
    assert len(ada.host.received) == 1


def test_what_a_site_signed_comes_through_verified(ada):
    secret = make_secret(ada.host, ada.host.account(1))
    context = '{"customer": "C-7"}'
    for signature in (sign_context(secret, context), "0" * 64, ""):
        assert ada.submit(context=context, signature=signature, message=f"by {signature}").status_code == 200
    kept = [decode(event.payload) for _, event in ada.host.received]
    assert [one.customer.values for one in kept] == [{"customer": "C-7"}] * 3
    assert [one.customer.state for one in kept] == ["verified", "unverified", "unverified"]
    assert [one.signals for one in kept] == [(), ("bad_context",), ()]


def test_answers_to_questions_that_were_not_asked_are_a_signal(ada):
    only_for_orders = Condition((ConditionRule("topic", value="order"),))
    ada.publish(
        create_field("topic", Kind.CHOICE, choices=("order", "other")),
        create_field("number", Kind.TEXT, show_if=only_for_orders),
    )
    assert ada.submit(topic="other", number="7").status_code == 200
    assert ada.submit(topic="order", number="7").status_code == 200
    hidden, asked = (decode(event.payload) for _, event in ada.host.received)
    assert (hidden.signals, "number" in hidden.values) == (("hidden_filled",), False)
    assert (asked.signals, asked.values["number"]) == ((), "7")


def test_the_embed_script_is_small():
    assert len(embed_script().packed) <= MOST_SCRIPT_BYTES


@pytest.mark.parametrize(
    ("path", "make", "kind"),
    [
        ("/embed.js", embed_script, "text/javascript"),
        ("/form.js", page_script, "text/javascript"),
        ("/form.css", style, "text/css"),
    ],
)
def test_scripts_and_style_are_served_compressed_and_revalidated(ada, path, make, kind):
    answer = ada.ask(path, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.data) == make().plain == ada.ask(path).data
    assert answer.mimetype == kind
    assert "max-age=3600" in answer.headers["Cache-Control"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    etag = answer.headers["ETag"]
    again = ada.ask(path, headers={"Accept-Encoding": "gzip", "If-None-Match": etag})
    assert again.status_code == 304


def test_scripts_leave_nothing_in_the_page_around_them():
    for script in (embed_script().plain, page_script().plain):
        assert script.startswith(b"(()=>{")
        assert script.rstrip().endswith(b"})();")


def test_a_forms_accent_is_a_stylesheet_for_any_page(ada):
    ada.publish(create_field("message", Kind.LONG_TEXT), accent="#aa0033")
    answer = ada.ask(f"/f/{ada.key}/look.css")
    assert "--tf-accent:#aa0033" in answer.get_data(as_text=True)
    assert (answer.mimetype, answer.headers["Access-Control-Allow-Origin"]) == ("text/css", "*")
    assert b"--tf-accent:#123456" in ada.ask(f"/f/{ada.key}/look.css?accent=%23123456").data
    assert ada.ask(f"/f/{ada.key}/look.css?accent=red;}}").data == b""
    assert ada.ask("/f/nothing/look.css").status_code == 404
