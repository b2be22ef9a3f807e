"""From rows of queries to the marks and list rows that templates show."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zlib import crc32

from flask import g, url_for

from app.queries.accounts import AccountFacts, accounts_by_id
from app.queries.conversation_list import ConversationRow
from app.queries.people import AgentName, agent_names, team_names
from app.services.conversations import PRIORITIES
from app.web.contexts import Avatar, ChannelMark, InboxRow, TagMark, avatar
from app.web.contexts.shell import HUES
from app.web.current import current_core
from app.web.texts import translated

__all__ = ["Directory", "channel_icon", "contact_mark", "directory", "inbox_row", "tag_mark"]


@dataclass(frozen=True, slots=True)
class Directory:
    """Agents, teams and accounts by id, read once in each request."""

    agents: Mapping[int, AgentName]
    teams: Mapping[int, str]
    accounts: Mapping[int, AccountFacts]
    titles: Mapping[str, str] = field(default_factory=dict)
    icons: Mapping[str, str] = field(default_factory=dict)

    def agent_mark(self, agent_id: int | None) -> Avatar | None:
        agent = self.agents.get(agent_id) if agent_id is not None else None
        return avatar(agent.name, agent.id) if agent else None

    def channel_mark(self, account_id: int) -> ChannelMark:
        account = self.accounts.get(account_id)
        plugin = account.plugin if account else ""
        return ChannelMark(
            title=self.titles.get(plugin, plugin),
            icon=self.icons.get(plugin, "message-square"),
            account=account.name if account else "",
        )


def directory() -> Directory:
    """The directory of this request. Three queries the first time."""
    if "directory" not in g:
        core = current_core()
        channels = core.plugins.channels
        g.directory = Directory(
            agents=agent_names(core.session),
            teams=team_names(core.session),
            accounts=accounts_by_id(core.session),
            titles={name: translated(channel.title) for name, channel in channels.items()},
            icons={name: channel.icon for name, channel in channels.items()},
        )
    return g.directory


def channel_icon(plugin: str) -> str:
    """The icon of a plugin's channel."""
    channel = current_core().plugins.channels.get(plugin)
    return channel.icon if channel else "message-square"


def tag_mark(name: str) -> TagMark:
    """A tag, always in the same tint."""
    return TagMark(name=name, hue=crc32(name.encode()) % HUES)


def contact_mark(name: str, contact_id: int, picture_sha256: str | None = None) -> Avatar:
    """A contact as a circle, the same on all pages; with their picture where there is one."""
    mark = avatar(name, f"contact {contact_id}")
    if picture_sha256 is None:
        return mark
    return replace(mark, picture_url=url_for("contacts.picture", id=contact_id, begins=picture_sha256[:16]))


def inbox_row(row: ConversationRow, known: Directory, *, is_folded: bool = False) -> InboxRow:
    """A conversation as lists show it. `is_folded`: in this list it stands for its case."""
    return InboxRow(
        number=row.number,
        contact_name=row.contact_name,
        mark=contact_mark(row.contact_name, row.contact_id, row.contact_picture),
        subject=row.subject,
        preview=row.preview,
        channel=known.channel_mark(row.account_id),
        status=row.status,
        last_activity_at=row.active_at,
        priority=PRIORITIES[row.priority],
        is_unread=row.is_unread,
        awaits_reply=row.waiting_since is not None,
        waiting_since=row.waiting_since,
        snoozed_until=row.snoozed_until if row.status == "snoozed" else None,
        assignee=known.agent_mark(row.assignee_id),
        team=known.teams.get(row.team_id) if row.team_id else None,
        tags=tuple(tag_mark(tag) for tag in row.tags),
        message_count=row.message_count,
        has_attachments=row.has_attachments,
        trouble=row.trouble or "",
        has_draft=row.has_draft,
        case_others=row.case_others if is_folded else 0,
    )
