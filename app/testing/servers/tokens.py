"""The smallest OAuth authority a mail server will believe: it says for an access token whose it is, or nothing."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class TokenAuthority:
    """An HTTP endpoint for token introspection. `accept` and `revoke` take effect at once."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The endpoint; the token goes into the query parameter `access_token`."""
        if self._server is None:
            raise RuntimeError("The token authority is not running.")
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def accept(self, token: str, username: str) -> None:
        """From now on `token` opens the mailbox of `username`."""
        self._owners[token] = username

    def revoke(self, token: str) -> None:
        """From now on `token` opens nothing."""
        self._owners.pop(token, None)

    def owner(self, token: str) -> str | None:
        """Return whose token this is."""
        return self._owners.get(token)

    def start(self) -> None:
        """Serve in a thread until `stop`."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                token = parse_qs(urlsplit(self.path).query).get("access_token", [""])[0]
                owner = authority.owner(token)
                answer = {"active": owner is not None, "email": owner}
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """End the thread and close the port."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
