"""What is copied works where it is pasted."""

import json
import re
import subprocess

import pytest

from plugins.webform.sharing.snippets import FormAddresses, policy_lines, snippets
from plugins.webform.sharing.tests.node import NODE

PAGE = "https://inbox.example.com/plugins/webform/f/Kx_7-aB"
ADDRESSES = FormAddresses("Kx_7-aB", PAGE, "https://inbox.example.com/plugins/webform/embed.js")
VALUES = {"name": 'Ada\'s "boots"', "topics": ["a", "b"]}
MADE = snippets(ADDRESSES, title='Tell <us> "all"', invitation="Ben's & Ada's", values=VALUES)


@pytest.mark.parametrize("name", ["inline", "button", "modal", "frame"])
def test_nothing_inline_is_needed(name):
    html = getattr(MADE, name)
    assert "style=" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"\son\w+=", html)


def test_each_way_names_script_and_form_and_does_without_script():
    assert f'<script src="{ADDRESSES.script}" data-form="Kx_7-aB" async></script>' in MADE.inline
    assert f'<noscript><iframe src="{PAGE}/frame"' in MADE.inline
    assert 'data-mode="button"' in MADE.button
    assert f'<noscript><a href="{PAGE}">' in MADE.button
    assert f'<a href="{PAGE}" data-tidings-open="Kx_7-aB">' in MADE.modal
    assert 'data-mode="modal"' in MADE.modal
    assert "data-form" not in MADE.frame


def test_button_and_window_are_named_in_the_words_of_the_form():
    label = 'data-label="Ben&#x27;s &amp; Ada&#x27;s"'
    assert label in MADE.button
    assert label in MADE.modal


def test_words_of_the_form_are_escaped():
    assert 'title="Tell &lt;us&gt; &quot;all&quot;"' in MADE.frame
    assert "Ben&#x27;s &amp; Ada&#x27;s" in MADE.modal


def test_the_wordpress_code_takes_words_as_they_are():
    tricky = snippets(ADDRESSES, title="Ada's \\ boots", invitation="", values={})
    assert "esc_html( 'Ada\\'s \\\\ boots' )" in tricky.wordpress
    assert "'key'   => 'Kx_7-aB'" in tricky.wordpress
    assert f"'{PAGE.removesuffix('Kx_7-aB')}' . rawurlencode" in tricky.wordpress
    assert "@" not in tricky.wordpress
    assert tricky.shortcode == '[tidings_form key="Kx_7-aB"]'
    for opening, closing in ("()", "{}"):
        assert tricky.wordpress.count(opening) == tricky.wordpress.count(closing)


def test_the_curl_lines_post_the_token_and_the_values():
    """The shell itself takes the lines apart; a function stands in for the program."""
    line = MADE.curl.split("\n", 2)[2]
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}; token=secret-token; {line}"
    words = (
        subprocess.run(["sh", "-c", script], capture_output=True, check=True, timeout=10).stdout.decode().split("\0")
    )
    assert words[1] == ADDRESSES.submit
    assert json.loads(words[words.index("-d") + 1]) == {"token": "secret-token", **VALUES}


def test_the_javascript_sends_what_the_door_takes():
    stubs = """
      globalThis.location = { href: "https://shop.example/" };
      globalThis.fetch = async (address, options) => {
        if (options) console.log(JSON.stringify([address, options.method, options.headers, JSON.parse(options.body)]));
        return { json: async () => (options ? { ok: true } : { token: "t-1" }) };
      };
    """
    command = [*NODE, "--input-type=module", "-e", stubs + MADE.fetch]
    printed = subprocess.run(command, capture_output=True, check=True, timeout=30, text=True).stdout
    address, method, headers, body = json.loads(printed)
    assert (address, method, headers) == (ADDRESSES.submit, "POST", {"Content-Type": "application/json"})
    assert body == {"token": "t-1", "page": "https://shop.example/", **VALUES}


def test_the_policy_lines_name_our_origin_only():
    lines = policy_lines(ADDRESSES.origin)
    assert {line.directive.split()[0] for line in lines} == {"script-src", "connect-src", "frame-src", "form-action"}
    assert all(line.directive.endswith(" https://inbox.example.com") for line in lines)
