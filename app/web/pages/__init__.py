"""The pages: one blueprint per file, thin views that read with `app.queries`, change with `app.services` and render."""

from flask import Blueprint

from app.web.pages import (
    accounts,
    attachment,
    audit,
    channel_health,
    contact_merging,
    contacts,
    conversation,
    conversation_forward,
    conversation_later,
    conversation_threads,
    conversation_verbs,
    dashboard,
    inbox,
    letterheads,
    message_source,
    notices,
    people,
    plugins,
    profile,
    reconciliation,
    search,
    setup,
    short_address,
    stream,
    undelivered,
)

__all__ = ["BLUEPRINTS"]

_ = (
    contact_merging,
    conversation_forward,
    conversation_later,
    conversation_threads,
    conversation_verbs,
    message_source,
)  # they add views to the blueprints of `contacts` and `conversation`

BLUEPRINTS: tuple[Blueprint, ...] = (
    accounts.blueprint,
    attachment.blueprint,
    audit.blueprint,
    channel_health.blueprint,
    contacts.blueprint,
    conversation.blueprint,
    dashboard.blueprint,
    inbox.blueprint,
    letterheads.blueprint,
    notices.blueprint,
    people.blueprint,
    plugins.blueprint,
    profile.blueprint,
    reconciliation.blueprint,
    search.blueprint,
    setup.blueprint,
    short_address.blueprint,
    stream.blueprint,
    undelivered.blueprint,
)
