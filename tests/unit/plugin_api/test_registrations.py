"""What plugins hand to the host is checked where they make it, so that the fault is theirs."""

import pytest

from tidings import Action, NavLink, Panel


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": None},
        {"template": 5},
        {"context": ["a"]},
        {"rows": 12},
        {"rows": (("alone",),)},
        {"rows": ("ab",)},
        {"order": "first"},
    ],
)
def test_a_panel_of_the_wrong_kinds_cannot_be_made(wrong):
    with pytest.raises(TypeError, match="panel"):
        Panel(**{"title": "Box", **wrong})


def test_a_panel_may_have_rows_in_a_list_and_any_number_as_its_place():
    assert Panel("Box", rows=[["label", "value"]], order=1.5).order == 1.5


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": None},
        {"path": 5},
        {"icon": b"bell"},
        {"message_id": "7"},
        {"confirm": None},
        {"is_danger": "yes"},
        {"order": "1"},
    ],
)
def test_an_action_of_the_wrong_kinds_cannot_be_made(wrong):
    with pytest.raises(TypeError, match="action"):
        Action(**{"label": "Hide", "path": "/hide/1", **wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": " "},
        {"path": ""},
        {"path": "hide"},
        {"path": "//elsewhere.test/"},
        {"path": "/../logout"},
        {"path": "https://x.test"},
    ],
)
def test_an_action_needs_a_label_and_a_path_of_the_plugins_own(wrong):
    with pytest.raises(ValueError, match="action"):
        Action(**{"label": "Hide", "path": "/hide/1", **wrong})


def test_an_action_may_carry_values_in_its_path():
    assert Action("Call", "/call?to=%2B49301&now=1").order == 100


@pytest.mark.parametrize("wrong", [{"label": None}, {"path": 5}, {"icon": None}, {"badge": "3"}, {"order": "1"}])
def test_a_link_of_the_wrong_kinds_cannot_be_made(wrong):
    with pytest.raises(TypeError, match="link"):
        NavLink(**{"label": "Calls", "path": "/calls", **wrong})


@pytest.mark.parametrize(
    "wrong", [{"label": ""}, {"badge": -1}, {"path": "calls"}, {"path": "//x.test/"}, {"path": "/../inbox"}]
)
def test_a_link_needs_a_label_a_number_and_a_path_of_the_plugins_own(wrong):
    with pytest.raises(ValueError, match="link"):
        NavLink(**{"label": "Calls", "path": "/calls", **wrong})
