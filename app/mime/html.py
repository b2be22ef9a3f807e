"""HTML of mails: made safe, made private, made readable as text."""

from __future__ import annotations

import re
from html import escape, unescape

import nh3


def sanitize_html(html: str) -> str:
    return nh3.clean(html, url_schemes={"http", "https", "mailto", "tel", "cid"})


def block_remote_images(html: str) -> tuple[str, int]:
    return re.subn(r'(<img\b[^>]*?)\ssrc="(https?://[^"]*)"', r'\1 data-blocked-src="\2"', html)


def html_to_text(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", html)).strip()


def text_to_html(text: str) -> str:
    return "<div>" + escape(text).replace("\n", "<br>\n") + "</div>"
