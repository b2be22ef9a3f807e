"""How the fake of Twilio tells an app what happens: forms, signed as https://www.twilio.com/docs/usage/security says."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import requests

__all__ = ["Posts"]


class Posts:
    """A part of `FakeTwilio`. `posted` lists (address, fields, status) of all that was posted, the status 0 where nobody answered."""

    account_sid: str
    auth_token: str
    texts: dict[str, dict[str, Any]]
    calls: dict[str, dict[str, Any]]
    files: dict[str, list[tuple[str, str, bytes]]]
    posted: list[tuple[str, dict[str, str], int]]

    def __init__(self) -> None:
        super().__init__()
        self.posted = []

    def sign(self, url: str, fields: Mapping[str, str]) -> dict[str, str]:
        """The headers of a post with these fields."""
        signed = url + "".join(name + value for name, value in sorted(fields.items()))
        mac = hmac.new(self.auth_token.encode(), signed.encode(), hashlib.sha1).digest()
        return {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": base64.b64encode(mac).decode(),
        }

    def post(self, url: str, fields: Mapping[str, str]) -> requests.Response | None:
        """Post to the app; None where nobody answered."""
        try:
            answer = requests.post(url, data=urlencode(fields).encode(), headers=self.sign(url, fields), timeout=10)
        except requests.RequestException:
            self.posted.append((url, dict(fields), 0))
            return None
        self.posted.append((url, dict(fields), answer.status_code))
        return answer

    def text_fields(self, sid: str) -> dict[str, str]:
        """What is posted when a text arrives."""
        text = self.texts[sid]
        fields = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": self.account_sid,
            "SmsStatus": "received",
        }
        fields |= {"From": text["from"], "To": text["to"], "Body": text["body"], "NumMedia": text["num_media"]}
        base = f"https://api.twilio.com/2010-04-01/Accounts/{self.account_sid}/Messages/{sid}/Media"
        for number, (media, kind, _) in enumerate(self.files.get(sid, [])):
            fields |= {f"MediaUrl{number}": f"{base}/{media}", f"MediaContentType{number}": kind}
        return fields

    def status_fields(self, sid: str, status: str, error_code: str = "") -> dict[str, str]:
        """What is posted when a text of ours came further, or did not."""
        text = self.texts[sid]
        text |= {"status": status, "error_code": int(error_code) if error_code else None}
        fields = {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": self.account_sid,
            "From": text["from"],
            "To": text["to"],
        }
        fields |= {"MessageStatus": status, "SmsStatus": status}
        return {**fields, "ErrorCode": error_code} if error_code else fields

    def call_fields(self, sid: str, **more: str) -> dict[str, str]:
        """What is posted about a call, with whatever else the moment brings (`Digits`, `QueueResult`, …)."""
        call = self.calls[sid]
        fields = {"CallSid": sid, "AccountSid": self.account_sid, "From": call["from"], "To": call["to"]}
        return {**fields, "CallStatus": call["status"], "Direction": call["direction"], **more}
