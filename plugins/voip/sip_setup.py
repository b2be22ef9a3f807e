"""From the settings of a SIP line to what the agent of `connectors.sip` is told: who registers where, and how calls are answered now."""

import ipaddress
import socket
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from connectors.sip import Answering, Consent, MenuLine, Setup, SIPAccount, Voicemail, can_speak
from plugins.voip.line import Line, Prompt, line_of
from plugins.voip.menu import Target, TargetKind
from plugins.voip.sip_prompts import try_file_of
from plugins.voip.twilio_twiml import CLOSED, CONSENT, GREETING, LEAVE_MESSAGE
from tidings import Account, Host

__all__ = ["answering_of", "folder_of", "interface_for", "prompts_of", "setup_of", "sip_account_of"]

MOST_CALLS = 20


def setup_of(host: Host, account: Account) -> Setup:
    """Everything an agent has to know. `TIDINGS_PLUGIN_VOIP_SIP_INTERFACE`, `_SIP_LISTEN` and `_SIP_RTP_PORTS` say where it listens."""
    sip_account = sip_account_of(account)
    return Setup(
        sip_account,
        answering_of(host, account, host.now()),
        str(folder_of(host, account.id)),
        MOST_CALLS,
        interface=host.config.get("sip_interface", "") or interface_for(sip_account),
        listen=host.config.get("sip_listen", ""),
        rtp_ports=host.config.get("sip_rtp_ports", ""),
    )


def sip_account_of(account: Account) -> SIPAccount:
    """The registration of a line. A server is written as "pbx.example.com" or "pbx.example.com:5061"."""
    values = {
        name: str(account.settings.get(f"sip_{name}") or "").strip() for name in ("server", "user", "login", "proxy")
    }
    transport = str(account.settings.get("sip_transport") or "udp")
    return SIPAccount(
        values["user"],
        values["server"],
        account.secret("sip_password"),
        login=values["login"],
        proxy=values["proxy"],
        transport=transport if transport in ("udp", "tcp", "tls") else "udp",  # type: ignore[arg-type]
    )


def answering_of(host: Host, account: Account, now: datetime) -> Answering:
    """How calls are answered at this moment."""
    line = line_of(account)
    files = {name: try_file_of(host, prompt, line.language) for name, prompt in prompts_of(host, line).items()}
    extension = str(account.settings.get("sip_extension") or "").strip()
    menu = {choice.digit: _menu_line(choice.target, extension, choice.label) for choice in line.menu_at(now)}
    rings: object = account.settings.get("sip_answers_after_s")
    return Answering(
        ring_s=float(rings) if isinstance(rings, int | float) else 10.0,
        greeting=files["greeting" if line.is_open(now) else "greeting_closed"],
        menu=menu,
        default=_menu_line(line.target_at(now), extension),
        consent=Consent(files["consent"]) if files["consent"] else None,
        voicemail=Voicemail(prompt=files["voicemail"], longest_s=float(line.voicemail_longest_s)),
    )


def prompts_of(host: Host, line: Line) -> Mapping[str, Prompt]:
    """What is said on this line. What is left empty says the usual words where text can be spoken on this machine, else nothing. Consent is
    asked for where its text is written, or where talks are recorded."""

    def usual(text: str) -> Prompt:
        return Prompt(text=host.gettext(text, line.language)) if can_speak() else Prompt()

    asks = line.consent or (usual(CONSENT) if line.records_calls else Prompt())
    return {
        "greeting": line.greeting or usual(GREETING),
        "greeting_closed": line.greeting_closed or usual(CLOSED),
        "voicemail": line.voicemail or usual(LEAVE_MESSAGE),
        "consent": asks,
    }


def folder_of(host: Host, account_id: int) -> Path:
    """Where the agent of an account records."""
    folder = host.data_folder() / "sip" / str(account_id)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def interface_for(account: SIPAccount) -> str:
    """The loopback address for a server on this machine, which baresip would not think of by itself; empty for all others."""
    name = (account.proxy or account.domain).removeprefix("sip:").partition(";")[0].rpartition(":")
    host = (name[0] or name[2]).strip("[]")
    try:
        address = ipaddress.ip_address(socket.getaddrinfo(host, None)[0][4][0])
    except (OSError, ValueError, UnicodeError):
        return ""
    return str(address) if address.is_loopback else ""


def _menu_line(target: Target, extension: str, label: str = "") -> MenuLine:
    """To the agents means to their extension; where none is named, callers may leave a message."""
    if target.kind is TargetKind.NUMBER:
        return MenuLine("transfer", target.value, label)
    if target.kind is TargetKind.HANG_UP:
        return MenuLine("hang_up", label=label)
    if target.kind is TargetKind.QUEUE and extension:
        return MenuLine("transfer", extension, label)
    return MenuLine("voicemail", label=label)
