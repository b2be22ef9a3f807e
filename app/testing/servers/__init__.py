"""Real servers for tests, private to one test run: mail, SMTP, PostgreSQL, Valkey, Google and Twilio on free loopback ports.

Each class is a context manager that starts in well under two seconds, runs without privileges and leaves nothing
behind. Ready-made fixtures are in fixtures.py.
"""

from app.testing.servers.certificates import TestCertificate
from app.testing.servers.dns import DNSServer
from app.testing.servers.dovecot import DovecotServer
from app.testing.servers.dovecot_configuration import DovecotOptions
from app.testing.servers.emulate import EmulatedMailbox, EmulateServer
from app.testing.servers.exim import EximServer
from app.testing.servers.missing import MissingComponent
from app.testing.servers.postgres import PostgresServer
from app.testing.servers.proxy import FaultyProxy
from app.testing.servers.smtp import ReceivedMail, SMTPServer
from app.testing.servers.valkey import ValkeyServer

__all__ = [
    "DNSServer",
    "DovecotOptions",
    "DovecotServer",
    "EmulateServer",
    "EmulatedMailbox",
    "EximServer",
    "FaultyProxy",
    "MissingComponent",
    "PostgresServer",
    "ReceivedMail",
    "SMTPServer",
    "TestCertificate",
    "ValkeyServer",
]
