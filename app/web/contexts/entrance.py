"""Pages without a session: `setup/first_run.html` gets `page: FirstRunPage`, `errors/error.html` `page: ErrorPage`.

Both also get `entrance: Entrance`. Public pages of plugins extend `public/layout.html` and bring their own `page`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FirstRunPage:
    """The first admin; `form` holds name, email, password, business_name, language."""

    form: object


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """An answer that is not a page. `sentence` says what happened, `what_to_do` what helps, `reference` finds the log line."""

    status: int
    title: str
    sentence: str
    what_to_do: str = ""
    back_url: str = "/"
    back_label: str = ""
    reference: str = ""
