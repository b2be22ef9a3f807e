"""The HTTP session a plugin gets: it says who is calling, never waits for ever, and refuses servers the manifest does not name."""

from typing import Any

import requests

from app.plugin_api.manifest import Manifest
from app.plugin_host.permissions import is_host_declared, require

__all__ = ["HostSession"]

CONNECT_S = 10.0
READ_S = 30.0


class HostSession(requests.Session):
    """A `requests.Session` for one plugin. Redirects pass through `send` too, so they cannot leave the declared servers."""

    def __init__(self, manifest: Manifest) -> None:
        super().__init__()
        self._manifest = manifest
        self.headers["User-Agent"] = f"Tidings ({manifest.name} {manifest.version})"

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a prepared request. Raises RuntimeError when the plugin may not talk to that server."""
        require(self._manifest, "network")
        if not is_host_declared(self._manifest, request.url or ""):
            raise RuntimeError(f"{self._manifest.name} may not talk to this server: its manifest does not name it.")
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = (CONNECT_S, READ_S)
        return super().send(request, **kwargs)
