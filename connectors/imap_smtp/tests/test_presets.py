"""The table of providers is consistent and found by address and by mail exchanger."""

from __future__ import annotations

from collections import Counter

import pytest

from connectors.imap_smtp import PRESETS, preset_for_address, preset_for_host, preset_for_mx


@pytest.mark.parametrize(
    ("address", "key"),
    [("ada@gmail.com", "gmail"), ("Ada@GoogleMail.com", "gmail"), ("a@web.de", "web.de"), ("a@me.com", "icloud")],
)
def test_preset_is_found_by_address(address: str, key: str) -> None:
    preset = preset_for_address(address)

    assert preset is not None
    assert preset.key == key


def test_preset_is_none_for_an_unknown_domain() -> None:
    assert preset_for_address("ada@example.test") is None
    assert preset_for_address("nonsense") is None
    assert preset_for_mx(["mx.example.test", "notgoogle.com"]) is None


@pytest.mark.parametrize(
    ("exchanger", "key"),
    [
        ("aspmx.l.google.com.", "gmail"),
        ("SMTP.GOOGLE.COM", "gmail"),
        ("acme-test.mail.protection.outlook.com", "microsoft365"),
        ("outlook-com.olc.protection.outlook.com", "outlook"),
        ("mx00.kundenserver.de", "ionos.de"),
        ("in1-smtp.messagingengine.com", "fastmail"),
        ("mx.zoho.com", "zoho.pro"),
    ],
)
def test_preset_of_an_own_domain_is_found_by_its_mail_exchanger(exchanger: str, key: str) -> None:
    preset = preset_for_mx(["mx.unknown.test", exchanger])

    assert preset is not None
    assert preset.key == key


@pytest.mark.parametrize(
    ("host", "key"),
    [("imap.gmail.com", "gmail"), ("Outlook.Office365.com.", "microsoft365"), ("imappro.zoho.eu", "zoho.pro.eu")],
)
def test_preset_is_found_by_its_server(host: str, key: str) -> None:
    preset = preset_for_host(host)

    assert preset is not None
    assert preset.key == key
    assert preset_for_host("imap.example.test") is None


def test_presets_name_every_domain_and_key_once_and_never_go_unencrypted() -> None:
    domains = Counter(domain for preset in PRESETS for domain in preset.domains)
    suffixes = Counter(suffix for preset in PRESETS for suffix in preset.mx_suffixes)
    keys = Counter(preset.key for preset in PRESETS)

    assert {name for count in (domains, suffixes, keys) for name, times in count.items() if times > 1} == set()
    assert all("none" not in (preset.imap.security, preset.smtp.security) for preset in PRESETS)
    assert all(preset.hint and preset.help_url for preset in PRESETS if preset.auth[0] != "password")
