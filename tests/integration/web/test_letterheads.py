"""Promises of the pages of letterheads: managers make, change, preview and remove them; nothing posted breaks the preview."""

import io
import struct

import pytest

LOGO = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 480, 80) + b"\0" * 50


def fields(**changes):
    return {"name": "All", "account": "", "team": "", "signature": "", "footer": "", "colour": "", **changes}


def test_managers_alone_come_here(sign_in):
    assert sign_in(role="lead").get("/letterheads").status_code == 403
    assert sign_in(role="lead").post("/letterheads/preview", data=fields()).status_code == 403


def test_a_letterhead_is_made_shown_changed_and_removed(admin):
    made = admin.post("/letterheads/new", data=fields(signature="Lea\nLumen", logo=(io.BytesIO(LOGO), "logo.png")))
    assert made.status_code == 303
    page = admin.get("/letterheads").text
    assert "Lea" in page
    assert "Everybody" in page
    assert "drops_logo" in admin.get("/letterheads/1").text
    assert 'src="data:image/png;base64,' in admin.post("/letterheads/preview?id=1", data=fields()).text
    assert admin.post("/letterheads/1", data=fields(name="Desk", drops_logo="y")).status_code == 303
    assert "drops_logo" not in admin.get("/letterheads/1").text
    assert admin.post("/letterheads/1", data={"action": "delete"}).status_code == 303
    assert admin.get("/letterheads/1").status_code == 404


def test_a_refusal_stands_beside_its_field(admin):
    answer = admin.post("/letterheads/new", data=fields(footer="{{agent.nme}}"))
    assert answer.status_code == 422
    assert "Nothing is known of {{agent.nme}}." in answer.text


def test_a_refused_logo_has_to_be_chosen_again_and_the_page_says_so(admin):
    refused = admin.post("/letterheads/new", data=fields(colour="green", logo=(io.BytesIO(LOGO), "logo.png")))

    assert refused.status_code == 422
    assert "Choose the files again, please." in refused.text


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"signature": "<script>alert(1)</script>"}, "&lt;script&gt;"),
        ({"footer": "{{x}}"}, "Nothing is known of {{x}}."),
        ({"colour": "red;x"}, "A colour is written as"),
        ({"team": "99", "account": "x"}, "As plain text"),
        ({"logo": b"<svg>"}, "This is no picture"),
    ],
    ids=["markup", "placeholder", "colour", "team", "logo"],
)
def test_the_preview_takes_whatever_is_posted(admin, changes, shown):
    files = {name: (io.BytesIO(value), "a.png") for name, value in changes.items() if isinstance(value, bytes)}
    answer = admin.post("/letterheads/preview", data=fields(**{**changes, **files}))
    assert answer.status_code == 200
    assert shown in answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]
