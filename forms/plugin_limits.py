"""When the host calls a plugin slow, broken or hanging."""

from wtforms import FloatField, IntegerField
from wtforms.validators import InputRequired, NumberRange, ValidationError
from wtforms.widgets import NumberInput

from forms.base import Form

__all__ = ["PluginLimitsForm"]


class SecondsField(FloatField):
    """A length of time, written without needless zeros."""

    widget = NumberInput(step="any")

    def _value(self) -> str:
        return f"{self.data:g}" if self.data is not None and not self.raw_data else super()._value()


class PluginLimitsForm(Form):
    """The fields are those of `app.plugin_host.Limits` that an admin may change; times are in seconds."""

    fieldsets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    advanced: tuple[tuple[str, tuple[str, ...]], ...] = ()

    failures_in_row = IntegerField(
        "Failures in a row",
        [InputRequired("Enter a number."), NumberRange(1, 100)],
        description="After so many, the part of a plugin that fails rests, and you get a notice. Usually 5.",
    )
    pause_s = SecondsField(
        "Rest, in seconds",
        [InputRequired("Enter a number."), NumberRange(1, 86_400)],
        description="So long it rests before it is tried again by itself. Usually 60.",
    )
    slow_call_s = SecondsField(
        "Slow after, in seconds",
        [InputRequired("Enter a number."), NumberRange(0.01, 10)],
        description="A call that takes longer counts as slow, which shows on the page of the plugin. Usually 0.2.",
    )
    request_s = SecondsField(
        "Stopped while somebody waits, after seconds",
        [InputRequired("Enter a number."), NumberRange(0.5, 30)],
        description="A call that takes longer is stopped, and the page opens without it. Usually 3.",
    )
    call_s = SecondsField(
        "Stopped in the background, after seconds",
        [InputRequired("Enter a number."), NumberRange(1, 600)],
        description="The same for work that nobody waits for, such as fetching mail. Usually 30.",
    )

    def validate_slow_call_s(self, field: FloatField) -> None:
        limits = [one.data for one in (self.request_s, self.call_s) if one.data is not None]
        if field.data is not None and limits and field.data > min(limits):
            raise ValidationError("A call must count as slow before it is stopped.")
