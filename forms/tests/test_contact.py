"""What the contact form takes, what it refuses, and what it says about it."""

import io

import pytest
from werkzeug.datastructures import FileStorage, MultiDict

from forms.contact import MAX_MESSAGE, ContactForm, ContactLimits, clean_text

GOOD = {"name": "Ada Abel", "email": "ada@example.com", "subject": "Order 7", "message": "Where is it?\nAda"}


def create_form(
    limits: ContactLimits | None = None, files: tuple[FileStorage, ...] = (), **changes: str
) -> ContactForm:
    values = MultiDict({**GOOD, **changes})
    values.setlist("files", list(files))
    return ContactForm(values, limits=limits)


def create_file(name: str, size: int) -> FileStorage:
    return FileStorage(io.BytesIO(b"x" * size), filename=name)


def problem_of(form: ContactForm, name: str) -> str:
    form.validate()
    return form.problems.get(name, "")


def test_form_accepts_an_ordinary_message():
    form = create_form()
    assert form.validate(), form.errors
    assert form.message.data == "Where is it?\nAda"


def test_form_names_every_wrong_field():
    form = ContactForm(MultiDict({"name": " ", "email": "nobody", "subject": "x" * 201, "message": "\x00"}))
    assert not form.validate()
    assert list(form.problems) == ["name", "email", "subject", "message"]


@pytest.mark.parametrize(
    "address",
    [
        "nobody",
        "ada@localhost",
        "ada@exa mple.com",
        "ada@example.com, ben@example.com",
        "<ada@example.com>",
        "ada@[127.0.0.1]",
        '"a b"@example.com',
        "ada@example..com",
        "@example.com",
        "ada@example.com\nBcc: ben@example.com",
        "ada@example.com\r\nBcc: ben@example.com",
        "a" * 250 + "@example.com",
    ],
)
def test_form_refuses_an_address_nobody_can_answer(address):
    assert problem_of(create_form(email=address), "email")


@pytest.mark.parametrize(
    "address", ["ada@example.com", "ada+shop@shop.example.com", "άδα@παράδειγμα.gr", "ada@office.local", "ada@b.test"]
)
def test_form_accepts_addresses_of_every_language_and_of_private_networks(address):
    assert problem_of(create_form(email=address), "email") == ""


@pytest.mark.parametrize("name", ["name", "subject"])
def test_form_refuses_a_line_break_where_a_browser_has_none(name):
    assert "one line" in problem_of(create_form(**{name: "Ada\r\nBcc: ben@example.com"}), name)


def test_form_refuses_too_long_a_message_and_says_how_long_it_may_be():
    assert str(MAX_MESSAGE) in problem_of(create_form(message="x" * (MAX_MESSAGE + 1)), "message")


def test_form_refuses_more_files_than_allowed():
    form = create_form(ContactLimits(max_files=3), tuple(create_file(f"{n}.txt", 1) for n in range(200)))
    assert problem_of(form, "files") == "Please choose at most 3 files."


def test_form_refuses_files_that_are_together_too_large_without_losing_them():
    form = create_form(ContactLimits(max_bytes=1_500_000), (create_file("a", 1_000_000), create_file("b", 600_000)))
    assert "1.5 MB" in problem_of(form, "files")
    assert form.chosen_files[0].stream.tell() == 0


def test_form_ignores_the_empty_part_that_browsers_send_for_no_file():
    form = create_form(ContactLimits(max_files=1), (FileStorage(io.BytesIO(), filename=""), create_file("a.txt", 3)))
    assert form.validate(), form.errors
    assert [upload.filename for upload in form.chosen_files] == ["a.txt"]


def test_form_has_no_subject_and_no_files_when_they_are_not_asked_for():
    form = ContactForm(MultiDict(GOOD), limits=ContactLimits(max_files=0, asks_subject=False))
    assert "subject" not in form
    assert "files" not in form
    assert form.validate()
    assert form.chosen_files == []


def test_form_falls_for_no_trap_unless_it_is_filled():
    assert not create_form().is_trapped
    assert create_form(homepage="https://spam.test").is_trapped


def test_clean_text_leaves_only_what_can_be_stored():
    assert clean_text("a\x00b\x1b[0m\u202ec\r\nd\re \ud800 ") == "ab[0mc\nd\ne ?"
    assert clean_text("e\u0301") == "é"
    assert clean_text(None) == ""


class Greek:
    """The smallest catalogue there is."""

    def gettext(self, text: str) -> str:
        return {"Name": "Όνομα", "Please tell us your name.": "Γράψτε το όνομά σας."}.get(text, text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return one if count == 1 else many


def test_form_speaks_the_language_of_its_catalogue():
    form = ContactForm(MultiDict({"name": ""}), meta={"catalogue": Greek()})
    assert form.name.label.text == "Όνομα"
    assert problem_of(form, "name") == "Γράψτε το όνομά σας."
