"""Agents and teams, as managers change them, and the agent's own profile. Choices are handed in."""

from collections.abc import Sequence

from wtforms import EmailField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from forms.base import Form

__all__ = ["AgentForm", "ProfileForm", "TeamForm"]

Choices = Sequence[tuple[str, str]]


class AgentForm(Form):
    """Somebody who is invited or changed."""

    name = StringField("Name", validators=[DataRequired("Give a name."), Length(max=120)])
    email = EmailField("E-mail address", validators=[DataRequired("Give an address."), Length(max=255)])
    role = SelectField("Role", default="agent")
    teams = SelectMultipleField("Teams")

    def offer(self, roles: Choices, teams: Choices) -> "AgentForm":
        """Hand in the choices; without teams the field is left out."""
        self.role.choices = [SelectChoice(*one) for one in roles]
        self.teams.choices = [SelectChoice(*one) for one in teams]
        if not teams:
            del self.teams
        return self

    @property
    def team_ids(self) -> list[int]:
        return [int(value) for value in (self.teams.data or ())] if "teams" in self._fields else []


class TeamForm(Form):
    """A team and who is in it."""

    name = StringField("Name of the team", validators=[DataRequired("Give the team a name."), Length(max=80)])
    members = SelectMultipleField("Members")

    def offer(self, agents: Choices) -> "TeamForm":
        """Hand in the agents as (id, name)."""
        self.members.choices = [SelectChoice(*one) for one in agents]
        return self


class ProfileForm(Form):
    """What agents change of themselves."""

    name = StringField("Name", validators=[DataRequired("Give a name."), Length(max=120)])
    language = SelectField("Language")
    time_zone = SelectField("Time zone")
    signature = TextAreaField(
        "Signature", validators=[Length(max=2000)], description="Added below your answers.", render_kw={"rows": 4}
    )

    def offer(self, languages: Choices, timezones: Choices) -> "ProfileForm":
        """Hand in the choices."""
        self.language.choices = [SelectChoice(*one) for one in languages]
        self.time_zone.choices = [SelectChoice(*one) for one in timezones]
        return self
