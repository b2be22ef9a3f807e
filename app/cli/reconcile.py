"""`tidings reconcile`: compare an account with what its provider holds, now and in this process."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.cli.accounts import account_called
from app.cli.opening import open_installation
from app.errors import Conflict
from app.processes import process_name
from app.queries.reconciliation import ComparedFacts, compared_facts
from app.services.core import SYSTEM
from app.services.reconciling import claim_comparison, wish_for
from app.services.reconciling import reconcile as compare

__all__ = ["reconcile"]

_NUMBERS = ("on_server", "here", "missing", "undelivered", "gone", "repaired")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Home folder, instead of TIDINGS_HOME.")
@click.option("--account", required=True, help="Name, address or number of the account.")
@click.option("--repair", is_flag=True, help="Fetch all that is missing; without it, only when it is little.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def reconcile(data: Path | None, account: str, repair: bool, as_json: bool) -> None:
    """Compare an account with what its provider holds. Exit code 1 when something is missing in the end, or it could not be compared."""
    with open_installation(data) as (_, core):
        account_id = account_called(core, account)
        wish_for(core, SYSTEM, account_id, repair=repair)
        run = claim_comparison(core, account_id, process_name())
        if run is None:
            raise Conflict("The worker is comparing this account now. Look at its page.")
        compare(core, run)
        facts = compared_facts(core.session, account_id)
        assert facts is not None
        click.echo(json.dumps(_line(facts), ensure_ascii=False) if as_json else _text(facts))
        raise SystemExit(1 if facts.problem or facts.missing else 0)


def _line(facts: ComparedFacts) -> dict[str, Any]:
    values = asdict(facts)
    return {name: values[name] for name in (*_NUMBERS, "places", "gaps", "problem")}


def _text(facts: ComparedFacts) -> str:
    if facts.problem:
        return f"It could not be compared: {facts.problem}"
    lines = [
        f"{facts.on_server} on the server, {facts.here} here, {facts.missing} missing, {facts.repaired} fetched now"
    ]
    lines += [f"{place['place']}: {place['on_server']}, {place['here']}, {place['missing']}" for place in facts.places]
    lines += [f"missing: {gap['key']}  {gap['sender']}  {gap['subject']}" for gap in facts.gaps]
    return "\n".join(lines)
