"""What is wrong with a definition, and where."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["DefinitionError", "Problem"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `path` names the place ("steps[0].fields[2].choices"; empty: the whole), `text` what to change, in English
    with places such as "%(most)s" for `details`."""

    path: str
    text: str
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What to change, in English."""
        return self.said(lambda text: text)

    def said(self, gettext: Callable[[str], str]) -> str:
        """What to change, in the language into which `gettext` translates."""
        said = gettext(self.text)
        return said % self.details if self.details else said


class DefinitionError(ValueError):
    """A definition cannot be used; `problems` is all that is wrong with it: first what cannot be read, then what does not fit."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{one.path or 'definition'}: {one.sentence}" for one in problems))
        self.problems = problems
