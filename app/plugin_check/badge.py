"""The badge: a line for terminals, and a small picture for a README."""

from html import escape

from app.plugin_check.report import Report, Tier

__all__ = ["badge_svg", "badge_text"]

COLOURS = {Tier.NONE: "#9f1f1f", Tier.BRONZE: "#8a5a2b", Tier.SILVER: "#5c6773", Tier.GOLD: "#8a6d00"}
LETTER_PX = 7
LABEL = "tidings plugin"


def badge_text(report: Report) -> str:
    """ "[ tidings plugin | silver ] pager 0.1.0"."""
    return f"[ {LABEL} | {_said(report)} ] {report.plugin} {report.version}".rstrip()


def badge_svg(report: Report) -> str:
    """An SVG of 20 pixels' height that needs nothing from elsewhere."""
    said = _said(report)
    left, right = (len(text) * LETTER_PX + 12 for text in (LABEL, said))
    title = escape(f"{LABEL}: {said}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{title}">'
        f"<title>{title}</title>"
        f'<rect width="{left}" height="20" fill="#2b2f36"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{COLOURS[report.tier]}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,sans-serif" font-size="11">'
        f'<text x="{left / 2:g}" y="14">{LABEL}</text><text x="{left + right / 2:g}" y="14">{escape(said)}</text></g></svg>\n'
    )


def _said(report: Report) -> str:
    return "not sound" if not report.is_sound else "no tier yet" if report.tier is Tier.NONE else str(report.tier)
