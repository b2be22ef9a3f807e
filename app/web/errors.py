"""The only place with status codes: what went wrong becomes a page, a line of text for scripts, or JSON."""

import logging
import secrets

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from app.errors import AppError, ConfigError, Conflict, InvalidInput, NotAllowed, NotFound
from app.realtime import TooManyStreams
from app.web.contexts import Entrance, ErrorPage
from app.web.current import current_core

__all__ = ["TooManyRequests", "install_errors", "refuse", "status_of", "too_large"]

log = logging.getLogger(__name__)

_STATUS: dict[type[AppError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    InvalidInput: 422,
    ConfigError: 503,
}


class TooManyRequests(AppError):
    """Somebody asks too often; `retry_after_s` says when it may be tried again."""

    def __init__(self, message: str, retry_after_s: int = 60) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


_STATUS[TooManyRequests] = 429


def status_of(error: AppError) -> int:
    """The HTTP status of an error of ours."""
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 400)


def install_errors(app: Flask) -> None:
    """Answer all errors of the app."""
    app.register_error_handler(AppError, _on_app_error)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(RequestEntityTooLarge, too_large)
    app.register_error_handler(TooManyStreams, _on_too_many_streams)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(OperationalError, _on_database)
    app.register_error_handler(Exception, _on_unexpected)


def refuse(status: int, title: str, sentence: str, what_to_do: str = "", reference: str = "") -> Response:
    """An answer that is not a page: in the shape the asker can read."""
    if _wants_json():
        body = {"error": sentence, **({"reference": reference} if reference else {})}
        return make_response(jsonify(body), status)
    if "HX-Request" in request.headers:
        return make_response(sentence, status, {"Content-Type": "text/plain; charset=utf-8"})
    page = ErrorPage(
        status=status, title=title, sentence=sentence, what_to_do=what_to_do, reference=reference,
        back_url=request.script_root + "/",
    )  # fmt: skip
    return make_response(render_template("errors/error.html", page=page, entrance=_entrance()), status)


def _on_app_error(error: AppError) -> Response:
    status = status_of(error)
    what_to_do = "; ".join(map(gettext, error.fields.values())) if isinstance(error, InvalidInput) else ""
    response = refuse(status, _title(status), gettext(str(error)), what_to_do)
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _on_csrf(error: CSRFError) -> Response:
    return refuse(
        400,
        gettext("This page is too old"),
        gettext("For your safety this form works only for a while and only in the browser that opened it."),
        gettext("Go back, reload the page and send it again."),
    )


def too_large(error: RequestEntityTooLarge) -> Response:
    """The answer to a request that is larger than it may be."""
    megabytes = current_core().config.max_upload_mb
    return refuse(
        413,
        gettext("This is too large"),
        gettext("At most %(size)s MB can be sent at once, all files together.", size=megabytes),
        gettext("Go back: what you wrote is still there. Send fewer or smaller files."),
    )


def _on_too_many_streams(error: TooManyStreams) -> Response:
    response = refuse(503, gettext("Busy"), gettext("Too many live connections are open."))
    response.headers["Retry-After"] = "30"
    return response


def _on_http(error: HTTPException) -> Response | BaseResponse:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    status = error.code or 500
    response = refuse(status, _title(status), _sentence(status, error))
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _on_database(error: OperationalError) -> Response:
    reference = _log(error)
    response = refuse(
        503,
        gettext("One moment, please"),
        gettext("The database is busy or cannot be reached. Nothing was changed."),
        gettext("Try again in a few seconds."),
        reference,
    )
    response.headers["Retry-After"] = "5"
    return response


def _on_unexpected(error: Exception) -> Response:
    reference = _log(error)
    return refuse(
        500,
        gettext("Something went wrong"),
        gettext("That is our fault, not yours. It was written down for the administrator."),
        gettext("Try again; when it happens once more, pass on the number below."),
        reference,
    )


def _log(error: BaseException) -> str:
    """Write the traceback to the log under a short reference and give it. The session is cleaned for the page that follows."""
    reference = secrets.token_hex(4)
    log.error("%s %s %s failed", reference, request.method, request.path, exc_info=error)
    current_core().session.remove()
    g.pop("agent", None)
    return reference


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and request.accept_mimetypes[best] > request.accept_mimetypes["text/html"]


def _entrance() -> Entrance:
    """Of an error page: what is known without asking the database."""
    name = g.business[0] if "business" in g else ""
    return Entrance(business_name=name or "Tidings")


def _title(status: int) -> str:
    titles = {
        400: gettext("This cannot be read"),
        403: gettext("Not allowed"),
        404: gettext("Not here"),
        405: gettext("Not like this"),
        409: gettext("Somebody was quicker"),
        413: gettext("This is too large"),
        422: gettext("This cannot be accepted"),
        429: gettext("Too many attempts"),
        503: gettext("One moment, please"),
    }
    return titles.get(status, gettext("This did not work"))


def _sentence(status: int, error: HTTPException) -> str:
    sentences = {
        400: gettext("The request is not complete."),
        404: gettext("There is nothing at this address, or it is not for you."),
        405: gettext("This address does not take such requests."),
    }
    return sentences.get(status) or error.description or gettext("The request was refused.")
