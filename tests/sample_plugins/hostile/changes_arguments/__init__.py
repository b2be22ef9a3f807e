"""Changes what it was only shown: an account's settings and a message's fields, which others are shown after it."""

from tidings import hookimpl


@hookimpl
def choose_team(host, message, account):
    message.fields["seen by"] = "everybody"


@hookimpl
def match_contact(host, sender):
    sender.name = "Eve"


@hookimpl
def message_received(host, message):
    message.fields.clear()


@hookimpl
def choose_sending_account(host, conversation, account):
    account.settings["address"] = "eve@example.org"
