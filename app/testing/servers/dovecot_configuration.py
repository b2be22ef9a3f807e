"""The files that Dovecot is started with: `dovecot.conf` and the two that say who may sign in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DovecotOptions:
    """What one Dovecot offers besides plain IMAP.

    `lmtp`: takes mail over LMTP, for each recipient there is a mailbox for or not. `submission`: host and port of the SMTP server that
    its sieve scripts send through; with one, scripts are run on mail that comes over LMTP. `quota`: how much a mailbox holds, as Dovecot
    writes it ("100k"). `most_connections`: how many one user may have.
    """

    offers_idle: bool = True
    lmtp: bool = False
    submission: tuple[str, int] | None = None
    quota: str = ""
    most_connections: int = 0


@dataclass(frozen=True, slots=True)
class DovecotPlace:
    """Where one Dovecot lives and as whom. Ports that are 0 are not listened on."""

    root: Path
    user: str
    group: str
    uid: int
    gid: int
    port: int
    tls_port: int
    lmtp_port: int = 0


def dovecot_configuration(place: DovecotPlace, options: DovecotOptions) -> str:
    """The text of `dovecot.conf`."""
    protocols = "imap lmtp" if options.lmtp else "imap"
    return _MAIN.format(
        root=place.root,
        user=place.user,
        group=place.group,
        uid=place.uid,
        gid=place.gid,
        port=place.port,
        tls_port=place.tls_port,
        protocols=protocols,
        imap="\n".join(_imap_lines(options)),
        extra="\n".join(_extra_parts(place, options)),
    )


def passwords_configuration(root: Path) -> str:
    """One JSON file per user, read at every login: a passwd-file is looked at once a second, too late for quick tests."""
    return _PASSWORDS.format(root=root)


def tokens_configuration(url: str) -> str:
    """Tokens are asked about at `url`."""
    return _OAUTH.format(url=url)


def _imap_lines(options: DovecotOptions) -> list[str]:
    lines = [] if options.offers_idle else [f"imap_capability = {_CAPABILITY_WITHOUT_IDLE}"]
    if options.most_connections:
        lines.append(f"mail_max_userip_connections = {options.most_connections}")
    return lines


def _extra_parts(place: DovecotPlace, options: DovecotOptions) -> list[str]:
    parts = []
    if options.lmtp:
        parts.append(
            _LMTP.format(
                port=place.lmtp_port, plugins="mail_plugins = $mail_plugins sieve" if options.submission else ""
            )
        )
    if options.submission:
        parts.append(_SIEVE.format(root=place.root, host=":".join(map(str, options.submission))))
    if options.quota:
        parts.append(_QUOTA.format(quota=options.quota))
    return parts


_MAIN = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = {protocols}
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
last_valid_uid = 0
mail_uid = {uid}
mail_gid = {gid}
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2 oauthbearer
mail_location = maildir:{root}/mail/%u
mail_home = {root}/home/%u
mailbox_idle_check_interval = 1s
imap_idle_notify_interval = 30s
mail_fsync = never
{imap}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = create
  }}
}}
passdb {{
  driver = dict
  mechanisms = plain login
  args = {root}/passwords.conf
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
{extra}
"""

_LMTP = """
service lmtp {{
  inet_listener lmtp {{
    port = {port}
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@example.test
  hostname = mail.example.test
  {plugins}
}}
"""

_SIEVE = """
submission_host = {host}
plugin {{
  sieve = file:{root}/home/%u/sieve;active={root}/home/%u/active.sieve
  sieve_extensions = +vacation-seconds
  sieve_vacation_min_period = 0
}}
"""

_QUOTA = """
mail_plugins = quota
protocol imap {{
  mail_plugins = $mail_plugins imap_quota
}}
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage={quota}
}}
"""

_PASSWORDS = """
uri = fs:posix:prefix={root}/users/
default_pass_scheme = PLAIN
passdb_objects = passdb
key passdb {{
  key = %u
  format = json
}}
"""

_OAUTH = """
introspection_mode = get
introspection_url = {url}?access_token=
tokeninfo_url = {url}?access_token=
username_attribute = email
active_attribute = active
active_value = true
timeout_msecs = 3000
"""

_CAPABILITY_WITHOUT_IDLE = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE LITERAL+ UIDPLUS SPECIAL-USE NAMESPACE"
