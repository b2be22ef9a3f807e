"""The lines of JSON that `tidings parse-email` prints."""

import io
import json

from app.mime import as_contract, parse_files, parse_message


def test_each_path_gives_one_line(tmp_path):
    path = tmp_path / "a.eml"
    path.write_bytes(
        b"From: Ada <ada@example.com>\nSubject: =?utf-8?q?gr=C3=BCn?=\nDate: Tue, 5 Mar 2024 10:00:00 +0100\n\nYes\n> no\n"
    )
    out = io.StringIO()
    parse_files([str(path), str(tmp_path / "none.eml")], out)
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert first["file"] == str(path)
    assert first["from"] == {"name": "Ada", "email": "ada@example.com"}
    assert first["subject"] == "grün"
    assert first["date"] == "2024-03-05T09:00:00+00:00"
    assert first["reply_text"] == "Yes"
    assert (first["is_bounce"], first["is_auto_reply"], first["mail_type"], first["bounce"]) == (
        False,
        False,
        "normal",
        None,
    )
    assert set(second) == {"file", "error"}


def test_html_is_given_sanitised():
    row = as_contract("x", parse_message(b"Content-Type: text/html\n\n<p onclick=x>Hi</p><script>y</script>"))
    assert row["html_sanitized"] == "<p>Hi</p>"
