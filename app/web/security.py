"""Sign-in through Flask-Security: argon2, optional TOTP with recovery codes, limits on guessing. No registration, no mail."""

from datetime import timedelta
from typing import Any

from flask import Flask, request
from flask_babel import gettext
from flask_security import LoginForm, SQLAlchemyUserDatastore, UserMixin
from flask_security.forms import TwoFactorRescueForm, TwoFactorSetupForm, TwoFactorVerifyCodeForm
from sqlalchemy import bindparam, select
from sqlalchemy.orm import scoped_session
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from app.extensions import db, security
from app.models import Agent, AgentRole
from app.services import rates
from app.services.agents import SHORTEST_PASSWORD
from app.services.core import Core
from app.web.current import current_core
from app.web.sign_in_texts import install_sign_in_texts, sign_in_settings

__all__ = ["install_security"]

PER_ADDRESS = "8 per hour"
PER_NETWORK_ADDRESS = "40 per hour"
PER_CODE = "8 per hour"


_OF_SESSION = select(Agent).where(Agent.fs_uniquifier == bindparam("fs_uniquifier"))


class AgentDatastore(SQLAlchemyUserDatastore):
    """Reads agents for Flask-Security. Roles are fixed, so there is no table of them."""

    def find_role(self, role: str) -> AgentRole:
        return AgentRole(role)

    def find_user(self, case_insensitive: bool = False, **attributes: Any) -> UserMixin | None:
        """Each request asks for the agent of its session; that statement is prepared."""
        if attributes.keys() == {"fs_uniquifier"}:
            return self.db.session.scalars(_OF_SESSION, attributes).one_or_none()
        return super().find_user(case_insensitive, **attributes)

    def commit(self) -> None:
        """Write what Flask-Security changed. On SQLite the transaction that has read is begun anew as one that writes."""
        session: scoped_session = self.db.session
        if session.dirty or session.new or session.deleted:
            connection = session.connection()
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
        session.commit()


class SignInForm(LoginForm):
    """Counts failures by the address that was tried and by where they come from, over all processes."""

    def validate(self, **kwargs: Any) -> bool:
        core = current_core()
        limits = _sign_in_limits((self.email.data or "").strip().lower())
        if any(rates.is_exhausted(core, key, limit) for key, limit in limits):
            self.form_errors.append(gettext("Too many attempts. Wait an hour, or ask an admin for a new link."))
            return False
        if super().validate(**kwargs):
            return True
        for key, limit in limits:
            rates.allow(core, key, limit)
        return False


class SecondFactorForm(TwoFactorVerifyCodeForm):
    """Counts wrong codes by where they come from."""

    def validate(self, **kwargs: Any) -> bool:
        core, key = current_core(), f"sign-in:code:{self._whose()}"
        if rates.is_exhausted(core, key, PER_CODE):
            self.form_errors.append(gettext("Too many attempts. Wait an hour, or ask an admin."))
            return False
        if super().validate(**kwargs):
            return True
        rates.allow(core, key, PER_CODE)
        return False

    def _whose(self) -> str:
        user = getattr(self, "user", None)
        return str(user.id) if user is not None else str(request.remote_addr)


class SetUpFactorForm(TwoFactorSetupForm):
    """Offers the methods we have; the template names them."""

    setup = RadioField(choices=[SelectChoice("authenticator"), SelectChoice("disable")], validate_choice=False)


class LostFactorForm(TwoFactorRescueForm):
    """Offers recovery codes to those who have some, and not to send a mail: there may be no mailbox that could."""

    help_setup = RadioField(choices=[])


def install_security(app: Flask, core: Core) -> None:
    """Bind Flask-Security to our agents."""
    keys = core.vault.derived("two factor")
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH=True,
        SECURITY_PASSWORD_LENGTH_MIN=SHORTEST_PASSWORD,
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_EMAIL_VALIDATOR_ARGS={"test_environment": True, "check_deliverability": False},
        SECURITY_REGISTERABLE=False,
        SECURITY_RECOVERABLE=False,
        SECURITY_CHANGEABLE=True,
        SECURITY_SEND_PASSWORD_CHANGE_EMAIL=False,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_REQUIRED=False,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TWO_FACTOR_RESCUE_EMAIL=False,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_N=8,
        SECURITY_TOTP_SECRETS={str(len(keys) - place): key.hex() for place, key in enumerate(keys)},
        SECURITY_TOTP_ISSUER="Tidings",
        SECURITY_FRESHNESS=timedelta(hours=1),
        SECURITY_FRESHNESS_GRACE_PERIOD=timedelta(minutes=10),
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/login",
        SECURITY_POST_CHANGE_VIEW="/profile",
        SECURITY_TWO_FACTOR_POST_SETUP_VIEW="/profile",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        REMEMBER_COOKIE_DURATION=timedelta(days=30),
        **sign_in_settings(),
    )
    security.init_app(
        app,
        AgentDatastore(db, Agent, AgentRole),
        login_form=SignInForm,
        two_factor_verify_code_form=SecondFactorForm,
        two_factor_setup_form=SetUpFactorForm,
        two_factor_rescue_form=LostFactorForm,
    )
    security.login_manager.session_protection = "basic"
    install_sign_in_texts(app, security)


def _sign_in_limits(email: str) -> list[tuple[str, str]]:
    return [(f"sign-in:address:{email}", PER_ADDRESS), (f"sign-in:from:{request.remote_addr}", PER_NETWORK_ADDRESS)]
