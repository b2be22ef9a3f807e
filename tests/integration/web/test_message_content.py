"""Promises of what a mail brings with it: formatting in a frame where nothing runs, pictures on demand, files as downloads."""

import re

from sqlalchemy import select

from app.models import Attachment
from tests.integration.core.mails import create_mail

HTML_MAIL = """From: Cleo <cleo@mail.example.org>
To: help@example.com
Subject: Look
Message-ID: <html@mail.example.org>
MIME-Version: 1.0
Content-Type: multipart/related; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p onclick="evil()">Hello <b>you</b><script>evil()</script><img src="https://tracker.example/p.png"><img src="cid:logo"></p>
--b
Content-Type: image/png
Content-ID: <logo>
Content-Disposition: inline; filename=logo.png
Content-Transfer-Encoding: base64

iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
--b
Content-Type: text/html; name="invoice <1>.html"
Content-Disposition: attachment; filename="=?utf-8?q?Rechnung_=E2=82=AC.html?="

<script>evil()</script>
--b--
"""


def test_formatting_is_shown_in_a_frame_where_nothing_runs(agent, receive_mail):
    receive_mail(HTML_MAIL)
    page = agent.get("/conversations/1").text
    frame = agent.get(re.search(r'<iframe[^>]* src="([^"]+)"', page)[1])

    policy = frame.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert "script" not in frame.text.replace("stylesheet", "")
    assert "onclick" not in frame.text
    assert "<b>you</b>" in frame.text


def test_pictures_from_elsewhere_load_only_when_asked_for(agent, receive_mail):
    receive_mail(HTML_MAIL)
    page = agent.get("/conversations/1").text
    assert "Show pictures" in page
    address = re.search(r'<iframe[^>]* src="([^"]+)"', page)[1]
    blocked, shown = agent.get(address), agent.get(f"{address}?images=1")

    assert ' src="https://tracker' not in blocked.text
    assert "https:" not in blocked.headers["Content-Security-Policy"]
    assert ' src="https://tracker.example/p.png"' in shown.text
    assert "img-src 'self' data: https: http:" in shown.headers["Content-Security-Policy"]


def test_pictures_inside_a_mail_are_shown_from_our_own_address(agent, receive_mail):
    receive_mail(HTML_MAIL)
    page = agent.get("/conversations/1").text
    frame = agent.get(re.search(r'<iframe[^>]* src="([^"]+)"', page)[1])
    picture = agent.get(re.search(r' src="(/attachments/[^"]+)"', frame.text)[1].replace("&amp;", "&"))

    assert picture.mimetype == "image/png"
    assert picture.headers["Content-Disposition"].startswith("inline")


def test_a_file_is_always_a_download_under_its_own_name(agent, receive_mail, core):
    receive_mail(HTML_MAIL)
    file_id = core.session.scalar(select(Attachment.id).where(Attachment.filename.like("Rechnung%")))

    for address in (f"/attachments/{file_id}", f"/attachments/{file_id}?inline=1"):
        answer = agent.post(address)  # of a file that may do harm the agent was asked
        assert answer.mimetype == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "filename*=UTF-8''Rechnung%20%E2%82%AC.html" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.data.strip() == b"<script>evil()</script>"


def test_the_original_is_for_leads(agent, sign_in, receive_mail):
    receive_mail(create_mail(body="As it came"))
    address = "/conversations/1/messages/1/source"

    assert agent.get(address).status_code == 403
    answer = sign_in("Lea", role="lead").get(address)
    assert answer.mimetype == "text/plain"
    assert "Message-ID: <first@mail.example.org>" in answer.text
