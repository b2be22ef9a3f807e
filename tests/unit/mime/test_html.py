"""HTML of mails: safe, private, and readable as text."""

import pytest

from app.mime import block_remote_images, count_tracking_pixels, html_to_text, sanitize_html, text_to_html


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="java\tscript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "<iframe src=https://evil.example></iframe>",
        "<object data=x></object><embed src=x>",
        "<form action=https://evil.example><input name=password></form>",
        '<meta http-equiv=refresh content="0;url=https://evil.example">',
        "<link rel=stylesheet href=https://evil.example><base href=https://evil.example>",
        "<svg><script>alert(1)</script></svg><math><mtext></mtext></math>",
        '<div style="width:expression(alert(1))">x</div>',
        '<div style="width:\\65 xpression(alert(1));color:red">x</div>',
        '<div style="background-color:url(javascript:alert(1))">x</div>',
        '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    ],
)
def test_nothing_that_runs_or_loads_survives(html):
    clean = sanitize_html(html).lower()
    for bad in (
        "script",
        "onerror",
        "data:text",
        "svg",
        "<iframe",
        "<object",
        "<form",
        "<input",
        "<meta",
        "<link",
        "<base",
        "expression",
        "url(",
    ):
        assert bad not in clean.replace("&lt;script&gt;", "").replace(
            'title="</noscript><img src=x onerror=alert(1)>"', ""
        )


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ('<img src="cid:l@x" alt="Logo">', 'src="cid:l@x"'),
        ('<img src="data:image/png;base64,AAAA">', "data:image/png;base64,AAAA"),
        ('<p dir="rtl">שלום</p>', '<p dir="rtl">שלום</p>'),
        ('<td colspan="2">x</td>', "x"),
        ('<a href="mailto:a@b.example">x</a>', 'href="mailto:a@b.example"'),
        ('<p style="color:red">x</p>', "color:red"),
        ('<p style="background:#fff">x</p>', "background-color:#fff"),
        ("<table><tr><td bgcolor=red>x</td></tr></table>", 'bgcolor="red"'),
    ],
)
def test_looks_and_meaning_survive(html, kept):
    assert kept in sanitize_html(html).replace(": ", ":")


def test_styles_cannot_leave_the_message():
    clean = sanitize_html('<div style="position:fixed;top:0;z-index:9;color:red">x</div><style>p{color:red}</style>')
    assert "position" not in clean
    assert "z-index" not in clean
    assert "p{" not in clean
    assert "color" in clean


def test_links_open_elsewhere_without_telling_where_from():
    clean = sanitize_html('<a href="https://example.com/">x</a>')
    assert 'target="_blank"' in clean
    assert "noreferrer" in clean


def test_remote_images_are_held_back_and_counted():
    html = sanitize_html(
        '<img src="https://t.example/p.gif" width="1" height="1"><img src="https://x.example/a.png" title="a > b"><img src="cid:l@x">'
    )
    blocked, count = block_remote_images(html)
    assert count == 2
    assert count_tracking_pixels(html) == 1
    assert ' src="https:' not in blocked
    assert 'data-blocked-src="https://x.example/a.png"' in blocked
    assert 'src="cid:l@x"' in blocked


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree"),
        ("<ul><li>a</li><li>b<ol start=3><li>c</li></ol></li></ul>", "- a\n- b\n  3. c"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ('<a href="https://example.com/x">here</a>', "here <https://example.com/x>"),
        ('<a href="https://example.com/">example.com</a>', "example.com"),
        ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<blockquote>old<br>mail</blockquote>new", "> old\n> mail\n\nnew"),
        ("<style>p{}</style><script>x</script><title>t</title>x", "x"),
        ('<div style="display:none">hidden</div>x', "x"),
        ("a&nbsp;&amp;&nbsp;b &lt;c&gt;", "a & b <c>"),
        ("", ""),
        ("<<<", "<<<"),
        ("plain", "plain"),
    ],
)
def test_html_becomes_readable_text(html, text):
    assert html_to_text(html) == text


def test_text_becomes_html_with_its_lines():
    assert text_to_html("a < b\nc") == "<div>a &lt; b<br>\nc</div>"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 50_000 + "deep",
        "<div>" * 50_000 + "deep" + "</div>" * 50_000,
        "".join(f"<font size={i}><p></b>" for i in range(20_000)) + "deep",
        "<" * 300_000 + " deep",
        "&" * 1_000_000 + "deep",
        "<table><tr><td>" * 20_000 + "deep",
        "<a href='https://example.com'>y</a> " * 30_000 + "deep",
    ],
)
def test_hostile_markup_is_answered_in_time(html):
    assert "deep" in html_to_text(html)
    assert "deep" in sanitize_html(html)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<p>Order</p><table><tr><th></th><th>Qty</th><th>Price</th></tr><tr><td><p>Lamp</p></td><td>1</td><td>10,00</td></tr>"
            "<tr><td>Shade<br>red</td><td></td><td>12</td></tr></table><p>Bye</p>",
            "Order\n\n| Qty | Price\nLamp | 1 | 10,00\nShade red | | 12\n\nBye",
        ),
        (
            "<table><tr><td>Order:</td><td>17</td></tr><tr><td>Name:</td><td>Ada</td></tr></table>",
            "Order: 17\nName: Ada",
        ),
        ("<blockquote><table><tr><td>a<td>b<tr><td>c<td>d</table></blockquote>", "> a | b\n> c | d\n>"),
        ("<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>", "a b\nc d"),
        ("<table><tr><td>a<td>b<table><tr><td>x<td>y<tr><td>1<td>2</table></table>", "a b\n\nx | y\n1 | 2"),
    ],
    ids=["data", "labels", "quoted", "layout", "nested"],
)
def test_a_table_of_data_keeps_its_rows_and_columns(html, expected):
    assert html_to_text(html) == expected
