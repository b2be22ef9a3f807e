"""A small installation to look at: a lamp shop's inbox with two weeks behind it and a morning's mail, on real mail servers.

The pictures of the README and the test of accessibility open it in a browser. What people write stands in `sample_mails.json`.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import cycle
from pathlib import Path
from typing import Any

from app.models import Attachment, ChannelAccount, Conversation, Message, PluginValue
from app.plugin_api.messages import RawEvent
from app.services import accounts, agents, conversations, replies
from app.services.core import SYSTEM, Actor, Core, writing
from app.services.delivery import deliver, due_messages
from app.services.intake import receive
from app.services.seen import mark_seen
from app.services.settings import put_setting
from app.testing.servers import DovecotServer, SMTPServer
from docs.sample_habits import add_gaps, add_habits
from docs.sample_plugins import add_plugins
from forms.definitions import Answer, Becomes, Kind
from plugins.webform.visiting.submission import Submission, encode
from tests.e2e.running import Running

__all__ = ["PASSWORD", "Sample", "sample_installation"]

HERE = Path(__file__).resolve().parent
ADDRESS = "hello@lumen.example"
PASSWORD = "correct horse battery"
TEXTS = json.loads((HERE / "sample_mails.json").read_text(encoding="utf-8"))
LAMP = (HERE / "sample_lamp.png").read_bytes()


class SampleClock:
    """A clock that is set by hand, so that the past can be lived through in a second."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class Sample:
    """The running installation; `numbers` are those of the conversations by their keys in `sample_mails.json`, and of what could not be
    read. `form_path` is where the contact form stands."""

    running: Running
    numbers: dict[str, int] = field(default_factory=dict)
    form_path: str = ""


@contextmanager
def sample_installation(*, with_extremes: bool = False, past_days: int = 12) -> Iterator[Sample]:
    """Filled, running, and stopped and removed afterwards. `with_extremes` adds what nobody wants in a picture: names without end,
    other scripts, thirty tags, trouble. `past_days`, at most 12: how much it remembers of the time before today.

    Raises `MissingComponent` when Dovecot is not installed.
    """
    with (
        tempfile.TemporaryDirectory(prefix="tidings-sample-") as folder,
        DovecotServer() as dovecot,
        SMTPServer(mailboxes=dovecot) as smtp,
    ):
        dovecot.add_user(ADDRESS, "secret")
        extremes = {"TIDINGS_ALLOW_UPLOADS": "1"} if with_extremes else {}
        running, clock = Running(Path(folder) / "home", extremes), SampleClock()
        sample = Sample(running)
        with running.opened(migrate=True, clock=clock) as core:
            story = Story(core, clock, sample.numbers, past_days)
            story.tell({"imap_port": dovecot.port, "smtp_port": smtp.port})
            if with_extremes:
                story.tell_extremes()
            sample.form_path = story.form_path()
        running.start()
        try:
            running.wait_until_up()
            yield sample
        finally:
            running.stop()


class Story:
    """Lives through two weeks of a shop's inbox."""

    def __init__(self, core: Core, clock: SampleClock, numbers: dict[str, int], past_days: int) -> None:
        self.core, self.clock, self.numbers, self.past_days = core, clock, numbers, past_days
        self.today = clock.at
        self.ids: dict[str, int] = {}

    def tell(self, ports: Mapping[str, int]) -> None:
        """People, accounts and conversations in every state."""
        self._back(days=13, hours=2)
        self._people()
        self.mailbox = self._mailbox(ports)
        self.form = accounts.create_account(
            self.core, SYSTEM, plugin="webform", name="Website", settings={}, secrets={}, is_tested=False
        )
        self._earlier()
        for mail in TEXTS["today"]:
            self._back(minutes=mail["minutes_ago"])
            self.ids[mail["key"]] = self._mail(mail)
            self._after(mail["key"])
        self._form_post(TEXTS["form"])
        self._exchange()
        for key in TEXTS["seen"]:
            seen = self.core.session.get_one(Conversation, self.ids[key]).message_count
            mark_seen(self.core, self.ida, self.ids[key], seen)
        add_habits(self.core, self.mailbox, self.today)
        self._name_numbers()

    def tell_extremes(self) -> None:
        """What pages must bear."""
        for mail in TEXTS["extremes"]:
            self._back(minutes=mail["minutes_ago"])
            self.ids[mail["key"]] = self._mail(mail)
        self._answer(self.tom, self.ids["wrong"], "Hello,\n\nthe right one leaves today.\n\nTom")
        number = self.ids["long_subject"]
        for count in range(30):
            conversations.add_tag(
                self.core, self.ida, [number], f"tag number {count}" if count % 7 else "unbreakable" * 4
            )
        long_text = "\n\n".join(
            f"Paragraph {count}. " + "All work and no play makes a dull mail. " * 12 for count in range(120)
        )
        self.ids["long"] = self._mail({**TEXTS["today"][1], "subject": "A very long mail", "body": long_text})
        self.numbers["broken"] = receive(
            self.core, self.form, RawEvent(b"no form at all", source_key="broken")
        ).event_id
        self._troubled_accounts()
        add_gaps(self.core, self.mailbox, self.today)
        self._suspicious_mails()
        self.clock.at = self.today
        add_plugins(self.core)
        self._name_numbers()

    def form_path(self) -> str:
        """Where the public contact form stands."""
        row = self.core.session.query(PluginValue).filter_by(plugin="webform", key=f"account:{self.form}").one()
        return f"/plugins/webform/f/{row.value}"

    def _people(self) -> None:
        with writing(self.core) as unit:
            put_setting(unit, "business_name", "Lumen Lamps")
        ida = agents.create_agent(self.core, SYSTEM, name="Ida Berg", email="ida@lumen.example", role="admin")
        tom = agents.create_agent(self.core, SYSTEM, name="Tom Reyes", email="tom@lumen.example", role="agent")
        agents.create_team(self.core, SYSTEM, "Orders", [ida, tom])
        agents.set_password(self.core, ida, PASSWORD)
        agents.set_password(self.core, tom, PASSWORD)
        self.ida, self.tom = Actor(ida, "Ida Berg", "admin"), Actor(tom, "Tom Reyes", "agent")

    def _mailbox(self, ports: Mapping[str, int]) -> int:
        settings: dict[str, Any] = {
            "address": ADDRESS,
            "provider": "other",
            "smtp_auth": "none",
            "folders": "INBOX",
            **ports,
        }
        for protocol in ("imap", "smtp"):
            settings |= {f"{protocol}_host": "127.0.0.1", f"{protocol}_security": "none"}
        return accounts.create_account(
            self.core,
            SYSTEM,
            plugin="mailbox",
            name="Support",
            settings=settings,
            secrets={"password": "secret"},
            is_tested=False,
        )

    def _earlier(self) -> None:
        """Days on which everything was answered."""
        past = TEXTS["earlier"]
        people, subjects = cycle(past["people"]), cycle(past["subjects"])
        for days_ago, count in enumerate(reversed(past["a_day"][-self.past_days :]), start=1):
            for place in range(count):
                name = next(people)
                address = f"{name.partition(' ')[0].lower()}@{name.partition(' ')[2].lower()}.example"
                self._back(days=days_ago, hours=3 - place)
                mail = {
                    "name": name,
                    "address": address,
                    "subject": next(subjects),
                    "body": f"{past['body']}\n{name.split()[0]}",
                }
                number = self._mail(mail)
                self.clock.at += timedelta(minutes=40)
                self._answer(self.tom if place % 3 else self.ida, number, past["answer"], then="resolved")

    def _after(self, key: str) -> None:
        """What the shop does with a mail of this morning."""
        self.clock.at += timedelta(minutes=4)
        core, ida, number = self.core, self.ida, self.ids[key]
        if key == "order":
            conversations.assign(core, ida, [number], ida.agent_id)
            conversations.add_tag(core, ida, [number], "delivery")
        elif key == "invoice":
            self._answer(self.tom, number, "Hello Ben,\n\nhere it is, with the VAT number.\n\nTom")
        elif key == "lamp":
            conversations.assign(core, ida, [number], ida.agent_id)
            conversations.add_tag(core, ida, [number], "damaged")
            conversations.set_priority(core, ida, [number], 2)
        elif key == "moved":
            conversations.assign(core, ida, [number], self.tom.agent_id)
            conversations.add_tag(core, ida, [number], "delivery")
        elif key == "wrong":
            conversations.assign(core, ida, [number], self.tom.agent_id)
            conversations.add_tag(core, ida, [number], "return")
        elif key == "bulb":
            conversations.snooze(core, ida, [number], self.today + timedelta(hours=20))
        elif key in ("wholesale", "vat"):
            conversations.add_tag(core, ida, [number], "wholesale")

    def _exchange(self) -> None:
        """The customer with the cracked lamp is answered, writes again, and the two colleagues agree."""
        lamp, number = next(mail for mail in TEXTS["today"] if mail["key"] == "lamp"), self.ids["lamp"]
        self._back(minutes=148)
        text = lamp["answer"]
        self._answer(self.ida, number, text)
        self._back(minutes=74)
        own = lamp["second"]
        quoted = "\n".join(f"> {line}" for line in text.splitlines())
        answer = f"{own}\n\nOn Tuesday Ida Berg <{ADDRESS}> wrote:\n{quoted}"
        parent = (
            self.core.session.query(Message).filter_by(conversation_id=number, direction="outbound").one().external_id
        )
        self._mail(
            {**lamp, "subject": f"Re: {lamp['subject']}", "body": answer, "html": "", "picture": ""}, in_reply_to=parent
        )
        self._back(minutes=49)
        conversations.add_note(
            self.core, self.tom, number, "We have two of these glasses on the shelf by the door. I pack one now."
        )

    def _form_post(self, form: Mapping[str, Any]) -> None:
        self._back(minutes=form["minutes_ago"])
        submission = Submission(
            nonce="sample", received_at=self.clock.at,
            values={}, subject=form["subject"],
            answers=(
                Answer("name", Kind.TEXT, "Name", form["name"], Becomes.NAME),
                Answer("email", Kind.EMAIL, "E-mail", form["address"], Becomes.EMAIL),
                Answer("message", Kind.LONG_TEXT, "Message", form["body"], Becomes.MESSAGE),
            ),
            context={"way": "page", "page": "https://www.lumen.example/service", "language": "en"},
        )  # fmt: skip
        self.ids[form["key"]] = self._received(self.form, encode(submission))
        self._deliver()

    def _troubled_accounts(self) -> None:
        """One account of each kind of trouble."""
        troubles: list[dict[str, Any]] = [
            {"state": "paused"},
            {"state": "needs_reauth", "last_error": "The server refused the password.", "failed_at": self.today},
            {
                "failures": 2,
                "last_error": "The server cannot be reached.",
                "next_attempt_at": self.today + timedelta(hours=1),
            },
        ]
        for place, trouble in enumerate(troubles):
            name = ("Old shop", "Sales", "Press")[place]
            account_id = accounts.create_account(
                self.core, SYSTEM, plugin="mailbox", name=name, secrets={"password": "secret"}, is_tested=False,
                settings={"address": f"{name.replace(' ', '').lower()}@lumen.example", "imap_host": "127.0.0.1", "smtp_host": "127.0.0.1"},
            )  # fmt: skip
            with writing(self.core) as unit:
                row = unit.session.get_one(ChannelAccount, account_id)
                for key, value in trouble.items():
                    setattr(row, key, value)

    def _suspicious_mails(self) -> None:
        """One that its sender's domain disowns, with a program for a file, and one that its domain vouches for."""
        forged, genuine = TEXTS["suspicious"]
        for mail, verdict in ((forged, "fail"), (genuine, "pass")):
            self._back(minutes=mail["minutes_ago"])
            written = self._written(mail)
            domain = mail["address"].partition("@")[2]
            if mail.get("file"):
                written.add_attachment(b"MZ", maintype="application", subtype="pdf", filename=mail["file"])
            noted = (
                f"Authentication-Results: mx.lumen.example; dmarc={verdict} (p=reject) header.from={domain}\n"
                f"Received: from {domain} ([192.0.2.7]) by mx.lumen.example with ESMTPS; {format_datetime(self.clock.at)}\n"
            )
            raw = noted.encode() + written.as_bytes()
            self.ids[mail["key"]] = self._received(self.mailbox, RawEvent(raw, content_type="message/rfc822"))
        self.numbers["danger"] = self.core.session.query(Attachment.id).filter(Attachment.danger != "").one().id

    def _mail(self, mail: Mapping[str, Any], in_reply_to: str = "") -> int:
        written = self._written(mail, in_reply_to)
        return self._received(self.mailbox, RawEvent(written.as_bytes(), content_type="message/rfc822"))

    def _written(self, mail: Mapping[str, Any], in_reply_to: str = "") -> EmailMessage:
        written = EmailMessage()
        written["From"] = f"{mail['name']} <{mail['address']}>" if mail["name"] else mail["address"]
        written["To"], written["Subject"], written["Date"] = ADDRESS, mail["subject"], format_datetime(self.clock.at)
        written["Message-ID"] = f"<{self.clock.at.timestamp():.0f}@{mail['address'].partition('@')[2]}>"
        if in_reply_to:
            written["In-Reply-To"] = in_reply_to
        written.set_content(mail["body"])
        if mail.get("html"):
            written.add_alternative(mail["html"], subtype="html")
        if mail.get("picture"):
            written.add_attachment(LAMP, maintype="image", subtype="png", filename=mail["picture"])
        return written

    def _received(self, account_id: int, event: RawEvent) -> int:
        conversation_id = receive(self.core, account_id, event).conversation_id
        assert conversation_id is not None
        return conversation_id

    def _answer(self, actor: Actor, number: int, text: str, then: str = "pending") -> None:
        replies.reply(self.core, actor, number, replies.ReplyDraft(text, then=then))
        self._deliver()

    def _deliver(self) -> None:
        self.clock.at += timedelta(seconds=30)
        for message_id in due_messages(self.core):
            deliver(self.core, message_id)

    def _back(self, **ago: float) -> None:
        self.clock.at = self.today - timedelta(**ago)

    def _name_numbers(self) -> None:
        numbers = dict(self.core.session.query(Conversation.id, Conversation.number).all())
        self.numbers.update({key: numbers[identifier] for key, identifier in self.ids.items()})
        self.core.session.rollback()
