"""The pages as visitors' browsers get them."""

import re

import pytest

from plugins import webform
from plugins.webform.tests.factories import PageHost, Visitor

NASTY = '"><script>alert(1)</script>{{ 7 * 7 }}'


@pytest.fixture
def ada() -> Visitor:
    return Visitor(PageHost(title="Help <me>", intro="First.\n\nSecond.", thanks="Thanks.\nBye."))


def html_of(visitor: Visitor, part: str = "", **options: object) -> str:
    return visitor.ask(f"/f/{visitor.key}{part}", **options).get_data(as_text=True)


def test_the_page_needs_no_script_and_holds_nothing_inline(ada):
    html = html_of(ada)
    assert re.search(r'<form[^>]*method="post"[^>]*enctype="multipart/form-data"', html)
    assert "style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)


def test_the_page_says_what_its_definition_says(ada):
    html = html_of(ada)
    assert "<title>Help &lt;me&gt; · Boots &amp; Co</title>" in html
    assert re.findall(r'<p class="lead">(.*?)</p>', html) == ["First.", "Second."]
    assert "Thanks." in html_of(ada, "/thanks")


@pytest.mark.parametrize("part", ["", "/frame"])
def test_what_was_typed_is_shown_again_as_text(ada, part):
    token = ada.open(part)
    html = ada.post(token, part, name=NASTY, email=NASTY, message=NASTY).get_data(as_text=True)
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}") == 3


def test_each_problem_is_tied_to_its_field_and_listed_above(ada):
    html = ada.post(ada.open(), email="nobody", message="").get_data(as_text=True)
    for name in ("email", "message"):
        control = re.search(rf'<(?:input|textarea)[^>]*id="tf-{name}"[^>]*>', html)
        assert control
        assert 'aria-invalid="true"' in control[0]
        assert f"tf-{name}-problem" in re.search(r'aria-describedby="([^"]*)"', control[0])[1]
        assert f'<a href="#tf-{name}">' in html
        assert f'id="tf-{name}-problem"' in html
    assert 'role="alert"' in html


def test_the_trap_is_out_of_everybodys_way(ada):
    trap = re.search(r'<div class="tf-trap" aria-hidden="true">.*?</div>', html_of(ada), re.DOTALL)
    assert trap
    assert 'tabindex="-1"' in trap[0]
    assert 'autocomplete="off"' in trap[0]


@pytest.mark.parametrize(
    ("part", "theme"),
    [
        ("", "auto"),
        ("/frame", "light"),
        ("/frame?theme=dark", "dark"),
        ('/frame?theme="x', "light"),
        ("?theme=dark", "dark"),
    ],
)
def test_a_frame_is_light_unless_told_otherwise(ada, part, theme):
    assert f'data-theme="{theme}"' in html_of(ada, part)


def test_a_closed_form_shows_no_form(ada):
    ada.host.paused.add(1)
    html = html_of(ada)
    assert "<form" not in html
    assert "This form is closed" in html


def test_the_account_panel_shows_the_line_ready_to_copy_and_the_ways_on(ada):
    panel, _ = webform.account_panels(ada.host, ada.host.account(1))
    html = ada.host.render(panel.template, **panel.context)
    assert html.count("<input") == html.count("data-copies") == 1
    assert "&lt;script src=" in html
    for part in ("forms/1/share", "forms/1/test", 'forms/1"'):
        assert f'href="/plugins/webform/{part}' in html
    assert "paused" not in html
    ada.host.paused.add(1)
    panel, _ = webform.account_panels(ada.host, ada.host.account(1))
    assert "paused" in ada.host.render(panel.template, **panel.context)
