"""Somebody else's website: a page on a loopback port of its own, which is another origin to a browser."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from werkzeug import Request, Response
from werkzeug.serving import make_server


@contextmanager
def serve(answer: Callable[[Request], Response]) -> Iterator[str]:
    """Serve until the block ends; gives the origin."""
    server = make_server("127.0.0.1", 0, Request.application(answer), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
