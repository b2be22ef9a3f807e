"""Code that signs what a website knows about its customers, for four languages. The tests run what can be run here.

Each sample takes the secret from the environment and prints the line of the form with the signed context, as `sharing.context` reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["SECRET_NAME", "SigningSample", "signing_samples"]

SECRET_NAME = "TIDINGS_FORM_SECRET"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class SigningSample:
    """Code in one language; `id` names it in the page."""

    id: str
    language: str
    code: str


def signing_samples(script: str, key: str) -> Sequence[SigningSample]:
    """The samples for the form with this key; `script` is the address of the embed script. Both hold nothing that must be escaped."""
    return tuple(
        SigningSample(id, language, code.strip().replace("@SCRIPT@", script).replace("@KEY@", key))
        for id, language, code in _CODE
    )


_PHP = r"""
<?php
$secret = getenv('TIDINGS_FORM_SECRET');
$context = json_encode([
    'customer' => $customer->id,
    'plan' => $customer->plan,
    'expires' => time() + 3600,
]);
$signature = hash_hmac('sha256', $context, $secret);
?>
<script src="@SCRIPT@" data-form="@KEY@"
  data-context="<?= htmlspecialchars($context, ENT_QUOTES) ?>"
  data-signature="<?= $signature ?>" async></script>
"""

_PYTHON = r"""
import hashlib, hmac, html, json, os, time

secret = os.environ["TIDINGS_FORM_SECRET"].encode()
context = json.dumps({
    "customer": "c-17",
    "plan": "Gold",
    "expires": int(time.time()) + 3600,
})
signature = hmac.new(secret, context.encode(), hashlib.sha256).hexdigest()
print(f'''<script src="@SCRIPT@" data-form="@KEY@"
  data-context="{html.escape(context)}"
  data-signature="{signature}" async></script>''')
"""

_NODE = r"""
const { createHmac } = require("node:crypto");

const secret = process.env.TIDINGS_FORM_SECRET;
const context = JSON.stringify({
  customer: "c-17",
  plan: "Gold",
  expires: Math.floor(Date.now() / 1000) + 3600,
});
const signature = createHmac("sha256", secret).update(context).digest("hex");
const escaped = context.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
console.log(`<script src="@SCRIPT@" data-form="@KEY@"
  data-context="${escaped}"
  data-signature="${signature}" async></script>`);
"""

_RUBY = r"""
require "cgi"
require "json"
require "openssl"

secret = ENV.fetch("TIDINGS_FORM_SECRET")
context = JSON.generate({
  "customer" => "c-17",
  "plan" => "Gold",
  "expires" => Time.now.to_i + 3600,
})
signature = OpenSSL::HMAC.hexdigest("SHA256", secret, context)
puts <<~HTML
  <script src="@SCRIPT@" data-form="@KEY@"
    data-context="#{CGI.escapeHTML(context)}"
    data-signature="#{signature}" async></script>
HTML
"""

_CODE = (("php", "PHP", _PHP), ("python", "Python", _PYTHON), ("node", "Node", _NODE), ("ruby", "Ruby", _RUBY))
