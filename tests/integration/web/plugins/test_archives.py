"""Promises of adding, updating and removing plugins in the browser: read first, agree, and nothing gets lost."""

import io
import re
from dataclasses import replace

import pytest

from app.plugin_host import State
from app.plugin_host.archives import sign_archive
from app.plugin_host.archives.plugin_files import PluginFiles
from app.plugin_host.archives.signatures import add_trusted, create_keys, read_private_key
from tests.integration.web.plugins.archives import CODE, PERMISSIONS, weather


@pytest.fixture
def installation(installation):
    return replace(installation, allow_uploads=True)


@pytest.fixture
def upload(admin):
    """Return a function that uploads an archive and gives the address of the page that shows it."""

    def send(data, filename="weather.zip"):
        return admin.post("/settings/plugins/uploaded-file", {"archive": (io.BytesIO(data), filename)}).location

    return send


@pytest.fixture
def weather_on(admin, upload):
    """Version 1.0, uploaded and switched on."""
    admin.post(upload(weather()), {"answer": "agree"})


def state_of(core, name="weather"):
    return core.plugins.info(name).state


def test_an_upload_is_read_before_any_of_it_runs(admin, core, upload):
    address = upload(weather(hosts=("api.weather.example",), permissions=(*PERMISSIONS, "network")))
    page = admin.get(address).text

    for words in ("Weather asks to …", "Read conversations and messages", "api.weather.example", "unsigned", "by Ada"):
        assert words in page
    assert "weather" not in {info.name for info in core.plugins.infos()}

    admin.post(address, {"answer": "cancel"})
    assert admin.get(address).status_code == 404


def test_what_was_agreed_to_is_installed_and_works_at_once(admin, core, upload):
    answer = admin.post(upload(weather()), {"answer": "agree"})

    assert answer.location == "/settings/plugins/weather"
    page = admin.get(answer.location).text
    assert "Weather is installed and switched on." in page
    for words in ("Says whether it <em>rains</em>.", "every 1 hour", "/plugins/weather/today", "message_received"):
        assert words in page
    assert state_of(core) is State.ACTIVE


def test_a_plugin_can_be_installed_and_left_off(admin, core, upload):
    admin.post(upload(weather()), {"answer": "install"})

    assert state_of(core) is State.INACTIVE
    assert "/settings/plugins/weather/agree" in admin.get("/settings/plugins?show=off").text


@pytest.mark.parametrize("data", [b"", b"no archive at all", weather(permissions=("rule_the_world",))])
def test_what_is_no_plugin_is_refused_with_a_sentence(admin, core, upload, data):
    assert upload(data).startswith("/settings/plugins#upload")
    assert 'class="toast error"' in admin.get("/settings/plugins").text
    assert list(PluginFiles(core.config.home).staged.glob("*/*")) == []


def test_an_update_marks_what_is_new_and_goes_back(admin, core, upload, weather_on):
    address = upload(weather("1.1", permissions=(*PERMISSIONS, "network"), hosts=("api.weather.example",)))
    page = admin.get(address).text
    assert "Version 1.0 → 1.1" in page
    assert page.count('class="badge warn">New') == 2

    admin.post(address, {"answer": "agree"})
    assert core.plugins.info("weather").version == "1.1"
    assert "Go back to 1.0" in admin.get("/settings/plugins/weather").text

    admin.post("/settings/plugins/weather/go-back")
    assert (core.plugins.info("weather").version, state_of(core)) == ("1.0", State.ACTIVE)
    audit = admin.get("/audit").text
    for words in ("Uploaded version 1.1, unsigned", "Updated from 1.0 to 1.1", "Went back from 1.1 to 1.0"):
        assert words in audit


def test_an_update_that_lost_the_signature_it_had_says_so(admin, core, upload, tmp_path):
    create_keys(tmp_path / "ada.key", tmp_path / "ada.pub")
    key = read_private_key(tmp_path / "ada.key")
    add_trusted(PluginFiles(core.config.home).trusted_keys, "ada", tmp_path / "ada.pub")
    admin.post(upload(sign_archive(weather(), key, "Ada")), {"answer": "agree"})
    warning = "The version that is installed is signed by ada; this one is not."

    create_keys(tmp_path / "other.key", tmp_path / "other.pub")
    by_namesake = sign_archive(weather("1.1"), read_private_key(tmp_path / "other.key"), "ada")
    for data in (weather("1.1"), by_namesake):
        assert warning in admin.get(upload(data)).text
    assert warning not in admin.get(upload(sign_archive(weather("1.1"), key, "Ada"))).text


def test_an_update_that_cannot_start_leaves_the_old_version_running(admin, core, upload, weather_on, monkeypatch):
    monkeypatch.setattr(core.plugins._plugins, "_raise_errors", False)
    admin.post(upload(weather("1.1", code="raise RuntimeError('no rain')")), {"answer": "agree"})

    assert "no rain" in admin.get("/settings/plugins").text
    assert (core.plugins.info("weather").version, state_of(core)) == ("1.0", State.ACTIVE)


def test_an_older_version_is_stopped_with_a_sentence(admin, upload, weather_on):
    page = admin.get(upload(weather("0.9"))).text

    assert "cannot be installed" in page
    assert "Version 1.0 is installed, which is newer" in page
    assert 'value="agree"' not in page


def test_settings_are_saved_and_their_history_shows_no_secret(admin, core, weather_on):
    assert admin.post("/settings/plugins/weather/settings", {"city": ""}).status_code == 422
    admin.post("/settings/plugins/weather/settings", {"city": "Berlin", "api_key": "s3cret"})
    page = admin.get("/settings/plugins/weather/settings").text

    assert 'value="Berlin"' in page
    assert "City" in page
    assert "was entered anew" in page
    assert "s3cret" not in page
    assert admin.get("/plugins/weather/today").text == "Rain in Berlin"
    surprising = admin.post("/settings/plugins/weather/settings", {"city": "Rome", "surprise": "1"})
    assert surprising.status_code == 422
    assert "There is no setting of this name." in surprising.text


def test_nothing_is_removed_unless_its_name_is_typed(admin, core, weather_on):
    admin.post("/settings/plugins/weather/settings", {"city": "Berlin"})
    page = admin.get("/settings/plugins/weather/uninstall").text
    assert "city" in page
    assert "The plugin itself" in page

    wrong = admin.post("/settings/plugins/weather/uninstall", {"typed": "whether"})
    assert wrong.status_code == 422
    assert "Type weather, exactly as it is written here." in wrong.text
    assert state_of(core) is State.ACTIVE


def test_a_removed_plugin_comes_back_from_its_archive(admin, core, upload, weather_on):
    admin.post("/settings/plugins/weather/settings", {"city": "Berlin"})
    gone = admin.post("/settings/plugins/weather/uninstall", {"typed": "weather"})
    page = admin.get(gone.location).text
    assert "Weather is removed" in page
    archive = admin.get(re.search(r'href="(/settings/plugins/removed-plugin/[^"]+)"', page)[1])
    assert archive.headers["Content-Disposition"].startswith("attachment; filename=weather-1.0")
    assert admin.get("/settings/plugins/weather").status_code == 404

    admin.post(upload(archive.data), {"answer": "agree"})

    assert state_of(core) is State.ACTIVE
    assert 'value="Berlin"' in admin.get("/settings/plugins/weather/settings").text


def test_of_what_came_with_tidings_only_what_it_stored_goes(admin, core, create_account):
    create_account("echo", name="Desk echo")
    page = admin.get("/settings/plugins/echo/uninstall").text

    assert "Switch off Echo and delete everything it stored?" in page
    assert "Desk echo" in page
    assert "its code stays" in page


def test_uploads_are_for_admins_and_only_where_they_are_allowed(agent, admin, tidings_app, core):
    refused = agent.post("/settings/plugins/uploaded-file", {"archive": (io.BytesIO(weather()), "weather.zip")})
    assert refused.status_code == 403
    assert admin.post("/settings/plugins/uploaded-file", {}, csrf=False).status_code == 400

    tidings_app.extensions["tidings"] = replace(core, config=replace(core.config, allow_uploads=False))
    admin.post("/settings/plugins/uploaded-file", {"archive": (io.BytesIO(weather()), "weather.zip")})
    assert "Uploading plugins is switched off here." in admin.get("/settings/plugins").text


def test_a_broken_plugin_says_what_is_wrong_and_heals_by_switching_it_off(admin, core, upload, monkeypatch):
    monkeypatch.setattr(core.plugins._plugins, "_raise_errors", False)
    admin.post(upload(weather(code=CODE + "\nraise RuntimeError('thunder')\n")), {"answer": "agree"})
    page = admin.get("/settings/plugins").text

    assert "Quarantined" in page
    assert "thunder" in page
    admin.post("/settings/plugins/weather/off")
    assert state_of(core) is State.INACTIVE
