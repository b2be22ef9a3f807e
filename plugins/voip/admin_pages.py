"""Pages for admins: choosing a number at Twilio, connecting a SIP line, the sounds callers hear, and letting Twilio post to us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from werkzeug import Request
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from wtforms import Field

from connectors.errors import ConnectorError
from connectors.twilio_voice import Number
from plugins.voip.channel import VoipChannel
from plugins.voip.forms import SIP, TWILIO, VoipSettingsForm
from plugins.voip.numbers import region_of, shown
from plugins.voip.sip_forms import SIP_FIELDS
from plugins.voip.sounds import LARGEST_SOUND, SoundError, add_sound, delete_sound, sounds
from plugins.voip.troubles import trouble_of
from plugins.voip.twilio_desk import Desk, client_of
from tidings import Account, Host, Route, SignIns

__all__ = ["ConnectPage", "NumbersPage", "admin_routes"]


SIP_FIRST = ("sip_server", "sip_user", "sip_password", "number")
"""What every SIP line needs; the rest is folded away."""
SIP_MORE = (*(name for name in SIP_FIELDS if name not in SIP_FIRST), "region", "language")
SIP_NAMES = ("driver", *SIP_FIRST, *SIP_MORE)


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """The first step: which carrier. `problem` says what did not work, `account_sid` is what was typed, `form` the fields of a SIP line."""

    form: VoipSettingsForm
    account_sid: str = ""
    problem: str = ""
    sip_problem: str = ""

    @property
    def first(self) -> list[Field]:
        """The fields of a SIP line that are always needed."""
        return [self.form[name] for name in SIP_FIRST]

    @property
    def more(self) -> list[Field]:
        """Its other fields."""
        return [self.form[name] for name in SIP_MORE]

    @property
    def shows_more(self) -> bool:
        """Whether one of the others holds an error or something unusual."""
        return any(field.errors or not self.form.is_usual(field) for field in self.more)


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number to choose."""

    sid: str
    number: str
    name: str
    is_connected: bool
    posts_elsewhere: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class NumbersPage:
    """The second step at Twilio. `state` and `key` together find the token again."""

    rows: tuple[NumberRow, ...]
    state: str
    key: str


def admin_routes(host: Host) -> Sequence[Route]:
    """All for admins."""
    channel = VoipChannel(host)

    def connect(request: Request) -> str:
        return host.render("voip/connect.html", page=ConnectPage(_sip_form()))

    def numbers(request: Request) -> str:
        return _numbers(host, request.form)

    def choose(request: Request) -> Any:
        return _choose(host, request)

    def sip(request: Request) -> Any:
        return _connect_sip(host, channel, request)

    def posts(request: Request, account_id: int) -> Any:
        return _let_post(host, account_id)

    def sound_list(request: Request) -> str:
        return host.render("voip/sounds.html", sounds=sounds(host), problem="")

    def change_sounds(request: Request) -> Any:
        return _change_sounds(host, request)

    return [
        Route("/connect", connect, "connect", role="admin"),
        Route("/connect/numbers", numbers, "numbers", ("POST",), role="admin"),
        Route("/connect/choose", choose, "choose", ("POST",), role="admin"),
        Route("/connect/sip", sip, "connect_sip", ("POST",), role="admin"),
        Route("/posts/<int:account_id>", posts, "posts", ("POST",), role="admin"),
        Route("/sounds", sound_list, "sounds", role="admin"),
        Route("/sounds", change_sounds, "change_sounds", ("POST",), role="admin"),
    ]


# ------------------------------------------------------------------------------------------- Twilio ----
def _numbers(host: Host, typed: Mapping[str, str]) -> str:
    sid, token = typed.get("account_sid", "").strip(), typed.get("auth_token", "").strip()
    try:
        found = client_of(host, _account(sid, token)).numbers()
    except ConnectorError as error:
        problem = host.gettext(str(trouble_of(error, host.now())))
        return host.render("voip/connect.html", page=ConnectPage(_sip_form(), sid, problem))
    if not found:
        problem = host.gettext("This Twilio account has no number yet. Buy one in Twilio's console.")
        return host.render("voip/connect.html", page=ConnectPage(_sip_form(), sid, problem))
    key = Fernet.generate_key()
    state = SignIns(host).begin({"sid": sid, "token": Fernet(key).encrypt(token.encode()).decode()})
    rows = tuple(_number_row(host, one) for one in found)
    return host.render("voip/numbers.html", page=NumbersPage(rows, state, key.decode()))


def _number_row(host: Host, number: Number) -> NumberRow:
    connected = {account.address for account in host.accounts(with_paused=True)}
    why_not = "" if number.carries_calls else host.gettext("This number carries no calls.")
    posts_elsewhere = bool(number.voice_url) and number.number not in connected
    is_connected = number.number in connected
    return NumberRow(number.sid, shown(number.number), number.name, is_connected, posts_elsewhere, why_not)


def _choose(host: Host, request: Request) -> Any:
    begun = SignIns(host).take(request.form.get("state", ""))
    try:
        token = Fernet(request.form.get("key", "")).decrypt((begun or {})["token"].encode()).decode()
        account = _account((begun or {})["sid"], token)
        chosen = [one for one in client_of(host, account).numbers() if one.sid in request.form.getlist("number")]
    except (InvalidToken, KeyError, ValueError):
        problem = host.gettext("This took too long. Begin again.")
        return host.render("voip/connect.html", page=ConnectPage(_sip_form(), problem=problem))
    except ConnectorError as error:
        problem = host.gettext(str(trouble_of(error, host.now())))
        return host.render("voip/connect.html", page=ConnectPage(_sip_form(), problem=problem))
    added = [_add(host, account, one, lets_post=request.form.get("posts") == "1") for one in chosen]
    where = f"/{added[0]}" if len(added) == 1 else ""
    return redirect(f"{request.root_path}/accounts{where}", 303)


def _add(host: Host, account: Account, number: Number, *, lets_post: bool) -> int:
    settings = {**account.settings, "number": number.number, "region": region_of(number.number)}
    id = host.add_account(number.name or shown(number.number), settings=settings, secrets=account.secrets)
    added = host.account(id)
    if lets_post and added is not None:
        desk = Desk(host, added)
        with desk.going_on("let Twilio post here"):
            desk.twilio.send_events_to(number.sid, host.webhook_url(id), desk.address("status"))
    return id


def _let_post(host: Host, account_id: int) -> Any:
    account = host.account(account_id)
    if account is None or account.settings.get("driver") == SIP:
        raise NotFound
    desk = Desk(host, account)
    try:
        number = next((one for one in desk.twilio.numbers() if one.number == desk.line.number), None)
        if number is None:
            return host.done(
                host.gettext("The account has no such number. Buy it in Twilio's console, or choose another one.")
            )
        desk.twilio.send_events_to(number.sid, host.webhook_url(account_id), desk.address("status"))
    except ConnectorError as error:
        return host.done(host.gettext(str(trouble_of(error, host.now()))))
    return host.done(host.gettext("Twilio posts calls and texts of this number here now."))


def _account(sid: str, token: str) -> Account:
    return Account(0, "voip", "", "", {"driver": TWILIO, "account_sid": sid}, secrets={"auth_token": token})


# ---------------------------------------------------------------------------------------------- SIP ----
def _sip_form(typed: Any = None) -> VoipSettingsForm:
    form = VoipSettingsForm(typed, data={"driver": SIP})
    for name in set(form._fields) - set(SIP_NAMES):
        del form[name]
    return form


def _connect_sip(host: Host, channel: VoipChannel, request: Request) -> Any:
    form = _sip_form(request.form)
    form["driver"].data = SIP
    if not form.validate():
        return host.render("voip/connect.html", page=ConnectPage(form))
    usual = VoipSettingsForm(data={"driver": SIP}).split_secrets()[0]
    plain, secrets = form.split_secrets()
    settings = {**usual, **plain, "driver": SIP}
    address = channel.account_address(settings)
    account = Account(0, "voip", str(settings["number"]), address, settings, secrets=secrets)
    report = channel.test_connection(account)
    if not report.is_ok:
        return host.render("voip/connect.html", page=ConnectPage(form, sip_problem=report.problem))
    id = host.add_account(shown(address), settings=settings, secrets=secrets)
    return redirect(f"{request.root_path}/accounts/{id}", 303)


# ------------------------------------------------------------------------------------------- sounds ----
def _change_sounds(host: Host, request: Request) -> Any:
    if name := request.form.get("delete"):
        delete_sound(host, name)
        return host.done(host.gettext("The sound was deleted."), "/sounds")
    file = request.files.get("sound")
    try:
        if file is None or not file.filename:
            raise SoundError("Choose a file first.")
        name = add_sound(host, file.filename, file.stream.read(LARGEST_SOUND + 1))
    except SoundError as error:
        return host.render("voip/sounds.html", sounds=sounds(host), problem=host.gettext(str(error)))
    return host.done(host.gettext("The sound was saved as %(name)s.") % {"name": name}, "/sounds")
