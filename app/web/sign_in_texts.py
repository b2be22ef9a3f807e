"""What Flask-Security says while people sign in, in our own words and in every language that Tidings speaks. Which of its messages they are
is told by the names of its settings, without SECURITY_MSG_; those that nobody gets to see here are left out."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_security.babel import FsDomain
from flask_security.core import Security

from app import languages
from app.plugin_api.texts import translatable

__all__ = ["install_sign_in_texts", "sign_in_settings"]

_ERRORS: Mapping[str, str] = {
    "DISABLED_ACCOUNT": translatable("This account is switched off. Ask an admin."),
    "EMAIL_NOT_PROVIDED": translatable("Enter your e-mail address."),
    "GENERIC_AUTHN_FAILED": translatable("The address or the password is not right."),
    "INVALID_EMAIL_ADDRESS": translatable("This is not an e-mail address."),
    "INVALID_PASSWORD": translatable("This password is not right."),
    "INVALID_RECOVERY_CODE": translatable("This recovery code is not right, or it was used already."),
    "PASSWORD_INVALID_LENGTH": translatable("The password needs at least %(length)s characters."),
    "PASSWORD_IS_THE_SAME": translatable("The new password must be another than the one until now."),
    "PASSWORD_NOT_PROVIDED": translatable("Enter a password."),
    "RETYPE_PASSWORD_MISMATCH": translatable("The two passwords are not the same."),
    "TWO_FACTOR_INVALID_TOKEN": translatable(
        "This code is not right. Codes change every half minute: enter the one you see now."
    ),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": translatable("Choose a method."),
    "TWO_FACTOR_PERMISSION_DENIED": translatable("Sign in with your password first."),
    "TWO_FACTOR_SETUP_EXPIRED": translatable("That took too long. Please begin again."),
}
_NEWS: Mapping[str, str] = {
    "PASSWORD_CHANGE": translatable("Your password was changed."),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": translatable("The second factor is switched on."),
    "TWO_FACTOR_DISABLED": translatable("The second factor is switched off."),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": translatable("You are signed in."),
}
_REMARKS: Mapping[str, str] = {
    "REAUTHENTICATION_REQUIRED": translatable("It is a while since you entered your password."),
    "REAUTHENTICATION_SUCCESSFUL": translatable("Thank you, you can go on."),
    "UNAUTHENTICATED": translatable("Sign in to go on."),
}


class _Texts(FsDomain):
    """Our translation of a text, else that of Flask-Security."""

    def gettext(self, string: str, **variables: Any) -> str:
        ours = languages.gettext(string)
        if ours == string:
            return str(super().gettext(string, **variables))
        return ours % variables if variables else ours


def sign_in_settings() -> dict[str, tuple[str, str]]:
    """The settings with the messages, each with the kind of box it is shown in."""
    kinds = {"error": _ERRORS, "success": _NEWS, "info": _REMARKS}
    return {f"SECURITY_MSG_{name}": (text, kind) for kind, texts in kinds.items() for name, text in texts.items()}


def install_sign_in_texts(app: Flask, security: Security) -> None:
    """Let Flask-Security take its texts from our catalogues. Call it when it is bound to the application."""
    security.i18n_domain = _Texts(app)
