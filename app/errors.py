"""What can go wrong from the user's point of view. Only `app.web.errors` turns these into HTTP, only the CLI into exit codes."""

from collections.abc import Mapping

__all__ = ["AppError", "ConfigError", "Conflict", "InvalidInput", "NotAllowed", "NotFound"]


class AppError(Exception):
    """A sentence for the user; nothing was changed when it is raised."""


class NotFound(AppError):
    """The thing asked for does not exist, or not for this agent."""


class NotAllowed(AppError):
    """The agent's role does not permit this."""


class Conflict(AppError):
    """Somebody else changed it first, or its state does not permit the verb."""


class ConfigError(AppError):
    """The deployment's configuration is wrong; the sentence names the variable."""


class InvalidInput(AppError):
    """Input that cannot be accepted; `fields` maps a field name to what is wrong with it."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields: dict[str, str] = dict(fields or {})
