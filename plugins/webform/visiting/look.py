"""A form's accent as variables of a stylesheet, with colours that can be read: for text on it, and for itself as text (WCAG 2.2, 1.4.3)."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

__all__ = ["CONTRAST", "DARK_SURFACE", "LIGHT_SURFACE", "contrast", "is_accent", "look_css"]

CONTRAST = 4.5
LIGHT_SURFACE = "#ffffff"
DARK_SURFACE = "#191c1e"
"""What forms stand on in `form.css`, in light and in dark."""
INKS = ("#ffffff", "#0b1012")

_ACCENT = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 100

Colour = tuple[float, float, float]


def is_accent(text: str) -> bool:
    """Whether it is "#rrggbb"."""
    return bool(_ACCENT.fullmatch(text))


def look_css(accent: str) -> str:
    """The stylesheet for "#rrggbb"; empty for anything else."""
    return _look_css(accent.lower()) if is_accent(accent) else ""


@lru_cache(maxsize=256)
def _look_css(accent: str) -> str:
    """Anybody may ask for any colour, so not all are kept."""
    light, dark = _variables(accent, LIGHT_SURFACE), _variables(accent, DARK_SURFACE)
    return (
        f".tf-root{{{light}}}"
        f".tf-root[data-theme=dark]{{{dark}}}"
        f"@media (prefers-color-scheme:dark){{.tf-root[data-theme=auto]{{{dark}}}}}"
    )


def contrast(one: str, other: str) -> float:
    """1 (the same) to 21 (black on white), of two "#rrggbb". https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _variables(accent: str, surface: str) -> str:
    ink = max(INKS, key=lambda one: contrast(one, accent))
    readable = _until(lambda colour: contrast(colour, surface) >= CONTRAST, accent, _far_from(surface))
    return f"--tf-accent:{accent};--tf-on-accent:{ink};--tf-accent-text:{readable}"


def _far_from(surface: str) -> str:
    return max(("#000000", "#ffffff"), key=lambda one: contrast(one, surface))


def _until(fits: Callable[[str], bool], start: str, goal: str) -> str:
    """The first colour on the way from `start` to `goal` that fits; the goal when none does before."""
    return next((one for one in _way(_parts(start), _parts(goal)) if fits(one)), goal)


def _way(start: Colour, goal: Colour) -> Sequence[str]:
    return [
        "#" + "".join(f"{round(a + (b - a) * step / _STEPS):02x}" for a, b in zip(start, goal, strict=True))
        for step in range(_STEPS + 1)
    ]


def _parts(colour: str) -> Colour:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
