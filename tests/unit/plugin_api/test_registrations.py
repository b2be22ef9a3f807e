"""What plugins hand to the host is checked where they make it, so that the fault is theirs."""

import pytest

from tidings import Panel


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
