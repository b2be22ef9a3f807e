"""What `webform/visitor/form.html` shows: one form in one language, empty or with what was typed and what is wrong with it.

The hosted page, the frame, the embed and the builder's preview all hand the partial a `FormView` as `view`; nothing else is in its reach,
and it asks for no translation itself: `view.texts` holds every word that is not the form's own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forms.definitions import DefinedForm, FormDefinition

__all__ = ["FormView", "ProblemLink"]


@dataclass(frozen=True, slots=True)
class ProblemLink:
    """One line of the summary above the form. `field_id` is the id of the element to go to."""

    field_id: str
    label: str
    problem: str


@dataclass(frozen=True, slots=True)
class FormView:
    """Everything the partial and `form.js` need.

    `form.shown_steps` are the steps with their fields; `form.token`, `form.page`, `form.context`, `form.signature`, `form.proof` are hidden
    inputs and `form.homepage` is the trap; the partial renders all six. `language` and `direction` ("ltr", "rtl") go onto the root element
    `.tf-root`, as does `theme` (light, dark, auto) as `data-theme`; `facts_json` is its attribute `data-facts`.
    `action` is where the `<form>` posts without a script (multipart), in a frame and on the page an empty text: the page's own address.
    `title`, `intro` (lines) and `send_label` are said in `language`. `hours` says whether and when somebody answers, empty where nothing is
    promised. `notice` says why a post was not taken, empty at first; `problem_links` go with it; `has_lost_files` says that chosen
    files must be chosen again. `only_if` is, by id of a field or step with a condition, the line that tells visitors without JavaScript
    when it counts; form.js takes these lines away. `is_headed` False leaves title and intro to whatever surrounds the form.
    `texts` by name: see `visiting.texts.PARTIAL_TEXTS`.
    """

    key: str
    definition: FormDefinition
    form: DefinedForm
    language: str
    direction: str
    theme: str
    action: str
    title: str
    intro: Sequence[str]
    send_label: str
    texts: Mapping[str, str]
    hours: str = ""
    notice: str = ""
    problem_links: Sequence[ProblemLink] = ()
    has_lost_files: bool = False
    only_if: Mapping[str, str] = field(default_factory=dict)
    is_headed: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def facts_json(self) -> str:
        """What form.js reads: `{"key", "submit": path of the JSON door, empty in a preview, "challenge": path of a task for proof of work,
        "proof": whether one is wanted now, "thanks": path of the thank-you page, on pages of ours only, "conditions", "steps" and
        "parameters" as `script_facts` gives them, "texts": {name: sentence}}`. Paths are those of the server the script came from."""
        return json.dumps(self.facts, ensure_ascii=False, separators=(",", ":"))
