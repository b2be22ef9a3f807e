"""The deployment's configuration: `TIDINGS_*` environment variables and a `.env` file, validated once at start.

What an admin changes at run time is a setting and lives in the database instead (`app.services.settings`).
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from dotenv import dotenv_values

from app.errors import ConfigError

__all__ = ["Config", "load_config", "read_config"]

PREFIX = "TIDINGS_"
_PLUGIN_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True)
class Config:
    """Each field is read from `TIDINGS_<NAME>`. Empty texts mean "derive it from `home`"."""

    home: Path = Path("instance")
    """Folder of everything that must be kept: database, files, key."""
    database_url: str = field(default="", repr=False)
    """SQLAlchemy address; empty is SQLite in `home`. It may hold a password, so it is not shown."""
    queue_url: str = field(default="", repr=False)
    """Where wake-ups travel: empty is a SQLite file in `home`, or redis://…, or postgresql://…"""
    files_url: str = field(default="", repr=False)
    """fsspec address of the file storage; empty is a folder in `home`."""
    host: str = "127.0.0.1"
    port: int = 8400
    base_url: str = ""
    """The address browsers use; empty is http://<host>:<port>."""
    trusted_proxies: int = 0
    """How many reverse proxies stand before us and set X-Forwarded-*."""
    web_workers: int = 1
    web_threads: int = 40
    max_streams: int = 24
    """Open live connections at the same time; must stay below `web_threads`, each holds a thread."""
    worker_threads: int = 4
    max_upload_mb: int = 40
    undo_s: int = 6
    """Seconds in which a reply can be taken back."""
    theme: str = "default"
    log_level: str = "INFO"
    access_log: str = ""
    """A file that gets a line for each request, "-" for standard output: when, what, the status, microseconds. Neither queries nor
    addresses of visitors stand in it."""
    safe_mode: bool = False
    """Start only the plugins that came with Tidings, and the default theme."""
    allow_drop_ins: bool = False
    """Run plugins that somebody put into `plugins/` of the home folder."""
    allow_uploads: bool = False
    """Let admins upload plugins, and run the uploaded ones."""
    require_signature: bool = False
    """Run what stands in `plugins/` of the home folder only when somebody we trust signed it."""
    must_use_plugins: tuple[str, ...] = ()
    """Plugins that are always on; naming one here agrees to what it asks for."""
    allowed_plugins: tuple[str, ...] = ()
    """When not empty, no other plugin is ever imported."""
    dns: str = "system"
    """Whom the domain name system is asked by when senders of mails are checked: "system" is the machine's own servers, "off" asks nobody,
    and an address (192.0.2.1, or with a port 127.0.0.1:5353) that server."""
    trace_hooks: bool = False
    """Print each call of a hook."""
    plugin_values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """All `TIDINGS_PLUGIN_<NAME>_<KEY>` values, key in lower case: "mailbox_lmtp_listen"."""

    @property
    def database_address(self) -> str:
        """SQLAlchemy address; a relative path of SQLite is one of the folder we were started in."""
        scheme, separator, path = self.database_url.partition(":///")
        if scheme.startswith("sqlite") and separator and path and not path.startswith((":memory:", "file:")):
            return f"{scheme}:///{Path(path).resolve()}"
        return self.database_url or f"sqlite:///{quote(str(self.home.resolve() / 'tidings.sqlite3'))}"

    @property
    def files_address(self) -> str:
        return self.files_url or str(self.home.resolve() / "files")

    @property
    def listen_address(self) -> str:
        """Host and port as one text, IPv6 addresses in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def nameserver(self) -> tuple[str, int] | None:
        """Address and port of the server that `dns` names; None where it names none."""
        host, _, port = self.dns.rpartition(":")
        for address, number in ((self.dns, "53"), (host, port)):
            try:
                found = str(ip_address(address.strip("[]")))
            except ValueError:
                continue
            return (found, int(number)) if number.isdigit() and 0 < int(number) < 65536 else None
        return None

    @property
    def address(self) -> str:
        """Base address without a trailing slash."""
        return (self.base_url or f"http://{self.listen_address}").rstrip("/")

    @property
    def is_https(self) -> bool:
        return urlsplit(self.address).scheme == "https"


def load_config(environ: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Config:
    """Read the configuration. Raises `ConfigError` naming the variable that is wrong; real variables win over the file, empty ones count
    as not given."""
    values: dict[str, str] = {}
    if env_file is not None and env_file.is_file():
        values.update({k: v for k, v in _read_env_file(env_file).items() if v is not None})
    values.update(os.environ if environ is None else environ)
    ours = {k.removeprefix(PREFIX).lower(): v for k, v in values.items() if k.startswith(PREFIX) and v.strip()}
    plugin_values = {k.removeprefix("plugin_"): v for k, v in ours.items() if k.startswith("plugin_")}
    known = {f.name: f for f in fields(Config) if f.name != "plugin_values"}
    unknown = [k for k in ours if k not in known and not k.startswith("plugin_")]
    if unknown:
        raise ConfigError(f"{PREFIX}{unknown[0].upper()} is not a setting of Tidings; check its spelling.")
    parsed: dict[str, Any] = {
        name: _parse(name, known[name].type, text) for name, text in ours.items() if name in known
    }
    config = Config(**parsed, plugin_values=plugin_values)
    _check(config)
    return config


def read_config(home: Path | None = None) -> Config:
    """The configuration of this process; `home` wins over the environment."""
    config = load_config()
    return replace(config, home=home) if home is not None else config


def _read_env_file(path: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.resolve()} cannot be read: {error}.") from error


def _parse(name: str, kind: object, text: str) -> object:
    variable = PREFIX + name.upper()
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise ConfigError(f"{variable} must be a whole number, not {text!r}.") from None
    if kind is bool:
        if text.lower() not in {"0", "1", "true", "false", "yes", "no"}:
            raise ConfigError(f"{variable} must be 1 or 0, not {text!r}.")
        return text.lower() in {"1", "true", "yes"}
    if kind is Path:
        return Path(text)
    if kind == tuple[str, ...]:
        return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))
    return text.strip()


def _check(config: Config) -> None:
    _check_plugins(config)
    if not 1 <= config.port <= 65535:
        raise ConfigError("TIDINGS_PORT must be between 1 and 65535.")
    if config.base_url and not config.base_url.startswith(("http://", "https://")):
        raise ConfigError("TIDINGS_BASE_URL must start with http:// or https://.")
    if config.dns not in ("system", "off") and config.nameserver is None:
        raise ConfigError("TIDINGS_DNS must be system, off or the IP address of a server, such as 127.0.0.1:5353.")
    if config.log_level.upper() not in _LOG_LEVELS:
        raise ConfigError(f"TIDINGS_LOG_LEVEL must be one of {', '.join(_LOG_LEVELS)}.")
    if not 1 <= config.max_streams < config.web_threads:
        raise ConfigError("TIDINGS_MAX_STREAMS must be at least 1 and smaller than TIDINGS_WEB_THREADS.")
    if config.database_url and config.database_url.split(":")[0].split("+")[0] not in {"sqlite", "postgresql"}:
        raise ConfigError("TIDINGS_DATABASE_URL must start with sqlite:/// or postgresql+psycopg://.")
    if config.queue_url and config.queue_url.split(":")[0].split("+")[0] not in {
        "redis",
        "rediss",
        "postgresql",
        "sqlite",
    }:
        raise ConfigError("TIDINGS_QUEUE_URL must start with redis://, postgresql:// or sqlite:///.")
    lowest = {"web_workers": 1, "worker_threads": 1, "max_upload_mb": 1, "undo_s": 0, "trusted_proxies": 0}
    for name, low in lowest.items():
        if getattr(config, name) < low:
            raise ConfigError(f"{PREFIX}{name.upper()} must be at least {low}.")


def _check_plugins(config: Config) -> None:
    for variable in ("must_use_plugins", "allowed_plugins"):
        for name in getattr(config, variable):
            if not _PLUGIN_NAME.match(name):
                raise ConfigError(
                    f"{PREFIX}{variable.upper()} names {name!r}; give names of plugins with commas between."
                )
    left_out = [name for name in config.must_use_plugins if name not in config.allowed_plugins]
    if config.allowed_plugins and left_out:
        raise ConfigError(f"TIDINGS_MUST_USE_PLUGINS names {left_out[0]}, which TIDINGS_ALLOWED_PLUGINS leaves out.")
