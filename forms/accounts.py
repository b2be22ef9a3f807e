"""What every account has beside its channel's own settings: a name and a team. The choices of teams are handed in."""

from collections.abc import Sequence
from typing import Any

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from forms.settings import SettingsForm

__all__ = ["OWN_FIELDS", "with_account_fields"]

OWN_FIELDS = ("account_name", "account_team")


def with_account_fields(form_class: type[SettingsForm], teams: Sequence[tuple[int, str]]) -> type[SettingsForm]:
    """The channel's settings form with a name in front and, where there are teams, a team behind. 0 stands for no team."""
    fields: dict[str, Any] = {
        "account_name": StringField(
            "Name of the account",
            validators=[DataRequired("Give the account a name."), Length(max=120)],
            description="What agents see, such as Support or Sales.",
        )
    }
    if teams:
        fields["account_team"] = SelectField(
            "Team",
            coerce=int,
            default=0,
            choices=[SelectChoice(*team) for team in teams],
            description="New conversations go to this team.",
        )
    return type(f"Account{form_class.__name__}", (_Placed, form_class), fields)


class _Placed(SettingsForm):
    """Puts the name before the channel's fields and the team behind them; otherwise both would stand where they were declared."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = {name: self._fields.pop(name) for name in OWN_FIELDS if name in self._fields}
        first = {name: field for name, field in own.items() if name == "account_name"}
        self._fields = {**first, **self._fields, **own}
