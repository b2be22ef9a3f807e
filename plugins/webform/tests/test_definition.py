"""Reading stored settings, web addresses and the settings page."""

import pytest
from werkzeug.datastructures import MultiDict

from plugins.webform.definition import FormDefinition, origin_of, read_origins
from plugins.webform.forms import WebformSettingsForm, settings_form


def create_settings(**changes: str) -> MultiDict[str, str]:
    return MultiDict(
        {"title": "Help", "max_files": "2", "max_megabytes": "3", "posts_per_hour": "9", "keep_ip_days": "0", **changes}
    )


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Example.com/contact?x=1", "https://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("http://example.com:8080/", "http://example.com:8080"),
        ("http://[::1]:90", "http://[::1]:90"),
        ("example.com", ""),
        ("javascript:alert(1)", ""),
        ("https://example.com; script-src *", ""),
        ("https://*", ""),
        ("https://example.com:99999", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_origin_of_takes_web_addresses_only(address, origin):
    assert origin_of(address) == origin


def test_read_origins_names_the_lines_that_are_none():
    assert read_origins("https://a.test/x\n\n nonsense \nhttps://a.test\nhttp://b.test") == (
        ("https://a.test", "http://b.test"),
        ("nonsense",),
    )


def test_definition_has_defaults_for_an_account_without_settings():
    definition = FormDefinition.from_settings({})
    assert definition == FormDefinition()
    assert definition.allows("https://anything.test")


def test_definition_keeps_zero_as_a_choice():
    definition = FormDefinition.from_settings({"max_files": 0, "keep_ip_days": 0, "sends_confirmation": False})
    assert (definition.max_files, definition.keep_ip_days, definition.sends_confirmation) == (0, 0, False)


def test_definition_allows_only_listed_origins():
    definition = FormDefinition.from_settings({"allowed_origins": "https://shop.test"})
    assert definition.allows("https://shop.test")
    assert not definition.allows("https://shop.test.evil.test")
    assert not definition.allows("null")


def test_settings_form_refuses_a_line_that_is_no_web_address():
    form = WebformSettingsForm(create_settings(allowed_origins="https://ok.test\nwww.example.com"))
    assert not form.validate()
    assert list(form.errors) == ["allowed_origins"]
    assert "www.example.com" in form.errors["allowed_origins"][0]


def test_settings_form_offers_the_accounts_that_can_send():
    bound = settings_form(lambda: [(7, "Help desk")])
    assert [choice.value for choice in bound().answer_from.choices] == [0, 7]
    form = bound(create_settings(answer_from="7"))
    assert form.validate(), form.errors
    assert FormDefinition.from_settings(form.split_secrets()[0]).answer_from == 7
    assert not bound(create_settings(answer_from="8")).validate()


def test_settings_form_asks_for_little_and_folds_the_rest_under_headings():
    named = [name for _, names in WebformSettingsForm.advanced for name in names]
    assert sorted([*named, "title", "intro", "answer_from"]) == sorted(WebformSettingsForm.field_names())
    assert not WebformSettingsForm().shows_advanced
    assert WebformSettingsForm(data={"max_files": 3}).shows_advanced
