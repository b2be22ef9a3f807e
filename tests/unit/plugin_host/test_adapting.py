"""Plugins made for an earlier API: what is deprecated goes on working, and its users are told once."""

import logging
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from app.plugin_api.deprecations import DEPRECATIONS, Deprecation
from app.plugin_api.hookspecs import PROJECT, hookimpl
from app.plugin_api.host import Host
from app.plugin_api.manifest import API_VERSION
from app.plugin_host.hooks.adapting import adapt
from app.plugin_host.hooks.shapes import Shape, read_specs
from app.plugin_host.hooks.validation import check_implementations

OLD_ARGUMENT = Deprecation(
    "account_saved",
    2,
    3,
    "use saved.account_id",
    argument="account_id",
    derive=lambda values: values["saved"].account_id,
)
SAVED = SimpleNamespace(account_id=7, is_new=True)
HOST = SimpleNamespace(plugin="pager")


def plugin_of(function: Any) -> SimpleNamespace:
    return SimpleNamespace(account_saved=hookimpl(function))


def call(plugin: Any, specs: Any = None) -> Any:
    """Call `account_saved` of an adapted plugin as pluggy would."""
    adapted, _ = adapt(plugin, specs or read_specs(), [OLD_ARGUMENT])
    manager = check_implementations("pager", adapted, read_specs())
    return manager.hook.account_saved(host=HOST, saved=SAVED)


def test_a_plugin_of_today_is_left_as_it_is():
    plugin = plugin_of(lambda host, saved: None)
    hooks, sentences = adapt(plugin, read_specs(), [OLD_ARGUMENT])
    assert (vars(hooks), sentences) == (vars(plugin), ())


def test_an_old_argument_gets_its_value_from_the_new_ones():
    assert call(plugin_of(lambda account_id: account_id)) == [7]
    assert call(plugin_of(lambda host, account_id, saved: (host.plugin, account_id, saved.is_new))) == [
        ("pager", 7, True)
    ]


def test_its_user_is_told_what_to_do_instead():
    _, warnings = adapt(plugin_of(lambda account_id: None), read_specs(), [OLD_ARGUMENT])
    assert warnings == (
        "It uses the argument account_id of account_saved, which is deprecated since API 2 and goes with API 3: use saved.account_id.",
    )


def test_other_hooks_and_options_of_a_translated_plugin_stay():
    class Pager:
        @hookimpl(tryfirst=True, specname="account_saved")
        def on_saved(self, account_id):
            return account_id

        @hookimpl
        def dashboard_panels(self, viewer):
            return [viewer]

    adapted, _ = adapt(Pager(), read_specs(), [OLD_ARGUMENT])
    manager = check_implementations("pager", adapted, read_specs())
    assert manager.hook.account_saved(host=HOST, saved=SAVED) == [7]
    assert manager.hook.account_saved.get_hookimpls()[0].tryfirst
    assert manager.hook.dashboard_panels(host=HOST, viewer=3) == [[3]]


def test_an_argument_that_never_was_is_refused():
    adapted, warnings = adapt(plugin_of(lambda acount_id: None), read_specs(), [OLD_ARGUMENT])
    assert warnings == ()
    with pytest.raises(ValueError, match="wants acount_id"):
        check_implementations("pager", adapted, read_specs())


def test_an_argument_that_the_hook_has_today_is_not_old():
    specs = module_with("def account_saved(host: Host, saved: object, account_id: int) -> None: ...")
    _, warnings = adapt(plugin_of(lambda account_id: None), read_specs(specs), [OLD_ARGUMENT])
    assert warnings == ()


def module_with(code: str) -> ModuleType:
    module = ModuleType("specs_for_the_test")
    exec(code, vars(module) | {"Host": Host}, vars(module))
    for function in list(vars(module).values()):
        if callable(function):
            setattr(function, f"{PROJECT}_spec", {})
    return module


def test_the_deprecated_hook_is_called_and_its_user_warned_of_once(shelf, create_host, clock, caplog):
    shelf.add(
        "old", "@hookimpl\ndef housekeeping_due(host, now):\n    host.store.set('at', 1)\n", permissions=["store"]
    )
    host = create_host()
    with caplog.at_level(logging.WARNING):
        host.activate("old")
        host.dispatcher.announce("housekeeping_due", now=clock.now())
        host.dispatcher.announce("housekeeping_due", now=clock.now())
    sentence = "It uses the hook housekeeping_due, which is deprecated since API 2 and goes with API 4: bring a job in register_jobs."
    assert host.info("old").warnings == (sentence,)
    assert [record.getMessage() for record in caplog.records] == [f"old: {sentence}"]
    host.deactivate("old")
    assert host.info("old").warnings == (), "what does not run uses nothing"


@pytest.mark.parametrize("deprecation", DEPRECATIONS, ids=lambda one: one.hook)
def test_what_is_deprecated_still_exists_and_is_not_overdue(deprecation):
    spec = read_specs()[deprecation.hook]
    assert deprecation.since <= API_VERSION < deprecation.goes_with, "remove it, or say how long it stays"
    assert bool(deprecation.argument) == (deprecation.derive is not None)
    if not deprecation.argument:
        assert "Deprecated since API" in spec.function.__doc__
    assert spec.shape in Shape
