"""Headers of every answer: nothing loads from elsewhere, nothing inline runs, nobody frames us unless a page says so."""

from flask import Flask, Response, g, request

__all__ = ["POLICY", "content_policy", "install_headers"]

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
    "frame-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_PLAIN = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def content_policy(**changes: str) -> str:
    """The policy as a header's value; `frame_ancestors="'self'"` replaces a directive."""
    directives = {**POLICY, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def install_headers(app: Flask, *, is_https: bool) -> None:
    """Add the headers to every answer that does not set its own."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in _PLAIN.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", content_policy())
        if "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]:
            response.headers.setdefault("X-Frame-Options", "DENY")
        if is_https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if g.get("agent") is not None and "Cache-Control" not in response.headers and request.endpoint != "static":
            response.headers["Cache-Control"] = "private, no-cache"
        return response
