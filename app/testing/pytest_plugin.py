"""The test kit as a pytest plugin. Authors of plugins get what `tidings.testing` has; where the parts for tests of Tidings itself are
installed, there are also real servers, an installation on each database, and factories."""

from importlib.util import find_spec

from app.plugin_api.testing.pytest_fixtures import (  # noqa: F401 - fixtures and hooks are found by name
    create_fake_host,
    fake_clock,
    fake_gmail,
    fake_meta_graph,
    fake_provider,
    fake_twilio,
    fake_x,
    pytest_collect_directory,
)

if find_spec("psutil") is not None:  # of requirements/dev.txt, as all the servers need it
    from app.testing.browser import browser  # noqa: F401 - fixtures are found by name
    from app.testing.garbage import pytest_collection  # noqa: F401 - hooks are found by name
    from app.testing.installation import (  # noqa: F401 - fixtures are found by name
        clock,
        core,
        create_account,
        create_agent,
        database_url,
        installation,
        migrated_postgres,
        migrated_postgres_url,
        migrated_sqlite,
        postgres_copies,
        receive_mail,
        tidings_app,
    )
    from app.testing.installed_plugins import kept_installed_plugins  # noqa: F401 - fixtures are found by name
    from app.testing.route_builders import kept_route_builders  # noqa: F401 - fixtures are found by name
    from app.testing.servers.fixtures import (  # noqa: F401 - the same
        create_certificate,
        create_limited_user,
        create_mail_user,
        create_proxy,
        create_smtp_server,
        dns_server,
        dovecot,
        dovecot_without_idle,
        emulate,
        emulate_microsoft,
        emulated_mailbox,
        exim,
        lmtp_dovecot,
        mail_user,
        own_dovecot,
        postgres_server,
        postgres_url,
        smtp_server,
        valkey,
        valkey_url,
    )
    from app.testing.servers.telephony import create_registrar, create_voice, phones  # noqa: F401 - the same
