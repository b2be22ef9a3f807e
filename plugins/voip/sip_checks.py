"""What a SIP line needs: that its announcements can be played, and that the registrar takes the password. It really registers, once."""

from importlib.util import find_spec

from connectors.errors import AuthExpired, ConnectorError
from connectors.sip import check_registration
from plugins.voip.line import line_of
from plugins.voip.sip_prompts import problems_of
from plugins.voip.sip_setup import interface_for, prompts_of, sip_account_of
from tidings import Account, Check, ConnectionReport, Host, translatable

__all__ = ["check_account"]

LIBRARY, SOUNDS, REGISTRATION = translatable("SIP library"), translatable("Announcements"), translatable("Registration")
_MISSING = translatable("Install it with: pip install tidings[voip]")
_REFUSED = translatable("The registrar does not accept the user and the password.")


def check_account(host: Host, account: Account) -> ConnectionReport:
    """Try each thing; nothing is left behind at the registrar."""
    if find_spec("baresip") is None:
        return ConnectionReport((Check(LIBRARY, False, host.gettext(_MISSING)),))
    return ConnectionReport((_sounds(host, account), _registration(host, account)))


def _sounds(host: Host, account: Account) -> Check:
    line = line_of(account)
    problems = problems_of(host, prompts_of(host, line).values(), line.language)
    return Check(SOUNDS, not problems, " ".join(problems[:1]))


def _registration(host: Host, account: Account) -> Check:
    sip_account = sip_account_of(account)
    interface = host.config.get("sip_interface", "") or interface_for(sip_account)
    try:
        check_registration(sip_account, interface=interface)
    except AuthExpired as error:
        return Check(REGISTRATION, False, f"{host.gettext(_REFUSED)} {error.reason}")
    except ConnectorError as error:
        return Check(REGISTRATION, False, error.reason)
    return Check(REGISTRATION, True, f"{sip_account.user}@{sip_account.domain}")
