"""`tidings search`: what the search box finds, for scripts."""

import json
from pathlib import Path

import click
from sqlalchemy import select

from app.cli.opening import open_installation
from app.errors import InvalidInput
from app.models import Conversation
from app.queries.search import Match, best_matches
from app.queries.search_text import parse_search

__all__ = ["search"]


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most so many.")
@click.argument("query", nargs=-1, required=True)
def search(data: Path | None, as_json: bool, limit: int, query: tuple[str, ...]) -> None:
    """Find messages and notes, the best first. QUERY is what one would type into the search box."""
    wanted = parse_search(" ".join(query))
    if wanted.problem or wanted.is_empty:
        raise InvalidInput(str(wanted.problem) or "There is no word to look for.")
    with open_installation(data) as (_, core):
        matches = best_matches(core.session, wanted, limit=limit)
        ids = {match.conversation_id for match in matches}
        rows = core.session.execute(
            select(Conversation.id, Conversation.number, Conversation.subject).where(Conversation.id.in_(ids))
        )
        shown = {conversation_id: f"#{number}  {subject}" for conversation_id, number, subject in rows}
        for match in matches:
            click.echo(_as_json(match) if as_json else f"{shown[match.conversation_id]}  ({_part(match)})")


def _as_json(match: Match) -> str:
    return json.dumps(
        {
            "message_id": match.message_id,
            "conversation_id": match.conversation_id,
            "score": round(match.score, 6),
            **({"note_id": match.note_id} if match.note_id is not None else {}),
        }
    )


def _part(match: Match) -> str:
    return f"note {match.note_id}" if match.message_id is None else f"message {match.message_id}"
