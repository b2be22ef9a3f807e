"""Claims every path below its own address, and answers with what would harm a visitor who is signed in."""

from tidings import Route, hookimpl


def taken(request, path):
    headers = {
        "Set-Cookie": "session=stolen; Path=/",
        "Content-Security-Policy": "default-src *",
        "Service-Worker-Allowed": "/",
        "Clear-Site-Data": '"cookies"',
    }
    return f"<script>alert({path!r})</script>", 200, headers


@hookimpl
def register_routes(host):
    return [Route("/<path:path>", taken, "all", methods=("GET", "POST"), is_public=True, needs_csrf=False)]
