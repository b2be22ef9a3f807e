"""Before anybody can sign in: the first admin, the first password of somebody invited, and the answer to health checks."""

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, request, session, url_for
from flask_babel import gettext
from flask_security import login_user
from sqlalchemy import text
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError, Conflict, NotAllowed
from app.extensions import db
from app.models import Agent
from app.services import agents, rates
from app.services.setup import check_setup_token, complete_setup
from app.web.contexts import FirstRunPage
from app.web.current import current_core
from app.web.errors import TooManyRequests, refuse
from app.web.guard import before_setup, public
from app.web.locale import languages, reader, timezones
from app.web.refusals import put_problems
from app.web.shell import render_entrance
from forms.setup import FirstRunForm, NewPasswordForm

__all__ = ["blueprint"]

blueprint = Blueprint("setup", __name__)
_TOKEN = "setup_token"
_WRONG_TOKENS = "20 per hour"


@blueprint.route("/setup", methods=["GET", "POST"])
@before_setup
def first_run() -> Response | BaseResponse:
    """The page behind the one-time link. The token moves from the address into the session, so that it is not shown or shared."""
    core = current_core()
    if agents.has_agents(core):
        return redirect(url_for("inbox.index"))
    if "token" in request.args:
        session[_TOKEN] = request.args["token"]
        return redirect(url_for("setup.first_run"))
    if not _has_token():
        return _where_is_the_link()
    form = FirstRunForm(request.form or None, data={"language": reader().language}).offer(languages(), timezones())
    if request.method == "POST" and form.validate():
        try:
            agent_id = complete_setup(core, session[_TOKEN], **form.data)
        except (NotAllowed, Conflict):
            raise
        except AppError as error:
            put_problems(form, error)
        else:
            return _sign_in(agent_id)
    return render_entrance("setup/first_run.html", FirstRunPage(form), status=422 if form.errors else 200)


@blueprint.route("/welcome/<token>", methods=["GET", "POST"])
@public
def welcome(token: str) -> Response | BaseResponse:
    """Where an agent sets a password through a link from an admin."""
    core = current_core()
    agent_id = agents.agent_of_link(core, token)
    form = NewPasswordForm(request.form or None)
    if request.method == "POST" and form.validate():
        try:
            agents.set_password(core, agent_id, form.password.data)
        except AppError as error:
            put_problems(form, error)
        else:
            return _sign_in(agent_id)
    return render_entrance("setup/welcome.html", FirstRunPage(form), status=422 if form.errors else 200)


@blueprint.get("/healthz")
@before_setup
def healthz() -> Response:
    """200 when the web process and its database answer; for load balancers and `tidings doctor`."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok")


def _has_token() -> bool:
    core, key = current_core(), f"setup:{request.remote_addr}"
    if _TOKEN not in session:
        return False
    if rates.is_exhausted(core, key, _WRONG_TOKENS):
        raise TooManyRequests(gettext("Too many attempts. Wait an hour."), 3600)
    try:
        check_setup_token(core, session[_TOKEN])
    except NotAllowed:
        rates.allow(core, key, _WRONG_TOKENS)
        session.pop(_TOKEN)
        return False
    return True


def _where_is_the_link() -> Response:
    return refuse(
        403,
        gettext("Almost there"),
        gettext("Nobody has set up this Tidings yet. It opens through a one-time link."),
        gettext(
            "The link was printed where Tidings was started; `tidings run` prints it again at each start until it is used."
        ),
    )


def _sign_in(agent_id: int) -> BaseResponse:
    """Begin a fresh session for an agent. A second factor, if there is one, is still asked for at the sign-in page."""
    agent = db.session.get(Agent, agent_id)
    session.clear()
    current_app.extensions.pop("tidings.is_set_up", None)
    if agent is None or agent.tf_primary_method:
        flash(gettext("The password is set. Sign in with it."), "success")
        return redirect(url_for("security.login"))
    login_user(agent, authn_via=["password"])
    return redirect(url_for("inbox.index"))
