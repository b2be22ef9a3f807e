"""What SIPp's telephones do, as its XML: place a call or take one, follow re-INVITE and REFER in it, hang up or be hung up on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from app.testing.servers.rtp import KEY_TYPE


@dataclass(frozen=True)
class Caller:
    """Who calls and how. Hangs up `stays_s` after the answer unless the other side does before. `expects`: the answer that is right
    (200, 486, …). `gives_up_s`: cancels so long after the first ring. `follows`: where to go on a REFER is called for real, as a trunk
    does; otherwise REFER is declined with 603."""

    number: str = "+493012345678"
    name: str = "Ada Reader"
    stays_s: float = 5.0
    expects: int = 200
    gives_up_s: float | None = None
    follows: bool = True
    count: int = 1


_CONTACT = "Contact: <sip:phone@[local_ip]:[local_port]>\n"
_HEAD = '<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="telephone">\n'
_RINGING = "".join(f'<recv response="{code}" optional="true"/>\n' for code in (100, 181, 183))
_TAIL = "</scenario>\n"


def caller_scenario(number: str, caller: Caller, voice_port: int | None, tone: Path) -> str:
    """A telephone that calls."""
    me = f'"{escape(caller.name)}" <sip:{caller.number}@[local_ip]:[local_port]>;tag=[pid]T[call_number]'
    invite = _invite(number, me, _sdp(voice_port))
    if caller.gives_up_s is not None:
        return _HEAD + invite + _giving_up(number, me, caller.gives_up_s) + _TAIL
    if caller.expects != 200:
        return _HEAD + invite + _refused(number, me, caller.expects) + _TAIL
    answered = (
        _RINGING
        + '<recv response="180" optional="true"/>\n<recv response="200" rrs="true">'
        + _save("To:", "peer")
        + "</recv>\n"
    )
    ack = _send("ACK [next_url]", me, "[$peer]", "1 ACK", retransmits=False)
    play = "" if voice_port else f'<nop><action><exec rtp_stream="{tone},1,0,PCMU/8000"/></action></nop>\n'
    follow = _follow(me) if caller.follows else _decline()
    return _HEAD + invite + answered + ack + play + _talk(caller.stays_s, me, voice_port) + follow + _TAIL


def phone_scenario(voice_port: int | None, answers_after_s: float, stays_s: float) -> str:
    """A telephone that is called."""
    me = "[$me];tag=[pid]P[call_number]"
    echo = "[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]P[call_number]\n[last_Call-ID:]\n[last_CSeq:]\n"
    take = f'<recv request="INVITE" rrs="true"><action>{_keeping("From:", "peer")}{_keeping("To:", "me")}</action></recv>\n'
    ring = f"<send><![CDATA[\nSIP/2.0 180 Ringing\n{echo}{_CONTACT}Content-Length: 0\n\n]]></send>\n"
    ok = f"SIP/2.0 200 OK\n{echo}[last_Record-Route:]\n{_CONTACT}{_body(_sdp(voice_port))}"
    answer = f'<pause milliseconds="{round(answers_after_s * 1000)}"/>\n<send retrans="500"><![CDATA[\n{ok}]]></send>\n'
    acknowledged = '<recv request="ACK"/>\n'
    return _HEAD + take + ring + answer + acknowledged + _talk(stays_s, me, voice_port) + _follow(me) + _TAIL


def _talk(stays_s: float, me: str, voice_port: int | None) -> str:
    """The part both share: follow what comes in the dialogue until somebody hangs up."""
    stays_ms = round(stays_s * 1000)
    renegotiated = _reply("200 OK", f"[last_Record-Route:]\n{_CONTACT}{_body(_sdp(voice_port))}", goes="talk")
    return f"""<label id="talk"/>
<recv request="INVITE" optional="true" next="renegotiate" timeout="{stays_ms}" ontimeout="hang_up"/>
<recv request="ACK" optional="true" next="talk"/>
<recv request="REFER" optional="true" next="refer">{_save("Refer-To:", "target", "sip:[^>;]*")}</recv>
<recv request="BYE" timeout="{stays_ms}" ontimeout="hang_up"/>
{_reply("200 OK", goes="over")}<label id="renegotiate"/>
{renegotiated}<label id="hang_up"/>
{_send("BYE [next_url]", me, "[$peer]", "90 BYE")}<recv response="200" next="over"/>
"""


def _follow(me: str) -> str:
    """A REFER is accepted: the target is called in a dialogue of its own and the outcome reported, then the other side hangs up."""
    there = "".join(f'<recv response="{code}" optional="true"/>\n' for code in (100, 180, 183))
    new, route = "new///[call_id]", "Route: <sip:[remote_ip]:[remote_port];lr>"
    steps = [
        '<label id="refer"/>\n',
        _reply("202 Accepted", f"{_CONTACT}Content-Length: 0\n\n"),
        _notify(me, 91, "SIP/2.0 100 Trying", "active;expires=60"),
        '<recv response="200"/>\n',
        _send("INVITE [$target]", me, "<[$target]>", "1 INVITE", _sdp(None), call_id=new, route=route),
        f'{there}<recv response="200" rrs="true"/>\n',
        _send("ACK [$target]", me, "<[$target]>", "1 ACK", call_id=new, route=route, retransmits=False),
        _notify(me, 92, "SIP/2.0 200 OK", "terminated;reason=noresource"),
        '<recv request="BYE" optional="true" next="left"/>\n<recv response="200"/>\n',
        '<recv request="BYE" timeout="8000" ontimeout="over"/>\n',
        _reply("200 OK", goes="over"),
        '<label id="left"/>\n',
        _reply("200 OK"),
        '<recv response="200" timeout="2000" ontimeout="over"/>\n',
        '<label id="over"/>\n<nop/>\n',
    ]
    return "".join(steps)


def _decline() -> str:
    return f"""<Reference variables="target"/>
<label id="refer"/>
{_reply("603 Decline", goes="talk")}<label id="over"/>
<nop/>
"""


def _notify(me: str, number: int, state: str, subscription: str) -> str:
    body = f"Content-Type: message/sipfrag;version=2.0\nContent-Length: [len]\n\n{state}\n"
    headers = f"Event: refer\nSubscription-State: {subscription}\n"
    return _send("NOTIFY [next_url]", me, "[$peer]", f"{number} NOTIFY", headers=headers, body=body)


def _invite(number: str, me: str, sdp: str) -> str:
    target = f"sip:{number}@[remote_ip]:[remote_port]"
    return _send(f"INVITE {target}", me, f"<{target}>", "1 INVITE", sdp, route="", is_first=True)


def _giving_up(number: str, me: str, after_s: float) -> str:
    """Cancel, and take the two answers in whichever order they come."""
    target = f"sip:{number}@[remote_ip]:[remote_port]"
    cancel = _send(f"CANCEL {target}", me, f"<{target}>", "1 CANCEL", route="", is_first=True)
    return f"""{_RINGING}<recv response="180"/>
<pause milliseconds="{round(after_s * 1000)}"/>
{cancel}<recv response="487" optional="true" next="1">{_save("To:", "peer")}</recv>
<recv response="200"/>
<recv response="487" next="2">{_save("To:", "peer")}</recv>
<label id="1"/>
<recv response="200"/>
<label id="2"/>
{_send(f"ACK {target}", me, "[$peer]", "1 ACK", route="", is_first=True, retransmits=False)}"""


def _refused(number: str, me: str, code: int) -> str:
    target = f"sip:{number}@[remote_ip]:[remote_port]"
    ack = _send(f"ACK {target}", me, "[$peer]", "1 ACK", route="", is_first=True, retransmits=False)
    return f'{_RINGING}<recv response="180" optional="true"/>\n<recv response="{code}">{_save("To:", "peer")}</recv>\n{ack}'


def _save(header: str, name: str, pattern: str = ".*") -> str:
    """Keep what a pattern finds in a header under a name."""
    return f"<action>{_keeping(header, name, pattern)}</action>"


def _keeping(header: str, name: str, pattern: str = ".*") -> str:
    return f'<ereg regexp="{escape(pattern)}" search_in="hdr" header="{header}" check_it="true" assign_to="{name}"/>'


def _reply(status: str, rest: str = "Content-Length: 0\n\n", *, goes: str = "") -> str:
    echo = "[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n"
    where = f' next="{goes}"' if goes else ""
    return f"<send{where}><![CDATA[\nSIP/2.0 {status}\n{echo}{rest}]]></send>\n"


def _send(
    line: str, me: str, peer: str, cseq: str, sdp: str = "", *, headers: str = "", body: str = "", call_id: str = "[call_id]",
    route: str = "[routes]", is_first: bool = False, retransmits: bool = True,
) -> str:  # fmt: skip
    branch = "z9hG4bK-[pid]-[call_number]-first" if is_first else "[branch]"
    retrans = ' retrans="500"' if retransmits else ""
    rest = _body(sdp) if sdp else body or "Content-Length: 0\n\n"
    return f"""<send{retrans}><![CDATA[
{line} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}
{route + chr(10) if route else ""}From: {me}
To: {peer}
Call-ID: {call_id}
CSeq: {cseq}
{_CONTACT}Max-Forwards: 70
{headers}{rest}]]></send>
"""


def _body(sdp: str) -> str:
    return f"Content-Type: application/sdp\nContent-Length: [len]\n\n{sdp}"


def _sdp(voice_port: int | None) -> str:
    port = voice_port if voice_port else "[rtpstream_audio_port]"
    return f"""v=0
o=phone 53655765 2353687637 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio {port} RTP/AVP 0 {KEY_TYPE}
a=rtpmap:0 PCMU/8000
a=rtpmap:{KEY_TYPE} telephone-event/8000
a=fmtp:{KEY_TYPE} 0-15
a=sendrecv
"""
