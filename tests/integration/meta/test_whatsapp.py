"""WhatsApp through the whole installation: connected both ways, a storm of webhooks, an answer and what became of it, a token replaced."""

import random

from app.plugin_api.messages import Participant
from app.services.core import Actor
from app.services.delivery import deliver, due_messages
from app.services.replies import ReplyDraft, reply, start_conversation
from tests.integration.meta.business import Business

TOKEN = "/plugins/whatsapp/token"


def connected(core, graph, admin) -> tuple[Business, object]:
    """With the token of a system user, typed."""
    business = Business(core, graph, admin, plugin="whatsapp")
    business.enter_app()
    number = graph.add_number()
    graph.add_template(number, "opening_hours", body="We are open from ten to six.")
    token = graph.new_token("SYSTEM_USER").text
    shown = admin.post(TOKEN, {"token": token, "business_id": number.business_id}).text
    assert "15550100" in shown
    business.choose(shown, "number", [number.id])
    return business, number


def send_due(core, clock) -> None:
    clock.advance(minutes=1)
    for message_id in due_messages(core):
        deliver(core, message_id)


def test_numbers_can_be_connected_by_signing_in(core, graph, admin):
    business = Business(core, graph, admin, plugin="whatsapp")
    business.enter_app()
    number = graph.add_number()
    business.choose(business.sign_in().text, "number", [number.id])

    assert (business.account().name, business.account().address) == ("Corner Shop", "+15550100")
    assert graph.state.subscribed_businesses == {number.business_id}


def test_what_goes_wrong_comes_back_as_a_sentence(core, graph, admin):
    assert '/hooks/whatsapp"' in admin.get("/plugins/whatsapp/connect").text
    Business(core, graph, admin, plugin="whatsapp").enter_app()
    number = graph.add_number()
    assert "a number of many digits" in admin.post(TOKEN, {"token": "x", "business_id": "shop"}).text
    assert "That did not work" in admin.post(TOKEN, {"token": "x", "business_id": number.business_id}).text
    typed = {"token": graph.new_token("SYSTEM_USER").text, "business_id": number.business_id}
    state = admin.post(TOKEN, typed).text.split('name="state" value="')[1].split('"')[0]
    assert "took too long or was used already" in admin.get(f"/plugins/whatsapp/callback?state={state}&code=x").text


def test_a_storm_of_webhooks_ends_in_exactly_the_right_messages(core, graph, admin, clock):
    (business, number), chance = connected(core, graph, admin), random.Random(3)
    media_id = graph.add_media(b"jpeg", "image/jpeg")
    sent = [
        graph.write_whatsapp(number.id, f"49151000000{n % 7:02}", f"Person {n % 7}", text={"body": f"Message {n}"})
        for n in range(80)
    ]
    sent.append(
        graph.write_whatsapp(number.id, "4915100000000", "Person 0", image={"id": media_id, "mime_type": "image/jpeg"})
    )
    told, graph.undelivered = graph.undelivered, []
    storm = [(one, "") for one in (*told, *told[:50])] + [(one, "another") for one in told[:20]]
    chance.shuffle(storm)
    assert [business.post(one, secret=secret) for one, secret in storm] == [
        403 if secret else 200 for _, secret in storm
    ]
    business.work()

    assert sorted(one.external_id for one in business.messages()) == sorted(sent)
    assert len({one.conversation_id for one in business.messages()}) == 7


def test_an_answer_arrives_and_its_states_are_shown(core, graph, admin, clock):
    business, number = connected(core, graph, admin)
    graph.write_whatsapp(number.id, "4915112345678", "Ada", text={"body": "Do you repair lamps?"})
    business.deliver()
    business.work()
    (question,) = business.messages()
    answer_id = reply(core, Actor(1, "Root", "admin"), question.conversation_id, ReplyDraft("We do."))
    send_due(core, clock)
    (sent,) = graph.state.sent
    for status in ("read", "delivered", "sent"):
        graph.tell_status(number.id, sent, status)
    business.deliver()
    business.work()

    answer = next(one for one in business.messages() if one.id == answer_id)
    assert (sent.text, answer.external_id) == ("We do.", sent.id)
    assert answer.delivery_state == "read"  # a later word is not taken back by an earlier one


def test_a_template_is_the_answer_when_a_day_has_passed(core, graph, admin, clock):
    business, number = connected(core, graph, admin)
    graph.write_whatsapp(number.id, "4915112345678", "Ada", text={"body": "When are you open?"})
    business.deliver()
    business.work()
    (question,) = business.messages()
    clock.advance(hours=25)
    reply(core, Actor(1, "Root", "admin"), question.conversation_id, ReplyDraft("", choice="template:en:opening_hours"))
    send_due(core, clock)

    assert [one.body["type"] for one in graph.state.sent] == ["template"]
    assert business.messages()[-1].text == "We are open from ten to six."


def test_a_template_begins_a_conversation_that_the_answer_finds(core, graph, admin, clock):
    business, number = connected(core, graph, admin)
    to, draft = Participant("phone", "+4915112345678", "Ada"), ReplyDraft("", choice="template:en:opening_hours")
    begin = {"account_id": business.account().id, "to": to, "subject": "", "draft": draft}
    start_conversation(core, Actor(1, "Root", "admin"), **begin)
    send_due(core, clock)
    graph.write_whatsapp(number.id, "4915112345678", "Ada", text={"body": "Thank you"})
    business.deliver()
    business.work()

    assert [one.text for one in business.messages()] == ["We are open from ten to six.", "Thank you"]
    assert len({one.conversation_id for one in business.messages()}) == 1


def test_a_token_that_ended_is_replaced_and_the_account_stays(core, graph, admin, clock):
    business, number = connected(core, graph, admin)
    graph.write_whatsapp(number.id, "4915112345678", "Ada", text={"body": "Hello"})
    business.deliver()
    business.work()
    for token in list(graph.state.tokens):
        graph.kill(token, 463)
    (question,) = business.messages()
    reply(core, Actor(1, "Root", "admin"), question.conversation_id, ReplyDraft("Hello!"))
    send_due(core, clock)
    account_id = business.account().id
    assert business.account().state == "needs_reauth"

    fresh = {
        "token": graph.new_token("SYSTEM_USER").text,
        "business_id": number.business_id,
        "account": str(account_id),
    }
    assert admin.post(TOKEN, fresh).headers["Location"].endswith(f"/accounts/{account_id}")
    send_due(core, clock)
    assert [one.text for one in graph.state.sent] == ["Hello!"]
