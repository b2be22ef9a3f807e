"""Connecting a number in the browser: the token is tried, the numbers are shown, Twilio is told where to post."""

from tests.integration.voip.shop import OURS, Shop


def test_numbers_are_chosen_and_twilio_posts_here(shop: Shop):
    account = shop.account()
    assert (account.address, account.name, account.settings["region"]) == (OURS, "Support", "DE")
    assert shop.address.endswith(f"/hooks/voip/{account.id}")
    assert shop.status_address == f"{shop.address}?step=status"
    assert shop.twilio.auth_token not in str(account.settings)


def test_a_wrong_token_is_told_at_once(shop: Shop):
    typed = {"account_sid": shop.twilio.account_sid, "auth_token": "wrong"}
    shown = shop.admin.post("/plugins/voip/connect/numbers", typed).text
    assert "no longer accepts the auth token" in shown
    assert "wrong" not in shown


def test_choosing_twice_changes_the_account_in_place_of_adding_another(shop: Shop):
    shop.connect()
    assert shop.account().address == OURS


def test_the_pages_can_be_opened(shop: Shop):
    for path in (
        "/plugins/voip/calls",
        "/plugins/voip/connect",
        "/plugins/voip/sounds",
        "/",
        "/dashboard",
        f"/accounts/{shop.account().id}",
    ):
        answer = shop.admin.get(path)
        assert answer.status_code in (200, 302, 303), path
        assert "made a mistake" not in answer.text, path
    assert "Open the call queue" in shop.admin.get(f"/accounts/{shop.account().id}").text
