"""HTML of mails made safe to show, and private: nothing runs, nothing leaves the message, images can be held back.

How HTML becomes readable text is in `html_text`.
"""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from typing import Any

import nh3

MAX_HTML = 2_000_000  # characters; nobody reads more, and the mail itself is kept whole
_MANY_TAGS = 1500
_MAX_DEPTH = 200
_MAX_STYLING = 30


def names(text: str) -> set[str]:
    """The words of `text`; for tables of tag names."""
    return set(text.split())


_TAGS = names(
    "a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del "
    "details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark "
    "nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead "
    "time tr tt u ul var wbr"
)
_DROPPED_WITH_CONTENT = {"script", "style", "title", "svg", "math", "template", "xml", "noframes", "noembed"}
_CELL = {"align", "valign", "width", "height", "bgcolor", "nowrap"}
_ATTRIBUTES = {
    "*": {"dir", "lang", "title", "style", "align"},
    "a": {"href", "hreflang", "name"},
    "img": {"src", "alt", "width", "height", "border", "hspace", "vspace"},
    "font": {"color", "face", "size"},
    "table": {"width", "height", "border", "cellpadding", "cellspacing", "bgcolor", "summary"},
    "tr": _CELL, "td": _CELL | {"colspan", "rowspan", "headers"}, "tbody": _CELL, "thead": _CELL, "tfoot": _CELL,
    "th": _CELL | {"colspan", "rowspan", "scope"}, "col": {"span", "width"}, "colgroup": {"span", "width"},
    "ol": {"start", "type", "reversed"}, "ul": {"type"}, "li": {"value"}, "hr": {"size", "width", "color"},
    "q": {"cite"}, "blockquote": {"cite", "type"}, "time": {"datetime"}, "details": {"open"}, "p": {"align"},
}  # fmt: skip
# Properties that change how the message looks, none that moves it out of its frame or loads anything.
_STYLES = names(
    "color background-color font font-family font-size font-style font-weight font-variant line-height "
    "letter-spacing word-spacing text-align text-decoration text-indent text-transform vertical-align white-space "
    "word-break word-wrap overflow-wrap direction unicode-bidi width height max-width max-height min-width "
    "min-height padding padding-top padding-right padding-bottom padding-left margin margin-top margin-right "
    "margin-bottom margin-left border border-top border-right border-bottom border-left border-color border-style "
    "border-width border-radius border-collapse border-spacing table-layout list-style-type display float clear "
    "border-top-color border-top-style border-top-width border-bottom-color border-bottom-style "
    "border-bottom-width border-left-color border-left-style border-left-width border-right-color "
    "border-right-style border-right-width caption-side empty-cells opacity"
)
_SCHEMES = {"http", "https", "mailto", "tel", "sms", "cid"}
_OPTIONS: dict[str, Any] = {
    "tags": _TAGS,
    "clean_content_tags": _DROPPED_WITH_CONTENT,
    "attributes": _ATTRIBUTES,
    "filter_style_properties": _STYLES,
    "set_tag_attribute_values": {"a": {"target": "_blank"}},
    "link_rel": "noopener noreferrer nofollow",
    "url_relative": "deny",
}
_DATA_IMAGE = re.compile(r"data:image/(?:png|gif|jpe?g|webp|bmp);base64,[A-Za-z0-9+/=\s]*", re.I)
_UNSAFE_STYLE = re.compile(r"\\|/\*|@|expression|(?:url|image|attr|var|env)\s*\(|script|binding|behaviou?r", re.I)
_STYLE_VALUE = re.compile(r' style="([^"]*)"')
_OPENING_TAG = re.compile(r'<[a-z][a-z0-9]*(?: [a-z-]+="[^"]*")+>')  # as the sanitiser writes it
_PLAIN_BACKGROUND = re.compile(
    r"background\s*:\s*(#[0-9a-f]{3,8}|[a-z]{3,20}|rgba?\([\d\s,.%]{5,40}\))\s*(?=[;\"'!])", re.I
)
_MANY_REFERENCES = 20_000
_REFERENCES = re.compile(r"(?:&[^&<>\"']{0,50}){1,2000}")
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)")
_IMAGE = re.compile(r"<img\b(?:[^<>\"]|\"[^\"]*\")*>")
_IMAGE_BEGINS, _MOST_IMAGES = re.compile(r"<img\b", re.I), 1_000
_REMOTE_SOURCE = re.compile(r' src="(https?:[^"]*)"', re.I)
_TINY = re.compile(
    r' (?:width|height)="?[012](?:px)?["\s]|(?:width|height):\s*[012](?:px)?\s*[;"]|display:\s*none', re.I
)
_STYLING = names("a b big code em font i nobr s small strike strong tt u")  # reopened in each new block
_FLAT = names("area base br col embed hr img input link meta param source wbr p li td th tr dt dd option")


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """The careful look at single values, needed only where `data:` images or odd styles are."""
    if name == "style":
        return None if _UNSAFE_STYLE.search(value) else value
    if value.lstrip().lower().startswith("data:"):
        return value if tag == "img" and name == "src" and _DATA_IMAGE.fullmatch(value.strip()) else None
    return value


_FAST = nh3.Cleaner(url_schemes=_SCHEMES, **_OPTIONS)
_CAREFUL = nh3.Cleaner(url_schemes=_SCHEMES | {"data"}, attribute_filter=_keep_attribute, **_OPTIONS)


def sanitize_html(html: str) -> str:
    """`html` without anything that runs, loads a document or leaves the message; images and looks are kept.

    `cid:` and remote images stay (see `block_remote_images`); so do `style` attributes, with harmless properties.
    """
    html = _with_short_texts(bounded_depth(html[:MAX_HTML].replace("\0", "")))
    if "background" in html or "BACKGROUND" in html:
        html = _PLAIN_BACKGROUND.sub(r"background-color:\1", html)
    if "data:image/" in html:
        return _CAREFUL.clean(html)
    clean = _FAST.clean(html)
    if _has_unsafe_style(clean):
        clean = _OPENING_TAG.sub(_without_unsafe_style, clean)
        return _CAREFUL.clean(html) if _has_unsafe_style(clean) else clean
    return clean


def _has_unsafe_style(clean: str) -> bool:
    """Words that only look like a style count as well."""
    return _UNSAFE_STYLE.search("\n".join(_STYLE_VALUE.findall(clean))) is not None


def _without_unsafe_style(tag: re.Match[str]) -> str:
    return _STYLE_VALUE.sub(lambda style: "" if _UNSAFE_STYLE.search(style[1]) else style[0], tag[0])


def _with_short_texts(html: str) -> str:
    """`html` with a possible break in endless runs of "&": the sanitiser's time grows with their square."""
    if html.count("&") <= _MANY_REFERENCES:
        return html
    return _REFERENCES.sub(lambda run: run[0] + "<wbr>" if run[0].count("&") >= 2000 else run[0], html)


def block_remote_images(html: str) -> tuple[str, int]:
    """(sanitised `html` with remote images held back, how many). The address moves to `data-blocked-src`."""
    blocked = 0

    def hold(match: re.Match[str]) -> str:
        nonlocal blocked
        tag, count = _REMOTE_SOURCE.subn(r' data-blocked-src="\1"', match[0])
        blocked += count
        return tag

    return _IMAGE.sub(hold, html), blocked


def block_tracking_pixels(html: str) -> str:
    """Sanitised `html` whose pictures may be shown, but for those that `count_tracking_pixels` counts."""
    return _IMAGE.sub(lambda tag: block_remote_images(tag[0])[0] if _TINY.search(tag[0]) else tag[0], html)


def count_tracking_pixels(html: str) -> int:
    """How many remote images of `html`, as it came, are too small or hidden to be meant for the reader. Only the tags of images are
    cleaned for that, and of those the first thousand."""
    tags = _image_tags(html)
    return sum(1 for tag in _IMAGE.findall(sanitize_html(tags)) if _REMOTE_SOURCE.search(tag) and _TINY.search(tag))


def _image_tags(html: str) -> str:
    tags: list[str] = []
    at, shown = 0, _without_comments(html[:MAX_HTML])
    while len(tags) < _MOST_IMAGES and (found := _IMAGE_BEGINS.search(shown, at)):
        at = shown.find(">", found.end()) + 1
        if not at:
            break
        tags.append(shown[found.start() : at])
    return "".join(tags)


def _without_comments(html: str) -> str:
    first, *others = html.split("<!--")
    return first + "".join(other.partition("-->")[2] for other in others)


def text_to_html(text: str) -> str:
    """Plain text as HTML that keeps its lines."""
    return "<div>" + escape(text).replace("\n", "<br>\n") + "</div>"


def bounded_depth(html: str) -> str:
    """`html` whose tags nest no deeper than in any reader's mail: parsers grow slow, fail or explode on more.

    A tag too many becomes `meta`, which holds nothing, shows nothing and is dropped in the end.
    """
    if html.count("<") <= _MANY_TAGS:
        return html
    opened: Counter[str] = Counter()
    depth = styled = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth, styled
        name = match[2].lower()
        if name in _FLAT:
            return match[0]
        step = -1 if match[1] else 1
        if step < 0 and not opened[name]:
            return match[0]
        opened[name] += step
        deep = depth >= _MAX_DEPTH or (name in _STYLING and styled >= _MAX_STYLING)
        depth += step
        styled += step if name in _STYLING else 0
        return "<meta" if deep and step > 0 else match[0]

    return _TAG.sub(keep, html)
