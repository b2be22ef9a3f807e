"""Promises about a plugin as a thing: importing it does nothing, its folder is complete, it says truly what it can do."""

import json
import re
import subprocess
import sys
import tomllib

from app.plugin_api.channel import Capability, Channel, ConnectionReport
from app.plugin_api.testing.network import closed_network
from app.plugin_api.testing.subject import ChannelSubject
from forms.settings import SecretField, SettingsForm

__all__ = ["FolderPromises"]

IMPLEMENTED_BY = {
    Capability.FETCH: "fetch",
    Capability.WATCH: "watch",
    Capability.BACKFILL: "backfill",
    Capability.WEBHOOK: "verify_webhook",
    Capability.SHARED_WEBHOOK: "receive_shared_webhook",
    Capability.SEND: "send",
    Capability.COMPLETE: "complete",
}

LOOKS_SECRET = re.compile(r"password|secret|_token$|^token$|api_key")

WATCHED_IMPORT = """
import importlib.util, json, sys, threading
import tidings
name, folder = sys.argv[1:]
seen = []
FORBIDDEN = {"socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.remove",
             "os.mkdir", "os.rename", "sqlite3.connect"}
def watch(event, args):
    if event in FORBIDDEN:
        seen.append(event)
    elif event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        seen.append(f"open {args[0]}")
threads = threading.active_count()
spec = None
if "." not in name:
    spec = importlib.util.spec_from_file_location(name, folder + "/__init__.py", submodule_search_locations=[folder])
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
sys.addaudithook(watch)
if spec:
    spec.loader.exec_module(module)
else:
    __import__(name)
if threading.active_count() != threads:
    seen.append("a thread")
print("\\nSEEN", json.dumps(seen), flush=True)
"""


class FolderPromises(ChannelSubject):
    """Manifest, files, settings, and import without side effects."""

    def test_importing_the_plugin_does_nothing(self) -> None:
        """No socket, no process, no thread, no file written. In a fresh interpreter, since here it is imported already."""
        done = subprocess.run(
            [sys.executable, "-B", "-c", WATCHED_IMPORT, self.plugin, str(self.folder)],
            env={"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": ""},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"the plugin cannot be imported: {done.stderr[-2000:]}"
        (told,) = [line for line in done.stdout.splitlines() if line.startswith("SEEN ")]
        seen = json.loads(told.removeprefix("SEEN "))
        assert not seen, f"importing the plugin does something: {seen[:5]}"

    def test_the_manifest_is_valid_and_names_the_folder(self) -> None:
        manifest = self.manifest
        names = {manifest.name, f"tidings_plugin_{manifest.name}"}
        assert self.folder.name in names, f"the folder is {self.folder.name}, the manifest says {manifest.name}"
        assert manifest.kind == "channel", 'a plugin with a channel has kind = "channel"'
        assert manifest.is_compatible, "the manifest's `api` does not include this version of the plugin API"

    def test_the_capabilities_are_those_of_the_manifest(self) -> None:
        declared = set(self.manifest.capabilities)
        can = {str(capability) for capability in self.channel_class.capabilities}
        assert declared == can, f"only in the manifest: {declared - can}; only in the channel: {can - declared}"

    def test_each_capability_is_implemented_and_nothing_else_is(self) -> None:
        for capability, method in IMPLEMENTED_BY.items():
            is_implemented = getattr(self.channel_class, method) is not getattr(Channel, method)
            is_declared = capability in self.channel_class.capabilities
            assert is_implemented == is_declared, (
                f"{capability.name}: declared {is_declared}, {method}() written {is_implemented}"
            )

    def test_a_channel_that_begins_can_send(self) -> None:
        can = self.channel_class.capabilities
        assert Capability.BEGIN not in can or Capability.SEND in can, "BEGIN is declared without SEND"

    def test_the_channel_has_a_title_and_a_kind_of_address(self) -> None:
        assert self.channel.title.strip(), "title is empty"
        assert self.channel.address_kind.strip(), "address_kind is empty"
        assert self.channel.poll_interval_s >= 1, "poll_interval_s is less than a second"

    def test_every_setting_has_a_label_and_a_description(self) -> None:
        form_class = self.channel_class.settings_form
        assert issubclass(form_class, SettingsForm), "settings_form is no SettingsForm"
        for name, field in form_class()._fields.items():
            assert field.label.text.strip(), f"{name} has no label"
            is_typed = getattr(field.widget, "input_type", "") != "hidden"
            assert str(field.description).strip() or not is_typed, f"{name} has no description that helps to fill it in"

    def test_secret_settings_are_secret_fields(self) -> None:
        form_class = self.channel_class.settings_form
        for name in form_class.field_names():
            if LOOKS_SECRET.search(name):
                assert name in form_class.secret_names(), f"{name} looks like a secret but is no {SecretField.__name__}"

    def test_the_account_has_only_declared_settings(self) -> None:
        form_class = self.channel_class.settings_form
        plain = set(form_class.field_names()) - form_class.secret_names()
        assert set(self.account.settings) <= plain, f"not declared: {set(self.account.settings) - plain}"
        assert set(self.account.secrets) <= form_class.secret_names(), "a secret of the account is not declared"

    def test_making_the_channel_opens_no_socket(self) -> None:
        host = self.host
        with closed_network():
            self.create_channel(host)
            self.channel_class.settings_form()

    def test_the_connection_of_the_account_can_be_tested(self) -> None:
        report = self.channel.test_connection(self.account)
        assert isinstance(report, ConnectionReport), "test_connection gives a ConnectionReport"
        assert report.checks, "the report says nothing about what was tried"
        assert report.is_ok, f"the sample account does not work: {report.problem}"

    def test_the_folder_has_a_readme(self) -> None:
        text = (self.folder / "README.md").read_text(encoding="utf-8")
        assert text.startswith("# "), "README.md begins with a heading"
        assert len(text.split()) >= 50, "README.md tells an admin too little"

    def test_the_folder_has_a_quality_list(self) -> None:
        rules = tomllib.loads((self.folder / "quality.toml").read_text(encoding="utf-8"))
        assert rules, "quality.toml is empty"
        for rule, state in rules.items():
            is_known = state in ("done", "todo") or (isinstance(state, str) and re.match(r"exempt: \S", state))
            assert is_known, f'{rule} is {state!r}; it must be "done", "todo" or "exempt: reason"'
