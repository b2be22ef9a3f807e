"""The fields of a mailbox's settings that say what it is written to, and where what comes back goes."""

from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, StopValidation, ValidationError

from plugins.mailbox.aliases import wrong_alias
from plugins.mailbox.return_address import LONGEST_PATTERN, pattern_problem
from plugins.mailbox.settings import JOIN, LEAVE, OFF, OWN, PLUS, TAKE

__all__ = ["AddressFields"]


class AddressFields:
    """Further addresses, copies, and return addresses."""

    aliases = TextAreaField(
        "Further addresses",
        [Length(max=20_000)],
        render_kw={"spellcheck": "false"},
        description="One a line, also with a name: Sales <sales@example.com>. An answer is from the address that the customer wrote to, as "
        "far as the outgoing server lets you write from it. *@example.com stands for all addresses of a domain.",
    )
    cc_only = SelectField(
        "Mail in which you stand only in Cc",
        default=TAKE,
        choices=[
            SelectChoice(TAKE, "Take it in like any other"),
            SelectChoice(JOIN, "Take it only into conversations that exist"),
            SelectChoice(LEAVE, "Leave it alone"),
        ],
        description="What is left alone stays in the mailbox, and the account's page lists it.",
    )
    return_address = SelectField(
        "Where undeliverable mail comes back to",
        default=OFF,
        choices=[
            SelectChoice(OFF, "This mailbox"),
            SelectChoice(PLUS, "This mailbox, with a plus address for each recipient"),
            SelectChoice(OWN, "Addresses of my own, one for each recipient"),
        ],
        description="With an address for each recipient, whatever comes back is known to be about one message and one person, also when "
        "nothing in it says so. Mail to these addresses must arrive in this mailbox.",
    )
    return_pattern = StringField(
        "Address for what comes back",
        [Length(max=LONGEST_PATTERN)],
        render_kw={"spellcheck": "false"},
        description="Only for addresses of your own, such as bounces+{token}@mail.example.com.",
    )

    def validate_aliases(self, field: Field) -> None:
        if line := wrong_alias(field.data or ""):
            raise ValidationError(field.gettext("“%(line)s” holds no e-mail address.") % {"line": line[:80]})

    def validate_return_pattern(self, field: Field) -> None:
        field.data = (field.data or "").strip()
        is_needed = self.return_address.data == OWN
        if is_needed and not field.data:
            raise StopValidation("Give the address, with {token} in it.")
        if field.data and (problem := pattern_problem(field.data)):
            raise ValidationError(problem)
