"""Forms to begin with: six definitions that can be published as they are, said in as many languages as there are words for."""

from collections.abc import Callable, Mapping, Sequence

from forms.definitions.types import (
    Becomes,
    ChoiceDefinition,
    Condition,
    ConditionRule,
    Display,
    FieldDefinition,
    FormDefinition,
    Kind,
    Match,
    Priority,
    Routing,
    StepDefinition,
    Test,
    Text,
    Width,
)

__all__ = ["make_template", "template_names"]

Words = Callable[[str], Text]
"""From an English text to itself in all languages of the form."""

WEB_ADDRESS = r"https?://\S+"


def template_names() -> tuple[str, ...]:
    """What `make_template` makes, the most usual first."""
    return tuple(MAKERS)


def make_template(name: str, languages: Sequence[str], gettext: Callable[[str, str], str]) -> FormDefinition:
    """A new form in these languages, of which the first is its own; `gettext` says (text, language). Raises KeyError for another name."""

    def words(text: str) -> Text:
        return {language: gettext(text, language) for language in languages}

    return MAKERS[name](tuple(languages), words)


def _contact(languages: tuple[str, ...], _: Words) -> FormDefinition:
    fields = (
        _name(_),
        _email(_),
        FieldDefinition("subject", Kind.TEXT, _("Subject"), becomes=Becomes.SUBJECT),
        _message(_("Message")),
        FieldDefinition("files", Kind.FILE, _("Files")),
    )
    return FormDefinition(languages, (StepDefinition("form", fields),), title=_("Contact us"))


def _support(languages: tuple[str, ...], _: Words) -> FormDefinition:
    topics = (
        _choice("delivery", _("Delivery"), "delivery"),
        _choice("return", _("Return or exchange"), "return"),
        _choice("defect", _("Something is broken or missing"), "defect"),
        _choice("invoice", _("Invoice and payment"), "invoice"),
        _choice("question", _("A question before ordering")),
        _choice("other", _("Something else")),
    )
    has_order = Condition((ConditionRule("topic", Test.IS_FILLED), ConditionRule("topic", Test.IS_NOT, "question")))
    needs_pictures = Condition(
        (ConditionRule("topic", Test.IS, "return"), ConditionRule("topic", Test.IS, "defect")), Match.ANY
    )
    fields = (
        FieldDefinition(
            "topic", Kind.CHOICE, _("What is it about?"), is_required=True, choices=topics, display=Display.LIST
        ),
        FieldDefinition(
            "order_number",
            Kind.TEXT,
            _("Order number"),
            help=_("It stands in the mail that confirmed your order. Leave it empty if you cannot find it."),
            show_if=has_order,
            maximum="40",
            parameter="order",
        ),
        _message(_("How can we help?")),
        FieldDefinition(
            "pictures",
            Kind.FILE,
            _("Pictures"),
            help=_("A picture of what is wrong helps us to answer at once."),
            show_if=needs_pictures,
            accepts=("image", "video", "pdf"),
            max_megabytes=20,
        ),
        _name(_),
        _email(_),
    )
    return FormDefinition(
        languages,
        (StepDefinition("form", fields),),
        title=_("Help with an order"),
        intro=_("Tell us what happened, and we will put it right."),
        subject="{topic} – {order_number}",
        routing=Routing(tags=("support",)),
    )


def _bug_report(languages: tuple[str, ...], _: Words) -> FormDefinition:
    severities = (
        _choice("blocked", _("I cannot work any more"), priority=Priority.URGENT),
        _choice("hindered", _("I can work, but with trouble"), priority=Priority.HIGH),
        _choice("minor", _("It is a small thing"), priority=Priority.LOW),
    )
    problem = (
        FieldDefinition("summary", Kind.TEXT, _("The problem in one line"), is_required=True, becomes=Becomes.SUBJECT),
        FieldDefinition(
            "severity", Kind.CHOICE, _("How much does it hinder you?"), is_required=True, choices=severities
        ),
        _message(_("What did you do, and what happened?"), help=_("Step by step, so that we can do the same.")),
        FieldDefinition("expected", Kind.LONG_TEXT, _("What should have happened?"), maximum="5000"),
        FieldDefinition("version", Kind.TEXT, _("Version"), width=Width.HALF, maximum="80", parameter="version"),
        FieldDefinition("device", Kind.TEXT, _("Device and browser"), width=Width.HALF, maximum="120"),
        FieldDefinition(
            "files",
            Kind.FILE,
            _("Screenshots and logs"),
            accepts=("image", "video", "document", "archive"),
            max_megabytes=25,
        ),
    )
    person = (_name(_), _email(_))
    return FormDefinition(
        languages,
        (StepDefinition("problem", problem, _("The problem")), StepDefinition("person", person, _("About you"))),
        title=_("Report a problem"),
        routing=Routing(tags=("bug",)),
    )


def _feedback(languages: tuple[str, ...], _: Words) -> FormDefinition:
    topics = (
        _choice("product", _("What we sell")),
        _choice("service", _("How we treated you")),
        _choice("delivery", _("How quickly it went")),
        _choice("price", _("What it cost")),
        _choice("website", _("Our website")),
    )
    is_unhappy = Condition((ConditionRule("rating", Test.LESS_THAN, "3"),))
    wants_answer = Condition((ConditionRule("wants_answer", Test.IS_FILLED),))
    fields = (
        FieldDefinition("rating", Kind.RATING, _("How satisfied are you with us?"), is_required=True),
        FieldDefinition("topics", Kind.CHOICES, _("What is it mostly about?"), choices=topics),
        FieldDefinition("reason", Kind.LONG_TEXT, _("What went wrong?"), show_if=is_unhappy, maximum="5000"),
        _message(_("What would you like to tell us?"), is_required=False),
        FieldDefinition("wants_answer", Kind.CONSENT, _("I would like an answer.")),
        FieldDefinition(
            "name", Kind.TEXT, _("Name"), becomes=Becomes.NAME, width=Width.HALF, show_if=wants_answer, maximum="100"
        ),
        FieldDefinition(
            "email",
            Kind.EMAIL,
            _("E-mail"),
            becomes=Becomes.EMAIL,
            width=Width.HALF,
            is_required=True,
            show_if=wants_answer,
        ),
    )
    return FormDefinition(
        languages,
        (StepDefinition("form", fields),),
        title=_("How did we do?"),
        intro=_("Your opinion helps us to get better. It takes a minute."),
        routing=Routing(tags=("feedback",)),
    )


def _callback(languages: tuple[str, ...], _: Words) -> FormDefinition:
    times = (
        _choice("any", _("At any time")),
        _choice("morning", _("In the morning")),
        _choice("afternoon", _("In the afternoon")),
        _choice("evening", _("In the evening")),
    )
    fields = (
        _name(_),
        FieldDefinition(
            "phone", Kind.PHONE, _("Phone number"), is_required=True, becomes=Becomes.PHONE, width=Width.HALF
        ),
        FieldDefinition("day", Kind.DATE, _("On which day?"), width=Width.HALF, minimum="today", maximum="today+30"),
        FieldDefinition(
            "time", Kind.CHOICE, _("When?"), width=Width.HALF, choices=times, display=Display.LIST, default="any"
        ),
        _message(_("What is it about?"), is_required=False),
        FieldDefinition(
            "email",
            Kind.EMAIL,
            _("E-mail"),
            becomes=Becomes.EMAIL,
            help=_("In case we cannot reach you by phone."),
        ),
    )
    return FormDefinition(
        languages,
        (StepDefinition("form", fields),),
        title=_("Shall we call you?"),
        intro=_("Leave your number, and we will call you back."),
        subject=_("Call back: {name}")[languages[0]],
        routing=Routing(tags=("callback",)),
    )


def _job_application(languages: tuple[str, ...], _: Words) -> FormDefinition:
    person = (
        _name(_),
        _email(_),
        FieldDefinition("phone", Kind.PHONE, _("Phone number"), becomes=Becomes.PHONE, width=Width.HALF),
        FieldDefinition("place", Kind.TEXT, _("Where do you live?"), width=Width.HALF, maximum="100"),
    )
    position = FieldDefinition(
        "position",
        Kind.TEXT,
        _("Which position do you apply for?"),
        is_required=True,
        maximum="120",
        parameter="position",
    )
    start = FieldDefinition("start", Kind.DATE, _("When could you start?"), width=Width.HALF, minimum="today")
    application = (
        position,
        start,
        _link(languages, _),
        _message(_("Why would you like to work with us?")),
        *_papers(_),
    )
    return FormDefinition(
        languages,
        (
            StepDefinition("person", person, _("About you")),
            StepDefinition("application", application, _("Your application")),
        ),
        title=_("Apply for a job"),
        subject=_("Application: {position} – {name}")[languages[0]],
        routing=Routing(tags=("application",)),
    )


MAKERS: Mapping[str, Callable[[tuple[str, ...], Words], FormDefinition]] = {
    "contact": _contact,
    "support": _support,
    "bug_report": _bug_report,
    "feedback": _feedback,
    "callback": _callback,
    "job_application": _job_application,
}


def _name(_: Words) -> FieldDefinition:
    return FieldDefinition(
        "name", Kind.TEXT, _("Name"), is_required=True, becomes=Becomes.NAME, width=Width.HALF, maximum="100"
    )


def _email(_: Words) -> FieldDefinition:
    return FieldDefinition("email", Kind.EMAIL, _("E-mail"), is_required=True, becomes=Becomes.EMAIL, width=Width.HALF)


def _message(label: Text, is_required: bool = True, help: Text | None = None) -> FieldDefinition:
    return FieldDefinition(
        "message", Kind.LONG_TEXT, label, help or {}, is_required=is_required, becomes=Becomes.MESSAGE
    )


def _link(languages: tuple[str, ...], _: Words) -> FieldDefinition:
    return FieldDefinition(
        "link",
        Kind.TEXT,
        _("Portfolio or profile"),
        placeholder=dict.fromkeys(languages, "https://"),
        width=Width.HALF,
        pattern=WEB_ADDRESS,
        pattern_hint=_("Please enter a web address that begins with https://."),
    )


def _papers(_: Words) -> tuple[FieldDefinition, FieldDefinition]:
    """Documents, and the consent to keep them."""
    documents = FieldDefinition(
        "documents",
        Kind.FILE,
        _("CV and certificates"),
        help=_("As PDF at best."),
        is_required=True,
        accepts=("pdf", "document", "image"),
        max_files=6,
        max_megabytes=20,
    )
    consent = _("I agree that my details are kept and used to deal with my application.")
    return documents, FieldDefinition("privacy", Kind.CONSENT, consent, is_required=True)


def _choice(value: str, label: Text, tag: str = "", priority: Priority | None = None) -> ChoiceDefinition:
    return ChoiceDefinition(value, label, Routing(priority=priority, tags=(tag,) if tag else ()))
