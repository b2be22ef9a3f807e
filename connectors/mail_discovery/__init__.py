"""Where the mail servers of an address are, found by asking: the table of providers, DNS, the domain's own web server, Thunderbird's list.

`find_servers` is the way in. Nothing is signed in to here, and no password is needed.
"""

from connectors.mail_discovery.finding import ISPDB, find_servers
from connectors.mail_discovery.reach import Ports, Reach
from connectors.mail_discovery.records import Resolver
from connectors.mail_discovery.types import SOURCES, Discovery, Source, Step

__all__ = ["ISPDB", "SOURCES", "Discovery", "Ports", "Reach", "Resolver", "Source", "Step", "find_servers"]
