"""The Inbox: `inbox/list.html` gets `page: InboxPage`, `inbox/compose.html` gets `page: ComposePage`."""

from dataclasses import dataclass
from datetime import datetime

from .conversation import KeptFile, Later, ReplyLimits
from .shell import Avatar, ChannelMark, Choice, Due, TagMark


@dataclass(frozen=True, slots=True)
class StatusTab:
    """One tab above the list. `count` None shows no number (resolved and spam need none)."""

    label: str
    url: str
    count: int | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class FilterOption:
    """One line of a filter's menu; following `url` applies it and keeps the other filters."""

    label: str
    url: str
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter above the list. `name` is assignee, team, channel, tag, cases or order; `value_label` is None when it is off;
    without a `clear_url` one of its options switches it off."""

    name: str
    label: str
    value_label: str | None
    clear_url: str
    options: tuple[FilterOption, ...]


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One conversation in a list. `awaits_reply`: the contact wrote last, `waiting_since` then says since when. `trouble`: "failed" when a
    message of ours could not be delivered, "returned" when one came back. `case_others`: how many more conversations of the same person
    have the same status, where the row stands for all of them."""

    number: int
    contact_name: str
    mark: Avatar
    subject: str
    preview: str
    channel: ChannelMark
    status: str
    last_activity_at: datetime
    priority: str = "normal"
    is_unread: bool = False
    awaits_reply: bool = False
    waiting_since: datetime | None = None
    snoozed_until: datetime | None = None
    assignee: Avatar | None = None
    team: str | None = None
    tags: tuple[TagMark, ...] = ()
    message_count: int = 1
    has_attachments: bool = False
    trouble: str = ""
    has_draft: bool = False
    due: Due | None = None
    case_others: int = 0


@dataclass(frozen=True, slots=True)
class InboxPage:
    """The list. `refresh_url` renders exactly this page again (same filters and position).

    `older_url` and `newer_url` are keyset links, None at the ends. `accounts_exist` tells an inbox that is empty because
    nothing is connected from one that is empty because the work is done. `assignees`, `teams` and `tags` feed the bulk bar.
    """

    title: str
    tabs: tuple[StatusTab, ...]
    filters: tuple[Filter, ...]
    order: Filter
    rows: tuple[InboxRow, ...]
    refresh_url: str
    older_url: str | None = None
    newer_url: str | None = None
    is_filtered: bool = False
    clear_url: str = ""
    accounts_exist: bool = True
    may_connect_accounts: bool = False
    assignees: tuple[Choice, ...] = ()
    teams: tuple[Choice, ...] = ()
    tags: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class ComposePage:
    """A new outbound conversation; `form` is the WTForms form (account, to, cc, subject, choice, body, files, csrf_token). `limits` is
    what the chosen account takes from us first; its options are shown in place of the field `choice`. `told_of`: addresses that take no
    mail and that the agent was told of. `kept`: files of a refused post. `later` is what is offered for leaving at another moment,
    `moment_problem` what was wrong with the one that was chosen."""

    form: object
    accounts_exist: bool
    max_upload_mb: int
    limits: ReplyLimits = ReplyLimits()
    told_of: tuple[str, ...] = ()
    kept: tuple[KeptFile, ...] = ()
    later: Later = Later()
    moment_problem: str = ""
