"""Takes the pictures of the README: the sample installation, opened in a real browser.

Run by `make screenshots`. Without arguments it writes the pictures that are committed; `--all FOLDER` writes every page in both widths and
both themes, for looking at; `--only NAME …` some of them.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page

from app.testing.browser import open_browser
from docs.sample import PASSWORD, Sample, sample_installation

__all__ = ["EXTREMES", "PAGES", "PUBLIC_PAGES", "address_of", "sign_in"]

HERE = Path(__file__).resolve().parent

PAGES = {
    "inbox": "/",
    "pending": "/?status=pending",
    "snoozed": "/?status=snoozed",
    "conversation": "/conversations/{lamp}",
    "form_message": "/conversations/{repair}",
    "answered": "/conversations/{invoice}",
    "merge": "/conversations/{lamp}/merge?q=invoice",
    "compose": "/compose",
    "search": "/search?q=lamp",
    "search_nothing": "/search?q=zeppelin",
    "dashboard": "/dashboard",
    "contacts": "/contacts",
    "contact": "/contacts/1",
    "contact_merge": "/contacts/1/merge?q=a",
    "undelivered": "/undelivered",
    "accounts": "/accounts",
    "channel_health": "/accounts/health",
    "choose": "/accounts/connect",
    "connect": "/accounts/connect/mailbox",
    "connect_facebook": "/plugins/facebook/connect",
    "connect_gmail": "/plugins/gmail/connect",
    "connect_instagram": "/plugins/instagram/connect",
    "connect_twitter": "/plugins/twitter/connect",
    "connect_voip": "/plugins/voip/connect",
    "connect_whatsapp": "/plugins/whatsapp/connect",
    "account": "/accounts/1",
    "account_form": "/accounts/2",
    "account_settings": "/accounts/1/settings",
    "reconciliation": "/accounts/1/reconciliation",
    "calls": "/plugins/voip/calls",
    "forms": "/plugins/webform/forms",
    "form_new": "/plugins/webform/forms/new",
    "form_import": "/plugins/webform/forms/import",
    "form_builder": "/plugins/webform/forms/2",
    "form_preview": "/plugins/webform/forms/2/preview",
    "form_share": "/plugins/webform/forms/2/share",
    "form_test": "/plugins/webform/forms/2/test",
    "form_versions": "/plugins/webform/forms/2/versions",
    "plugins": "/settings/plugins",
    "plugin": "/settings/plugins/mailbox",
    "plugin_hooks": "/settings/plugins/hooks",
    "plugin_conflicts": "/settings/plugins/conflicts",
    "plugin_limits": "/settings/plugins/host-limits",
    "plugin_remove": "/settings/plugins/mailbox/uninstall",
    "people": "/people",
    "teams": "/people/teams",
    "invite": "/people/invite",
    "person": "/people/2",
    "audit": "/audit",
    "notices": "/settings/notices",
    "profile": "/profile",
    "two_factor": "/tf-setup",
    "password": "/change",
    "missing": "/no-such-page",
}
EXTREMES = {
    "long_subject": "/conversations/{long_subject}",
    "arabic": "/conversations/{arabic}",
    "japanese": "/conversations/{japanese}",
    "empty": "/conversations/{empty}",
    "long": "/conversations/{long}",
    "case": "/conversations/{case}",
    "forged": "/conversations/{forged}",
    "genuine": "/conversations/{genuine}",
    "dangerous_file": "/attachments/{danger}",
    "undelivered_entry": "/undelivered/{broken}",
    "plugin_trouble": "/settings/plugins/weather",
    "plugin_settings": "/settings/plugins/weather/settings",
    "plugin_agree": "/settings/plugins/tides/agree",
}
PUBLIC_PAGES = {"login": "/login", "form": "{form}", "signed_out": "/"}

COMMITTED = [("inbox", 1440, "light"), ("conversation", 1440, "light"), ("inbox", 390, "dark")]
EVERYTHING = [
    (name, width, theme)
    for name in {**PAGES, **EXTREMES, **PUBLIC_PAGES}
    for width in (1440, 390)
    for theme in ("light", "dark")
]


def address_of(sample: Sample, name: str) -> str:
    """The address of a page of the sample."""
    path = {**PAGES, **EXTREMES, **PUBLIC_PAGES}[name].format(**sample.numbers, form=sample.form_path)
    return sample.running.address + path


def sign_in(page: Page, sample: Sample, email: str = "ida@lumen.example") -> None:
    page.goto(f"{sample.running.address}/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit], input[type=submit]")
    page.wait_for_url(sample.running.address + "/**")


def take(browser: Browser, sample: Sample, folder: Path, wanted: Sequence[tuple[str, int, str]]) -> None:
    """Write `<page>-<width>-<theme>.png` for each wanted picture."""
    for width, theme in sorted({(width, theme) for _, width, theme in wanted}):
        context = browser.new_context(
            viewport={"width": width, "height": 900 if width > 600 else 844},
            color_scheme=theme,
            locale="en-GB",
            reduced_motion="reduce",
        )
        page = context.new_page()
        for name in [name for name, *rest in wanted if rest == [width, theme] and name in PUBLIC_PAGES]:
            _picture(page, sample, name, folder / f"{name}-{width}-{theme}.png")
        sign_in(page, sample)
        for name in [name for name, *rest in wanted if rest == [width, theme] and name not in PUBLIC_PAGES]:
            _picture(page, sample, name, folder / f"{name}-{width}-{theme}.png")
        context.close()


def _picture(page: Page, sample: Sample, name: str, path: Path) -> None:
    page.goto(address_of(sample, name), wait_until="load")
    page.wait_for_timeout(300)
    page.screenshot(path=str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="write every page, both widths, both themes")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="with --all: these pages only")
    arguments = parser.parse_args()
    folder = arguments.all or HERE / "images"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = EVERYTHING if arguments.all else COMMITTED
    if arguments.only:
        wanted = [picture for picture in wanted if picture[0] in arguments.only]
    with sample_installation(with_extremes=bool(arguments.all)) as sample, open_browser() as browser:
        take(browser, sample, folder, wanted)


if __name__ == "__main__":
    main()
