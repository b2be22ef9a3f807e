"""Forms as files: what goes out comes in again, and foreign files are shown before anything is made of them."""

import json
from dataclasses import replace

import pytest

from forms.definitions import Routing, write_definition
from plugins.webform.building.exchange import UnreadableFile, export_text, read_file
from plugins.webform.building.tests.factories import create_admin
from plugins.webform.storing.tests.factories import create_definition
from plugins.webform.storing.versions import current

ROUTED = create_definition(routing=Routing(team_id=4, tags=("web",)))


def test_export_comes_in_again_as_it_was():
    text = export_text("Shop", ROUTED, {4: "Support"})
    (found,) = read_file(text, {4: "Support"}, str)
    assert (found.title, found.definition, found.remarks) == ("Shop", ROUTED, ())


def test_teams_are_found_by_their_names():
    text = export_text("Shop", ROUTED, {4: "Support"})
    (found,) = read_file(text, {9: "Support", 4: "Sales"}, str)
    assert found.definition.routing == Routing(team_id=9, tags=("web",))


def test_team_that_is_not_here_is_told():
    (found,) = read_file(export_text("Shop", ROUTED, {4: "Support"}), {4: "Sales"}, str)
    assert found.definition.routing.team_id is None
    assert found.remarks == ("There is no team Support here; choose another one in the builder.",)


@pytest.mark.parametrize("text", ["", "  ", "nonsense", "{}", "[1, 2]", "7", "{" * 50_000, "<rss></rss>", "[" * 50_000])
def test_file_of_something_else_is_refused(text):
    with pytest.raises(UnreadableFile):
        read_file(text, {}, str)


def test_broken_export_says_where_it_is_broken():
    broken = json.loads(export_text("Shop", create_definition(), {}))
    broken["definition"]["steps"][0]["fields"][0]["kind"] = "smell"
    with pytest.raises(UnreadableFile) as caught:
        read_file(json.dumps(broken), {}, str)
    assert caught.value.details[0].startswith("steps[0].fields[0].kind: ")


def test_export_is_a_file_named_after_the_form():
    admin = create_admin()
    admin.host.put_account(replace(admin.host.account(1), name="Größe & Co. 7"))
    answer = admin.ask("/forms/1/export")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="form-groe-co-7.json"'
    assert json.loads(answer.data)["definition"] == write_definition(create_definition())


def test_import_shows_what_it_found_and_makes_nothing():
    admin = create_admin()
    admin.upload("/forms/import", "form.json", export_text("Shop", ROUTED, {4: "Support"}).encode())
    (card,) = admin.host.page.cards
    assert card.title == "Shop"
    assert card.fields == (("E-mail", "E-mail", True), ("Message", "Long text", True))
    assert len(card.remarks) == 1
    assert admin.host.account(2) is None


def test_form_that_was_shown_is_made():
    admin = create_admin()
    admin.upload("/forms/import", "form.json", export_text("Shop", create_definition("Ask"), {}).encode())
    (card,) = admin.host.page.cards
    answer = admin.post("/forms/import/make", definition=card.definition, name="Second shop")
    assert answer.location == "/plugins/webform/forms/2"
    assert current(admin.host, admin.host.account(2)).definition == create_definition("Ask")


def test_form_of_contact_form_7_is_pasted():
    admin = create_admin()
    admin.post("/forms/import", text='<label>Your name [text* your-name]</label>\n[email* your-email]\n[submit "Send"]')
    (card,) = admin.host.page.cards
    assert [is_required for _, _, is_required in card.fields] == [True, True]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("", b"", "Choose a file, or paste what is in it."),
        ("x.json", b"{}", "This is no export"),
        ("x.bin", b"\xff\xfe\x00", "This is no export"),
        ("x.json", b" " * 5_000_001, "The file is too large"),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_a_sentence(name, content, sentence):
    admin = create_admin()
    assert admin.upload("/forms/import", name, content).status_code == 200
    assert admin.host.page.problem.startswith(sentence)


@pytest.mark.parametrize("definition", ["", "{}", "[]", "nonsense", "[" * 50_000])
def test_form_that_was_tampered_with_is_not_made(definition):
    admin = create_admin()
    admin.post("/forms/import/make", definition=definition, name="Bad")
    assert admin.host.page.problem
    assert admin.host.account(2) is None


def test_foreign_form_is_read_in_the_language_that_was_chosen():
    admin = create_admin()
    admin.post("/forms/import", text="<label>Imię [text* imie]</label>", language="pl")
    (card,) = admin.host.page.cards
    assert json.loads(card.definition)["languages"] == ["pl"]
