"""The provider: keeps letters, gives them out by number, takes each outgoing letter once, and can be put in trouble."""

import threading
from contextlib import contextmanager


class Refusal(Exception):
    """What the provider says instead of an answer: a status as in HTTP, and how long to wait."""

    def __init__(self, status, wait_s=0):
        super().__init__(f"status {status}")
        self.status = status
        self.wait_s = wait_s


class Provider:
    def __init__(self):
        self.letters = []
        self.photos = {"roof.jpg": b"\xff\xd8\xff a roof"}
        self.sent = {}
        self.status = 200
        self.news = threading.Condition()

    def arrive(self, letter):
        with self.news:
            self.letters.append(letter)
            self.news.notify_all()

    def letters_after(self, number, token):
        self._answer(token)
        return list(enumerate(self.letters[number:], number + 1))

    def wait(self, number, seconds):
        """True when there are letters after `number`, waiting a little for them."""
        with self.news:
            return self.news.wait_for(lambda: len(self.letters) > number, timeout=seconds)

    def photo(self, name, token):
        """The bytes of a photograph that a letter names, or a `Refusal`."""
        self._answer(token)
        if name not in self.photos:
            raise Refusal(404)
        return self.photos[name]

    def send(self, identifier, letter, token):
        self._answer(token)
        self.sent.setdefault(identifier, letter)

    @contextmanager
    def answering(self, status):
        self.status = status
        try:
            yield self
        finally:
            self.status = 200

    def _answer(self, token):
        status = self.status if token else 401
        if status != 200:
            raise Refusal(status, wait_s=30)


PROVIDER = Provider()
