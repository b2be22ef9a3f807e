"""Forms that plugins declared, in the language of the reader."""

from collections.abc import Container
from dataclasses import replace

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from app.web.texts import translated
from forms.settings import SettingsForm

__all__ = ["translate_choices"]


def translate_choices(form: SettingsForm, apart_from: Container[str] = ()) -> SettingsForm:
    """The same form; the choices its plugin declared are translated, those of fields that hold names given by people are not."""
    for one in form:
        if isinstance(one, SelectField) and one.name not in apart_from and one.choices:
            one.choices = [
                replace(choice, label=translated(choice.label)) if isinstance(choice, SelectChoice) else choice
                for choice in one.choices
            ]
    return form
