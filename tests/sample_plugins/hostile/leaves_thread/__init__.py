"""Starts a thread that goes on using the host whatever becomes of the plugin."""

import threading
import time

from tidings import hookimpl

THREADS = []


def linger(host):
    while True:
        time.sleep(0.05)
        try:
            host.store.increment("turns")
        except RuntimeError:  # refused at last
            return


@hookimpl
def message_received(host, message):
    thread = threading.Thread(target=linger, args=(host,), name="leaves-thread", daemon=True)
    THREADS.append(thread)
    thread.start()
