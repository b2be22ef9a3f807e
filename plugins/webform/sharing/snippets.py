"""What is copied to put a form on a website, in each of the ways there are. Pure: it is told the addresses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

__all__ = ["FormAddresses", "PolicyLine", "Snippets", "policy_lines", "snippets"]


@dataclass(frozen=True, slots=True)
class FormAddresses:
    """Absolute addresses of one form; `page` is its own page and the beginning of those below it."""

    key: str
    page: str
    script: str

    @property
    def frame(self) -> str:
        return f"{self.page}/frame"

    @property
    def post(self) -> str:
        """Where a plain `<form>` posts."""
        return f"{self.page}/post"

    @property
    def definition(self) -> str:
        """Where a program gets fields and token."""
        return f"{self.page}/form.json"

    @property
    def submit(self) -> str:
        """Where a program posts."""
        return f"{self.page}/submit"

    @property
    def origin(self) -> str:
        parts = urlsplit(self.script)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class Snippets:
    """Each is ready to be pasted as it is."""

    inline: str
    button: str
    modal: str
    frame: str
    wordpress: str
    shortcode: str
    curl: str
    fetch: str


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One directive of a Content-Security-Policy, and for which of the ways it is needed ("script", "frame", "plain")."""

    directive: str
    ways: tuple[str, ...]


def snippets(addresses: FormAddresses, *, title: str, invitation: str, values: Mapping[str, object]) -> Snippets:
    """All ways of one form. `title` names the frame, `invitation` stands on buttons and links and names the window, `values` are answers
    that a program could send, by id of their field."""
    tag = f'<script src="{escape(addresses.script)}" data-form="{escape(addresses.key)}"'
    named = f'data-label="{escape(invitation)}"'
    link = f'<a href="{escape(addresses.page)}"'
    iframe = _iframe(addresses, title)
    return Snippets(
        inline=f"{tag} async></script>\n<noscript>{iframe}</noscript>",
        button=f'{tag} data-mode="button" {named} async></script>\n<noscript>{link}>{escape(invitation)}</a></noscript>',
        modal=f'{link} data-tidings-open="{escape(addresses.key)}">{escape(invitation)}</a>\n'
        f'{tag} data-mode="modal" {named} async></script>',
        frame=f'{iframe}\n<script src="{escape(addresses.script)}" async></script>',
        wordpress=_wordpress(addresses, title),
        shortcode=f'[tidings_form key="{addresses.key}"]',
        curl=_curl(addresses, values),
        fetch=_fetch(addresses, values),
    )


def policy_lines(origin: str) -> tuple[PolicyLine, ...]:
    """What a site with a strict policy adds. Styles need nothing: they come by fetch and are never inline."""
    return (
        PolicyLine(f"script-src {origin}", ("script", "frame")),
        PolicyLine(f"connect-src {origin}", ("script",)),
        PolicyLine(f"frame-src {origin}", ("frame",)),
        PolicyLine(f"form-action {origin}", ("plain",)),
    )


def _iframe(addresses: FormAddresses, title: str) -> str:
    return (
        f'<iframe src="{escape(addresses.frame)}" title="{escape(title)}" width="100%" height="720" frameborder="0"'
        ' loading="lazy"></iframe>'
    )


_WORDPRESS = """
add_shortcode( 'tidings_form', function ( $given ) {
    $form = shortcode_atts( array(
        'key'   => @KEY@,
        'mode'  => 'inline',
        'lang'  => '',
        'theme' => '',
        'label' => '',
    ), $given, 'tidings_form' );
    $page = @PAGES@ . rawurlencode( $form['key'] );
    $html = '<script src="' . esc_url( @SCRIPT@ ) . '" data-form="' . esc_attr( $form['key'] ) . '"';
    foreach ( array( 'mode', 'lang', 'theme', 'label' ) as $name ) {
        if ( '' !== $form[ $name ] ) {
            $html .= ' data-' . $name . '="' . esc_attr( $form[ $name ] ) . '"';
        }
    }
    return $html . ' async></script><noscript><a href="' . esc_url( $page ) . '">' . esc_html( @TITLE@ ) . '</a></noscript>';
} );
"""


def _wordpress(addresses: FormAddresses, title: str) -> str:
    values = {
        "@KEY@": addresses.key,
        "@PAGES@": addresses.page.removesuffix(addresses.key),
        "@SCRIPT@": addresses.script,
        "@TITLE@": title,
    }
    code = _WORDPRESS.strip()
    for name, value in values.items():
        code = code.replace(name, _php(value))
    return code


def _php(text: str) -> str:
    """A text between single quotes, where PHP reads only these two signs otherwise."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _curl(addresses: FormAddresses, values: Mapping[str, object]) -> str:
    body = json.dumps({"token": "TOKEN", **values}, ensure_ascii=False, indent=2).replace("'", "'\\''")
    body = body.replace('"TOKEN"', '"\'"$token"\'"')
    return (
        f"token=$(curl -s '{addresses.definition}' | jq -r .token)\n"
        "sleep 2\n"
        f"curl -s '{addresses.submit}' -H 'Content-Type: application/json' -d '{body}'"
    )


def _fetch(addresses: FormAddresses, values: Mapping[str, object]) -> str:
    typed = json.dumps(dict(values), ensure_ascii=False, indent=2)
    return f"""// When your page shows the fields:
const form = await (await fetch({json.dumps(addresses.definition)})).json();

// When the visitor sends, at least two seconds later:
async function send(values) {{
  const answer = await fetch({json.dumps(addresses.submit)}, {{
    method: "POST",
    headers: {{ "Content-Type": "application/json" }},
    body: JSON.stringify({{ token: form.token, page: location.href, ...values }}),
  }});
  const result = await answer.json();
  if (!result.ok) form.token = result.token ?? form.token;
  return result; // ok, or error and fields
}}

await send({typed});"""
