"""Pages speak their reader's language: the agent's, the business's, or on public pages the visitor's."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask_babel import force_locale

from app.languages import TRANSLATIONS, closest_language, gettext, language_codes
from app.models import Agent, PluginValue
from app.services import accounts
from app.services.core import SYSTEM, writing
from app.services.settings import put_setting
from tests.integration.web.visitor import Visitor

ROOT = Path(__file__).parents[3]
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.fixture(scope="session", autouse=True)
def catalogues():
    """Compiled, as `make test` does before anything runs."""
    folders = [path.parents[1] for path in ROOT.glob("*/**/LC_MESSAGES/*.po") if not path.with_suffix(".mo").exists()]
    if folders:
        subprocess.run(["sh", TRANSLATIONS / "compile.sh", Path(sys.executable).parent], cwd=ROOT, check=True)
        language_codes.cache_clear()


@pytest.fixture
def form_path(core, visitor) -> str:
    """The address of a contact form whose texts were left to us."""
    form = accounts.create_account(
        core, SYSTEM, plugin="webform", name="Website", settings={}, secrets={}, is_tested=False
    )
    row = core.session.query(PluginValue).filter_by(plugin="webform", key=f"account:{form}").one()
    return f"/plugins/webform/f/{row.value}"


def speak(core, visitor: Visitor, language: str) -> None:
    with writing(core) as unit:
        unit.session.get_one(Agent, visitor.agent_id).language = language


def business_speaks(core, language: str) -> None:
    with writing(core) as unit:
        put_setting(unit, "language", language)


def heading(answer) -> str:
    return re.search(r"<h1[^>]*>(.*?)</h1>", answer.text)[1]


def test_an_agent_reads_their_own_language_whatever_the_browser_asks_for(core, agent):
    speak(core, agent, "de")
    page = agent.get("/", headers={"Accept-Language": "fr"})

    assert '<html lang="de"' in page.text
    assert heading(page) == "Posteingang"


def test_a_new_agent_reads_that_of_the_business_until_they_choose(core, agent):
    business_speaks(core, "es")
    assert '<option selected value="es">' in agent.get("/profile").text


def test_an_agent_without_a_language_reads_that_of_the_business(core, agent):
    business_speaks(core, "pl")
    assert heading(agent.get("/", headers=GERMAN)) == "Skrzynka odbiorcza"


def test_sign_in_asks_the_browser_where_nothing_else_is_known(visitor):
    assert "Anmelden" in visitor.get("/login", headers=GERMAN).text
    assert "Sign in" in visitor.get("/login", headers={"Accept-Language": "ja"}).text


def test_the_profile_offers_every_catalogue_by_its_own_name(agent):
    page = agent.get("/profile").text
    select = re.search(r'<select[^>]*name="language".*?</select>', page, re.DOTALL)[0]
    named = dict(re.findall(r'<option[^>]*value="(\w+)"[^>]*>([^<]+)<', select))
    assert {
        "de": "Deutsch",
        "en": "English",
        "es": "Español",
        "fr": "Français",
        "pl": "Polski",
    }.items() <= named.items()


def test_forms_of_plugins_are_translated_with_their_choices_and_problems(core, admin):
    speak(core, admin, "de")
    page = admin.get("/accounts/connect/mailbox").text
    assert "Kunden schreiben an diese Adresse" in page
    assert ">Von einem IMAP-Server abgerufen</option>" in page

    refused = admin.post("/accounts/connect/mailbox", {"account_name": "x" * 121, "address": "nobody"}).text
    assert "Das ist keine E-Mail-Adresse." in refused, "what the plugin says"
    assert "Feld kann nicht länger als 120 Zeichen sein." in refused, "what WTForms says"


def test_refusals_of_services_are_translated(core, agent, conversation):
    speak(core, agent, "fr")
    refused = agent.post("/conversations/1/note", {"body": " "})
    assert "Écrivez d’abord quelque chose." in refused.text
    assert "Aucune conversation ne porte le numéro 99." in agent.get("/conversations/99").text


def test_a_team_keeps_the_name_it_was_given(core, admin):
    from app.services import agents

    agents.create_team(core, SYSTEM, "Inbox", [])
    speak(core, admin, "de")
    assert ">Inbox</option>" in admin.get("/accounts/connect/mailbox").text


def test_a_public_form_speaks_the_visitors_language(form_path, visitor):
    page = visitor.get(form_path, headers=GERMAN)

    assert '<html lang="de"' in page.text
    assert heading(page) == "Schreiben Sie uns"
    assert "Höchstens 5 Dateien, zusammen 10 MB." in page.text
    assert heading(visitor.get(f"{form_path}?lang=es", headers=GERMAN)) == "Contacte con nosotros"


def test_a_public_form_goes_on_in_the_language_that_was_asked_for(form_path, visitor):
    refused = visitor.post(f"{form_path}?lang=fr", {"name": "", "email": "nobody"}, csrf=False)
    assert "Veuillez nous indiquer votre nom." in refused.text
    assert "Votre message n’a pas encore été envoyé." in refused.text


def test_a_public_form_falls_back_to_the_business_and_ignores_the_agent(core, form_path, visitor, agent):
    business_speaks(core, "pl")
    speak(core, agent, "de")
    assert heading(visitor.get(form_path, headers={"Accept-Language": "ja"})) == "Kontakt"
    assert heading(agent.get(form_path, headers={"Accept-Language": "fr"})) == "Contactez-nous"
    assert heading(visitor.get(f"{form_path}?lang=../..", headers={"Accept-Language": "es"})) == "Contacte con nosotros"


def test_the_script_gets_its_texts_in_the_language_of_the_page_around_it(form_path, visitor):
    answer = visitor.get(f"{form_path}/form.json?lang=pl", headers=GERMAN).json
    texts = json.loads(answer["html"][1]["data-facts"])["texts"]
    assert (answer["title"], texts["sending"]) == ("Kontakt", "Wysyłanie…")
    assert answer["fields"][0]["label"] == "Imię i nazwisko"


def test_own_words_of_a_business_are_never_translated(core, visitor):
    settings = {"title": "Sent", "thanks": "Inbox"}
    form = accounts.create_account(
        core, SYSTEM, plugin="webform", name="Website", settings=settings, secrets={}, is_tested=False
    )
    row = core.session.query(PluginValue).filter_by(plugin="webform", key=f"account:{form}").one()
    assert heading(visitor.get(f"/plugins/webform/f/{row.value}", headers=GERMAN)) == "Sent"


def test_a_text_can_be_had_in_any_language_outside_of_pages(core):
    assert gettext("Contact us", "de") == "Schreiben Sie uns"
    assert gettext("Contact us", "xx") == "Contact us"
    assert gettext("", "de") == ""
    with force_locale("fr"):
        assert gettext("Inbox") == "Boîte de réception"
        assert gettext("Inbox", "es") == "Bandeja de entrada"
        assert gettext("Inbox") == "Boîte de réception"


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("de", "de"), ("de-CH", "de"), ("es_MX", "es"), ("EN-gb", "en"), ("ja", ""), ("", ""), ("*", "")],
)
def test_the_closest_language_is_found(wanted, language):
    assert closest_language(wanted) == language
