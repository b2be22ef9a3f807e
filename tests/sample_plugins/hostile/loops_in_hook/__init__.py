"""Never ends when a message comes in, nor when an agent opens a conversation; it even swallows every error on the way."""

from tidings import hookimpl


def turn_forever():
    while True:
        try:
            sum(range(1000))
        except Exception:  # noqa: BLE001, S112 - that is its sin
            continue


@hookimpl
def message_received(host, message):
    turn_forever()


@hookimpl
def conversation_panels(host, conversation):
    turn_forever()
