"""The first start: a one-time link leads the owner to the page that makes the first admin."""

import hmac
import secrets

from app.errors import Conflict, NotAllowed
from app.services.agents import create_first_admin, has_agents
from app.services.core import Core, writing
from app.services.settings import get_setting, put_setting

__all__ = ["check_setup_token", "complete_setup", "setup_link"]

TOKEN = "setup_token"


def setup_link(core: Core) -> str | None:
    """The address of the first-run page with its token, made when there is none yet; None once the first admin exists."""
    if has_agents(core):
        return None
    token = get_setting(core, TOKEN)
    if not token:
        with writing(core) as unit:
            token = get_setting(core, TOKEN) or secrets.token_urlsafe(24)
            put_setting(unit, TOKEN, token)
    return f"{core.config.address}/setup?token={token}"


def check_setup_token(core: Core, token: str) -> None:
    """Raise `NotAllowed` unless this is the token of the link, `Conflict` when set-up is done."""
    if has_agents(core):
        raise Conflict("Tidings is set up already. Sign in instead.")
    expected = get_setting(core, TOKEN) or ""
    if not expected or not hmac.compare_digest(token.encode(), str(expected).encode()):
        raise NotAllowed("This address needs the one-time link that was printed when Tidings was started.")


def complete_setup(
    core: Core, token: str, *, name: str, email: str, password: str, business_name: str, language: str, timezone: str
) -> int:
    """Make the first admin, store the business's settings; from then on the token opens nothing. Returns the agent's id.

    Raises `NotAllowed` for a wrong token, `Conflict` when it is done, `InvalidInput` for what cannot be accepted.
    """
    check_setup_token(core, token)
    with writing(core) as unit:
        put_setting(unit, "business_name", business_name.strip()[:120] or "Tidings")
        put_setting(unit, "language", language[:12])
        put_setting(unit, "timezone", timezone[:64])
    return create_first_admin(core, name=name, email=email, password=password, language=language, timezone=timezone)
