"""Connecting an office: the guided page, and what happens when the owner comes back from the provider."""

from werkzeug.utils import redirect

from tidings import SignIns


class Pages:
    def __init__(self, host):
        self._host = host

    def guide(self, request):
        return SignIns(self._host).begin({"verifier": "a secret of ours"})

    def again(self, request, account_id):
        return SignIns(self._host).begin({"account": account_id})

    def callback(self, request):
        known = SignIns(self._host).take(request.args.get("state", ""))
        if known is None:
            return "This sign-in is not known any more.", 400
        token = f"token for {request.args['code']}"
        if "account" in known:
            self._host.save_secret(known["account"], "token", token)
            return redirect(f"/accounts/{known['account']}")
        office = {"office": request.args["office"]}
        account_id = self._host.add_account(
            f"Office {request.args['office']}", settings=office, secrets={"token": token}
        )
        return redirect(f"/accounts/{account_id}")
