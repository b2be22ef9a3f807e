"""The `tidings` command. Each subcommand lives in a module of its own that is imported only when it is asked for."""

import importlib
import logging
import os
import sys

import click

from app.errors import AppError
from app.processes import hurry_up

__all__ = ["main"]

_COMMANDS = {
    "run": "run",
    "dev": "dev",
    "web": "run",
    "worker": "run",
    "migrate": "installation",
    "prepare": "installation",
    "doctor": "doctor",
    "agent": "agents",
    "plugin": "plugins",
    "safe-mode": "safe_mode",
    "recovery-link": "safe_mode",
    "channel": "channels",
    "parse-email": "mail",
    "thread": "mail",
    "find-mail-servers": "finding",
    "verify-webhook": "webhooks",
    "parse-webhook": "webhooks",
    "mail-pipe": "ingest",
    "ingest": "ingest",
    "reconcile": "reconcile",
    "search": "search",
    "export": "export",
}


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in _COMMANDS if name != "prepare"]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        module = _COMMANDS.get(name)
        if module is None:
            return None
        return getattr(importlib.import_module(f"app.cli.{module}"), name.replace("-", "_"))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tidings", prog_name="tidings")
def _tidings() -> None:
    """Tidings: one inbox for mail, web forms and every channel a plugin brings."""


def main() -> None:
    """Run a command. Errors are one sentence on standard error and exit code 2, a question answered with no is 1, Ctrl-C 130."""
    hurry_up()
    logging.basicConfig(
        level=_log_level() if _is_service() else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    for library in ("alembic", "huey"):  # what they tell at INFO is for those who work on them
        logging.getLogger(library).setLevel(logging.WARNING)
    os.umask(0o077)  # the database and the files hold other people's mail
    try:
        code = _tidings.main(standalone_mode=False)
    except click.exceptions.Abort as abort:
        code = _end_of(abort)
    except click.ClickException as error:
        click.echo(f"tidings: {error.format_message()}", err=True)
        code = 2
    except AppError as error:
        click.echo(f"tidings: {error}", err=True)
        code = 2
    except (OSError, ValueError) as error:
        click.echo(f"tidings: {_sentence(error)}", err=True)
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def _end_of(abort: click.exceptions.Abort) -> int:
    """The exit code of a command that ended early. Click says the same for Ctrl-C as for a no, but for where it comes from."""
    if isinstance(abort.__context__, KeyboardInterrupt):
        return 130
    click.echo("tidings: Nothing was changed.", err=True)
    return 1


def _is_service() -> bool:
    return len(sys.argv) > 1 and sys.argv[1] in {"run", "dev", "web", "worker"}


def _log_level() -> str:
    """The level asked for in the environment; the configuration complains of one that does not exist."""
    level = os.environ.get("TIDINGS_LOG_LEVEL", "").upper()
    return level if level in logging.getLevelNamesMapping() else "INFO"


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
