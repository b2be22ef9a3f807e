"""Promises of the pages about people: invitations, roles, teams, access; nobody raises themselves, the last admin stays."""

import re

from sqlalchemy import select

from app.models import Agent, Team
from app.queries.people import agents_in_full
from tests.integration.web.visitor import Visitor


def agent_of(core, email):
    core.session.rollback()
    return core.session.scalar(select(Agent).where(Agent.email == email))


def test_an_invitation_shows_a_link_once_that_lets_the_agent_in(admin, core, tidings_app):
    admin.get("/people/invite")
    answer = admin.post("/people/invite", {"name": "Ben", "email": "ben@desk.example.com", "role": "agent"})
    page = admin.get(answer.location)
    link = re.search(r'id="one-time-link" value="([^"]+)"', page.text)[1]

    assert "Invited" in page.text
    assert link not in admin.get("/people").text
    ben = Visitor(tidings_app)
    address = link.removeprefix(core.config.address)
    ben.get(address)
    ben.post(address, {"password": "a quiet morning walk"})
    assert ben.get("/").status_code == 200


def test_an_address_that_is_taken_is_refused_beside_its_field(admin):
    answer = admin.post("/people/invite", {"name": "Root", "email": "root@desk.example.com", "role": "agent"})

    assert answer.status_code == 422
    assert "This address is taken." in answer.text


def test_agents_see_no_people_and_leads_change_teams_only(agent, sign_in):
    assert agent.get("/people").status_code == 403
    lead = sign_in("Lea", role="lead")
    assert lead.get("/people").status_code == 200
    assert lead.get("/people/teams").status_code == 200
    assert lead.get("/people/invite").status_code == 403
    assert lead.get("/people/1").status_code == 403


def test_a_manager_makes_no_admins(sign_in, core):
    manager = sign_in("Max", role="manager")
    answer = manager.post("/people/invite", {"name": "Eve", "email": "eve@desk.example.com", "role": "admin"})

    assert answer.status_code == 422
    assert agent_of(core, "eve@desk.example.com") is None


def test_name_role_and_teams_change_together(admin, core, create_agent):
    ben = create_agent("Ben")
    admin.post("/people/teams", {"action": "save", "name": "Orders"})
    team_id = core.session.scalar(select(Team.id))
    admin.post(
        f"/people/{ben.agent_id}",
        {"action": "save", "name": "Benjamin", "email": "ben@desk.example.com", "role": "lead", "teams": str(team_id)},
    )

    facts = next(a for a in agents_in_full(core.session) if a.id == ben.agent_id)
    assert (facts.name, facts.role, facts.team_ids) == ("Benjamin", "lead", (team_id,))


def test_the_last_admin_keeps_the_role_and_the_access(admin, core):
    own = admin.agent_id
    answer = admin.post(
        f"/people/{own}", {"action": "save", "name": "Root", "email": "root@desk.example.com", "role": "agent"}
    )
    assert "only admin" in answer.text
    admin.post(f"/people/{own}", {"action": "disable"})

    assert "only admin" in admin.get(f"/people/{own}").text
    assert agent_of(core, "root@desk.example.com").active


def test_access_can_be_taken_and_given_back(admin, core, sign_in):
    ben = sign_in("Ben")
    admin.post(f"/people/{ben.agent_id}", {"action": "disable"})
    assert ben.get("/").status_code == 302
    assert "Disabled" in admin.get("/people").text
    admin.post(f"/people/{ben.agent_id}", {"action": "enable"})
    assert ben.sign_in("ben@desk.example.com").status_code == 302
    assert ben.get("/").status_code == 200


def test_teams_are_made_changed_and_removed(admin, core, create_agent):
    ben = create_agent("Ben")
    admin.post("/people/teams", {"action": "save", "name": "Orders", "members": str(ben.agent_id)})
    team_id = core.session.scalar(select(Team.id))
    taken = admin.post("/people/teams", {"action": "save", "name": "Orders"})
    assert taken.status_code == 422
    admin.post(f"/people/teams?id={team_id}", {"action": "save", "name": "Returns"})
    assert "Returns" in admin.get("/people").text
    admin.post(f"/people/teams?id={team_id}", {"action": "delete"})

    core.session.rollback()
    assert core.session.scalar(select(Team.id)) is None


def test_what_was_done_stands_in_the_audit_log(admin, create_agent):
    ben = create_agent("Ben")
    admin.post(
        f"/people/{ben.agent_id}", {"action": "save", "name": "Ben", "email": "ben@desk.example.com", "role": "lead"}
    )
    page = admin.get("/audit?area=agent")

    assert "Changed the role (lead)" in page.text
    assert "ben@desk.example.com" in page.text
    assert "Changed the role" not in admin.get("/audit?area=account").text


def test_the_audit_log_is_for_managers(agent, sign_in):
    assert agent.get("/audit").status_code == 403
    assert sign_in("Max", role="manager").get("/audit").status_code == 200


def test_the_profile_changes_name_time_zone_and_theme(agent, core):
    agent.get("/profile")
    agent.post(
        "/profile",
        {"section": "details", "name": "Ada B.", "language": "en", "time_zone": "Asia/Tokyo", "signature": "A."},
    )
    agent.post("/profile", {"section": "theme", "theme": "dark"})

    row = agent_of(core, "ada@desk.example.com")
    assert (row.name, row.timezone, row.theme, row.signature) == ("Ada B.", "Asia/Tokyo", "dark", "A.")
    assert 'data-theme="dark"' in agent.get("/").text


def test_an_unknown_time_zone_is_refused(agent, core):
    answer = agent.post("/profile", {"section": "details", "name": "Ada", "language": "en", "time_zone": "Moon/Base"})

    assert answer.status_code == 422
    assert agent_of(core, "ada@desk.example.com").timezone == "UTC"
