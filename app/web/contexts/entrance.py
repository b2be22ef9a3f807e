"""Pages without a session: `setup/first_run.html` gets `page: FirstRunPage`, `errors/error.html` `page: ErrorPage`,
`public/form.html` `page: PublicFormPage`, `public/thanks.html` `page: PublicThanksPage`.

All but the public ones also get `entrance: Entrance`.
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


@dataclass(frozen=True, slots=True)
class PublicFormPage:
    """A contact form anybody can fill in.

    `trap_field` is the name of the field only machines fill in. `is_embedded` drops the page around the form. `closed_because`
    replaces the form when it takes no messages. `locale` is the form's, not the reader's.
    """

    title: str
    business_name: str
    form: object
    action_url: str
    trap_field: str
    introduction: str = ""
    footer: str = ""
    is_embedded: bool = False
    closed_because: str | None = None
    locale: str = "en"
    text_direction: str = "ltr"


@dataclass(frozen=True, slots=True)
class PublicThanksPage:
    """After sending. `reference` is what the customer may quote, `email` where the confirmation goes."""

    title: str
    business_name: str
    sentence: str
    email: str = ""
    reference: str = ""
    again_url: str | None = None
    is_embedded: bool = False
    locale: str = "en"
    text_direction: str = "ltr"
