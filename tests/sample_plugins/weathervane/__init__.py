"""Says which version of it runs in which process: on a public page, and in a file with a line for each message it was told of.

Tests write further versions of it, and the same plugin under another name, by replacing words.
"""

import os
import time

from tidings import Route, hookimpl

VERSION = "1"


@hookimpl
def register_routes(host):
    return [Route("/version", lambda request: f"{VERSION} {os.getpid()}", "version", is_public=True)]


@hookimpl
def message_received(host, message):
    if "log" in host.config:
        with open(host.config["log"], "a") as file:
            file.write(f"{time.time():.3f} {VERSION} {os.getpid()} {message.external_id}\n")
