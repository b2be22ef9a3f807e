"""The page that shows how a form comes onto a website, and what its buttons do."""

import json
import re
import subprocess

import pytest

from forms.definitions import FormDefinition, StepDefinition
from plugins import webform
from plugins.webform.building.tests.factories import Admin, create_admin
from plugins.webform.keys import ensure_key
from plugins.webform.sharing.context import read_context, sign_context
from plugins.webform.sharing.plain_html import plain_form
from plugins.webform.sharing.qr import qr_png, qr_svg
from plugins.webform.sharing.share_pages import snippets_of
from plugins.webform.sharing.tests.node import NODE
from plugins.webform.sharing.tests.test_plain_html import FIELDS, Controls
from plugins.webform.storing.versions import current, publish_first
from plugins.webform.tests.factories import PageHost, Visitor, stored
from tidings import Account, AccountSaved

SHARE = "/forms/1/share"


@pytest.fixture
def admin() -> Admin:
    return create_admin()


def address_of(admin: Admin) -> str:
    return f"https://inbox.example.com/plugins/webform/f/{ensure_key(admin.host, 1)}"


def test_the_page_shows_every_way_with_a_button_to_copy_it(admin):
    html = admin.text(SHARE)
    page = admin.host.page
    assert page.addresses.page == address_of(admin)
    for id in ("inline", "button", "modal", "frame", "wordpress", "shortcode", "plain", "fetch", "curl"):
        assert f'id="share-{id}"' in html
        assert f'data-copies="share-{id}"' in html
    assert "&lt;script src=" in html
    assert "style=" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert "The form is closed" not in html
    admin.host.paused.add(1)
    assert "The form is closed" in admin.text(SHARE)


def test_a_form_that_is_not_there_has_no_page(admin):
    for path in ("/forms/9/share", "/forms/9/qr.svg", "/forms/1/qr.gif"):
        assert admin.ask(path).status_code == 404


def test_a_short_address_is_chosen_changed_and_removed(admin):
    assert admin.post(f"{SHARE}/address", word="Contact").status_code == 303
    assert admin.host.short_addresses == {"contact": f"/f/{ensure_key(admin.host, 1)}"}
    assert 'value="https://inbox.example.com/s/contact"' in admin.text(SHARE)
    assert admin.ask("/forms/1/qr.svg").get_data(as_text=True) == qr_svg("https://inbox.example.com/s/contact")
    assert admin.post(f"{SHARE}/address", word="contact", remove="1").status_code == 303
    assert admin.host.short_addresses == {}
    assert [change[0] for change in admin.host.changes] == [
        "Chose the short address of a form",
        "Removed the short address of a form",
    ]


def test_a_word_that_cannot_be_had_is_shown_again_with_the_reason(admin):
    answer = admin.post(f"{SHARE}/address", word='"><b>')
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert "Use 2 to 40 letters" in html
    assert 'value="&#34;&gt;&lt;b&gt;"' in html
    assert 'aria-describedby="share-problem share-word-help"' in html


def test_codes_can_be_downloaded_in_both_kinds(admin):
    svg, png = admin.ask("/forms/1/qr.svg?download"), admin.ask("/forms/1/qr.png?download")
    assert svg.get_data(as_text=True) == qr_svg(address_of(admin))
    assert png.get_data() == qr_png(address_of(admin))
    assert (svg.mimetype, png.mimetype) == ("image/svg+xml", "image/png")
    assert png.headers["Content-Disposition"] == "attachment; filename=form-1.png"
    assert "Content-Disposition" not in admin.ask("/forms/1/qr.png").headers


def test_a_secret_is_shown_once_and_believed(admin):
    assert "share-secret" not in admin.text(SHARE)
    answer = admin.post(f"{SHARE}/secret")
    assert answer.headers["Cache-Control"] == "no-store"
    secret = admin.host.page.fresh_secret
    assert f'value="{secret}"' in answer.get_data(as_text=True)
    assert secret not in admin.text(SHARE)
    assert secret not in json.dumps(admin.host.changes)
    context = '{"customer": "c-17"}'
    assert read_context(admin.host, 1, context, sign_context(secret, context)).is_verified
    admin.post(f"{SHARE}/secret")
    assert "Drop the former secret" in admin.text(SHARE)
    admin.post(f"{SHARE}/former")
    assert not read_context(admin.host, 1, context, sign_context(secret, context)).is_verified


def test_the_list_of_sites_is_shown(admin):
    assert "Any site may show the form" in admin.text(SHARE)
    admin.host.save_settings(1, {"allowed_origins": "https://shop.example\nhttps://www.shop.example/contact"})
    html = admin.text(SHARE)
    assert "https://shop.example" in html
    assert "https://www.shop.example<" in html


def test_plain_html_speaks_the_language_that_was_chosen():
    admin = create_admin()
    publish_first(admin.host, 1, FormDefinition(("en", "de"), (StepDefinition("one", FIELDS),)), "Ada")
    assert "Name (voll)" not in admin.text(SHARE)
    admin.text(f"{SHARE}?language=de")
    assert "Name (voll)" in admin.host.page.plain
    admin.text(f"{SHARE}?language=xx")
    assert admin.host.page.language == "en"
    admin.host.save_settings(1, {"takes_plain_posts": False})
    assert "This form takes no plain posts" in admin.text(SHARE)


def test_nothing_is_left_for_another_form_of_the_same_number(admin):
    admin.post(f"{SHARE}/address", word="contact")
    admin.post(f"{SHARE}/secret")
    webform.account_saved(admin.host, AccountSaved(1, is_new=True))
    assert admin.host.short_addresses == {}
    admin.host.put_account(Account(1, "webform", "Another", "", {}))
    admin.text(SHARE)
    assert not admin.host.page.secret.is_there
    assert admin.host.page.short.url == ""


# -------------------------------------------------------------- what is copied is what the form takes ----
@pytest.fixture
def host() -> PageHost:
    host = PageHost()
    publish_first(host, 1, FormDefinition(("en", "de"), (StepDefinition("one", FIELDS),)), "Ada")
    return host


ANSWERS = {
    "name": "Ada Abel",
    "email": "ada@example.com",
    "topic": "other",
    "wants": ["order", "other"],
    "stars": "2",
    "count": "3",
    "day": "2026-01-05",
    "message": "Where is it?",
    "agree": "yes",
    "source": "shop",
    "homepage": "",
}


def test_what_a_plain_form_posts_is_taken(host):
    visitor, definition = Visitor(host), current(host, host.account(1)).definition
    html = plain_form(definition, f"/f/{visitor.key}/post", "en", send="Send", trap="Leave this empty")
    controls = Controls(html)
    assert set(ANSWERS) <= {found["name"] for _, found in controls.named}
    assert visitor.ask(controls.form["action"], "POST", data=ANSWERS).status_code == 303
    (message,) = stored(host)
    assert message.sender.value == "ada@example.com"
    assert message.text == "Where is it?"
    assert message.answers["Wants"] == "Order & delivery, Other"


def test_what_the_sample_for_programs_sends_is_taken(host):
    """Node runs it; our pages answer in the place of the network."""
    visitor, account = Visitor(host), host.account(1)
    made = snippets_of(host, account, current(host, account).definition)
    definition_json = visitor.ask(f"/f/{visitor.key}/form.json").get_data(as_text=True)
    stubs = f"""
      globalThis.location = {{ href: "https://shop.example/contact" }};
      globalThis.fetch = async (address, options) => {{
        if (options) console.log(options.body);
        return {{ json: async () => (options ? {{ ok: true }} : {definition_json}) }};
      }};
    """
    command = [*NODE, "--input-type=module", "-e", stubs + made.fetch]
    body = subprocess.run(command, capture_output=True, check=True, timeout=30, text=True).stdout
    host.clock.tick(3)
    answer = visitor.ask(f"/f/{visitor.key}/submit", "POST", data=body, content_type="application/json")
    assert json.loads(answer.data)["ok"], answer.data
    (message,) = stored(host)
    assert message.sender.value == "ada@example.com"
    assert message.fields["Page"] == "https://shop.example/contact"
    assert not message.is_spam
