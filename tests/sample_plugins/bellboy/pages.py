"""What the buttons lead to."""


class Pages:
    def __init__(self, host):
        self._host = host

    def ring(self, request, what, number):
        return self._host.done(f"Rang for {what} {number}.")

    def rename(self, request, message_id):
        return self._host.done(f"Message {message_id} is called {request.form['text']} now.", "/people?of=message")

    def dismiss(self, request):
        return self._host.done(f"Dismissed by {self._host.viewer().name}.")

    def lost(self, request):
        return self._host.done("Lost.", request.form["path"])

    def people(self, request):
        known = self._host.contact("room", "12")
        names = [f"{one.name} <{one.email}> {one.role}" for one in self._host.agents()]
        return "; ".join([*names, f"{known.name} {known.addresses}" if known else "nobody"]), {
            "Content-Type": "text/plain"
        }

    def desk(self, request):
        return self._host.render("bellboy/desk.html")
