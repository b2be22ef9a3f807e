"""`tidings agent`: people, for when the browser is not an option."""

import json
from pathlib import Path

import click
from sqlalchemy import select

from app.cli.opening import open_installation
from app.domain.roles import Role
from app.errors import NotFound
from app.models import Agent
from app.services import agents
from app.services.core import SYSTEM, Core

__all__ = ["agent"]

_DATA = click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
_JSON = click.option("--json", "as_json", is_flag=True, help="For machines.")


@click.group()
def agent() -> None:
    """Create, list and disable agents; make links for setting a password."""


@agent.command()
@_DATA
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--role", type=click.Choice([r.value for r in Role]), default="agent", show_default=True)
def create(data: Path | None, name: str, email: str, role: str) -> None:
    """Make an agent and print the link with which they set a password."""
    with open_installation(data) as (_, core):
        agent_id = agents.create_agent(core, SYSTEM, name=name, email=email, role=role)
        click.echo(agents.make_link(core, agent_id))


@agent.command("list")
@_DATA
@_JSON
def list_agents(data: Path | None, as_json: bool) -> None:
    """Print all agents."""
    with open_installation(data) as (_, core):
        for row in core.session.scalars(select(Agent).order_by(Agent.id)):
            line = {"id": row.id, "name": row.name, "email": row.email, "role": row.role, "active": row.active}
            state = "" if row.active else "  (disabled)"
            click.echo(
                json.dumps(line, ensure_ascii=False) if as_json else f"{row.email}  {row.name}  {row.role}{state}"
            )


@agent.command()
@_DATA
@click.argument("email")
def disable(data: Path | None, email: str) -> None:
    """Sign an agent out everywhere and let them in no more."""
    with open_installation(data) as (_, core):
        agents.set_active(core, SYSTEM, _find(core, email), False)
        click.echo(f"{email} is disabled.")


@agent.command("reset-link")
@_DATA
@click.argument("email")
def reset_link(data: Path | None, email: str) -> None:
    """Print a link with which an agent sets a new password."""
    with open_installation(data) as (_, core):
        click.echo(agents.make_link(core, _find(core, email)))


def _find(core: Core, email: str) -> int:
    found = core.session.scalar(select(Agent.id).where(Agent.email == email.strip().lower()))
    if found is None:
        raise NotFound(f"There is no agent with the address {email}.")
    return found
