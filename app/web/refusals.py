"""A verb's refusal becomes what a person sees beside the field, or a toast on the page they came from."""

from flask import flash, redirect, request
from werkzeug.wrappers import Response
from wtforms import Form

from app.errors import AppError, InvalidInput
from app.web.guard import is_local_path

__all__ = ["back_to", "flash_refusal", "put_problems"]


def put_problems(form: Form, error: AppError, **names: str) -> None:
    """Put a refusal's sentences beside the fields they are about; `names` maps a verb's field to the form's. The rest stands above."""
    fields = error.fields if isinstance(error, InvalidInput) else {}
    unplaced = True
    for name, sentence in fields.items():
        field = form._fields.get(names.get(name, name))
        if field is not None:
            field.errors = [*field.errors, sentence]
            unplaced = False
    if unplaced:
        form.form_errors.append(str(error))


def flash_refusal(error: AppError) -> None:
    """Say in a toast why nothing was changed."""
    flash(str(error), "error")


def back_to(default: str, field: str = "back") -> Response:
    """Redirect to where the form says it came from, when that is on this site."""
    wanted = request.form.get(field, "")
    return redirect(wanted if wanted and is_local_path(wanted) else default, code=303)
