"""Claims pages that are not below its own address: of the core, of another plugin, by dots and by slashes."""

from tidings import Route, hookimpl


def taken(request, **values):
    return "taken over"


@hookimpl
def register_routes(host):
    rules = ("/../../settings/plugins", "//plugins/witness/hello", "/./inbox")
    return [Route(rule, taken, f"claim{n}", is_public=True) for n, rule in enumerate(rules)]
