"""Instagram through the whole installation: connected, a storm of webhooks, an answer, a sign-in that ended and came back."""

import random

from app.services.core import Actor
from app.services.delivery import deliver, due_messages
from app.services.replies import ReplyDraft, reply
from tests.integration.meta.business import Business


def connected(core, graph, admin) -> Business:
    business = Business(core, graph, admin, plugin="instagram")
    business.enter_app()
    page = graph.add_page("Corner Shop", instagram=True)
    graph.add_page("Without an account")
    shown = business.sign_in().text
    assert "corner_shop" in shown
    assert "Without an account" not in shown
    business.choose(shown, "account", [page.instagram_id])
    return business


def test_the_guide_shows_what_to_copy(admin, graph):
    page = admin.get("/plugins/instagram/connect").text
    assert '/plugins/instagram/callback"' in page
    assert '/hooks/instagram"' in page


def test_a_storm_of_webhooks_ends_in_exactly_the_right_messages(core, graph, admin, clock):
    business, chance = connected(core, graph, admin), random.Random(3)
    page = next(iter(graph.state.pages.values()))
    people = [graph.add_person(page, f"Person {number}", platform="instagram") for number in range(5)]
    written = [graph.write(people[number % 5], f"Message {number}") for number in range(60)]
    unsent = written[:5]
    for message in unsent:
        graph.unsend(message)
    photo = graph.add_post(page.id, "Spring lamps")
    comments = [graph.comment(people[0], photo, f"Comment {number}") for number in range(10)]
    told, graph.undelivered = graph.undelivered, []
    storm = [(one, "") for one in (*told, *told[:40])] + [(one, "another") for one in told[:20]]
    chance.shuffle(storm)
    assert [business.post(one, secret=secret) for one, secret in storm] == [
        403 if secret else 200 for _, secret in storm
    ]
    for _ in range(3):
        business.work()
        clock.advance(minutes=5)

    shown = {one.external_id: one.text for one in business.messages()}
    assert len(business.messages()) == len(written) + len(comments)
    right = {one.id: one.text for one in (*written, *comments) if one not in unsent}
    assert {key: text for key, text in shown.items() if key in right} == right
    assert {shown[one.id] for one in unsent}.isdisjoint({one.text for one in written})


def test_answers_wait_for_a_sign_in_that_ended(core, graph, admin, clock):
    business = connected(core, graph, admin)
    page = next(iter(graph.state.pages.values()))
    person = graph.add_person(page, platform="instagram")
    graph.write(person, "Is it still there?")
    business.deliver()
    business.work()
    (message,) = business.messages()
    graph.kill(page.token)
    reply(core, Actor(1, "Root", "admin"), message.conversation_id, ReplyDraft("It is."))
    clock.advance(minutes=1)
    for message_id in due_messages(core):
        deliver(core, message_id)
    assert business.account().state == "needs_reauth"

    graph.write(person, "Hello?")
    page.token = graph.new_token("PAGE", user_id=graph.user_id, page_id=page.id).text
    business.sign_in(f"?account={business.account().id}")
    graph.undelivered.clear()
    clock.advance(minutes=1)
    for message_id in due_messages(core):
        deliver(core, message_id)
    business.fetch()

    assert [one.text for one in graph.state.sent] == ["It is."]
    assert [one.text for one in business.messages() if one.direction == "inbound"] == ["Is it still there?", "Hello?"]
