"""Settings of a form's account: read with their defaults, checked where an admin types them."""

import pytest
from werkzeug.datastructures import MultiDict

from plugins.webform.form_settings import FormSettings, origin_of, read_origins
from plugins.webform.forms import WebformSettingsForm


def test_settings_that_are_missing_get_their_defaults():
    assert FormSettings.from_settings({}) == FormSettings()
    assert FormSettings.from_settings({"posts_per_hour": None, "proof": "sometimes"}) == FormSettings()


def test_settings_are_read():
    stored = {
        "answer_from": "3",
        "allowed_origins": "https://Shop.example/contact\nhttp://127.0.0.1:8080",
        "posts_per_hour": 5,
        "keep_ip_days": 0,
        "verifies_email": True,
        "proof": "always",
        "takes_plain_posts": False,
    }
    origins = ("https://shop.example", "http://127.0.0.1:8080")
    assert FormSettings.from_settings(stored) == FormSettings(3, origins, 5, 0, True, "always", False)


def test_form_without_a_list_of_sites_stands_anywhere():
    assert FormSettings().allows("https://anywhere.example")
    limited = FormSettings(allowed_origins=("https://shop.example",))
    assert limited.allows("https://Shop.example")
    assert not limited.allows("https://shop.example.evil.example")


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Shop.example/contact?x=1", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:8080/", "http://shop.example:8080"),
        ("http://[::1]:3000/a", "http://[::1]:3000"),
        ("ftp://shop.example", ""),
        ("shop.example", ""),
        ("https://shop.example:port", ""),
        ("https://a.example;b.example", ""),
        ("https://a.example%0d%0a", ""),
        ("https://a\u2028b.example", ""),
        ("https://Müller.example/x", "https://xn--mller-kva.example"),
        ("https://пример.рф", "https://xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_origin_is_scheme_name_and_unusual_port(address, origin):
    assert origin_of(address) == origin


def test_lines_that_are_no_addresses_are_told_apart():
    assert read_origins(" https://a.example \n\nnonsense\nhttps://a.example/x") == (
        ("https://a.example",),
        ("nonsense",),
    )


def test_what_the_form_saves_without_a_change_is_the_default():
    form = WebformSettingsForm()
    assert FormSettings.from_settings(form.split_secrets()[0]) == FormSettings()


def test_line_that_is_no_address_is_named():
    form = WebformSettingsForm(MultiDict({"allowed_origins": "https://a.example\nnonsense", "proof": "auto"}))
    assert not form.validate()
    assert "nonsense" in form.allowed_origins.errors[0]
