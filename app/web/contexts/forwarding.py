"""Forwarding: `conversation/forward.html` gets `page: ForwardPage`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ForwardPage:
    """Passing on a message of conversation `number`. `form` is the WTForms form (account, to, cc, bcc, form, with_files, body); `author`,
    `subject` and `excerpt` say what is passed on, `files` the names of what was attached to it. `told_of`: addresses that take no mail and
    that the agent was told of."""

    number: int
    form: object
    author: str
    subject: str
    excerpt: str
    back_url: str
    files: tuple[str, ...] = ()
    accounts_exist: bool = True
    told_of: tuple[str, ...] = ()
