"""Its templates cannot be rendered: one does not parse, one divides by zero, one stands in another plugin, one is not there."""

from tidings import Panel, Route, hookimpl

HOSTS = []


@hookimpl
def register_routes(host):
    HOSTS[:] = [host]
    return [Route("/page", lambda request: HOSTS[0].render("broken_template/unclosed.html"), "page")]


@hookimpl
def conversation_panels(host, conversation):
    return [
        Panel("Unclosed", template="broken_template/unclosed.html"),
        Panel("Divides", template="broken_template/divides.html"),
        Panel("Foreign", template="witness/panel.html"),
        Panel("Missing", template="broken_template/missing.html"),
    ]
