"""The tree of a form says what its HTML says, and nothing comes through that no form needs."""

import pytest

from plugins.webform.visiting.tree import UnexpectedMarkup, tree_of


def test_elements_attributes_and_texts_keep_their_order():
    html = (
        '<div class="tf-root" hidden>\n  <p>One <b>two</b> three &amp; four</p>\n  <input name="a" required>\n</div>\n'
    )
    assert tree_of(html) == [
        "div",
        {"class": "tf-root", "hidden": ""},
        [["p", {}, ["One ", ["b", {}, ["two"]], " three & four"]], ["input", {"name": "a", "required": ""}, []]],
    ]


def test_a_space_between_words_stays_and_one_between_blocks_goes():
    assert tree_of("<p><b>a</b> <i>b</i></p>")[2] == [["b", {}, ["a"]], " ", ["i", {}, ["b"]]]
    assert tree_of("<div>\n<p></p>\n<p></p>\n</div>")[2] == [["p", {}, []], ["p", {}, []]]


def test_what_was_typed_stays_as_it_is():
    assert tree_of("<textarea>\r\n a\n\n b </textarea>")[2] == [" a\n\n b "]
    assert tree_of("<textarea>\n</textarea>")[2] == [""]


@pytest.mark.parametrize(
    "html",
    [
        "<div><script>alert(1)</script></div>",
        '<div style="color:red"></div>',
        '<div onclick="x()"></div>',
        '<a href="javascript:x()">x</a>',
        '<a href=" data:text/html,x">x</a>',
        '<img src="x">',
        "<div><p></div>",
        "<div>",
        "<p></p><p></p>",
        "text <p></p>",
        "",
    ],
)
def test_what_no_form_needs_is_refused(html):
    with pytest.raises(UnexpectedMarkup):
        tree_of(html)
