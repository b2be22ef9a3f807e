"""Its panel includes itself for ever, and another one never stops printing."""

from tidings import Panel, hookimpl


@hookimpl
def conversation_panels(host, conversation):
    return [
        Panel("Deep", template="deep_template/deep.html"),
        Panel("Endless", template="deep_template/endless.html", context={"most": range(10**12)}),
    ]
