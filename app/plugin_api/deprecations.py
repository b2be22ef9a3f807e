"""What of the plugin API is on its way out, and since when.

The policy, in facts:

- The API has one number (`API_VERSION`). It grows when a hook, an argument, a permission or a method of `Host` is added, and each of
  them says in its documentation since which version it is there. Adding is never a break: implementations name only the arguments they
  use, and what `Host` offers only grows.
- What was deprecated in version N goes on working in every release whose API is N, for plugins made for N - 1 as for others. It may be
  removed in N + 1 or later; `Deprecation.goes_with` says when. So a plugin that is made for one version runs on that version and on the
  one after it, without a change.
- A deprecated hook is called as before. A deprecated argument of a hook gets its value computed from the arguments that took its place.
- Whoever uses something deprecated is told once at each start: a warning in the log that names the plugin, and the same sentence in
  `PluginInfo.warnings`, which the plugins page shows. Nothing is warned of that the plugin does not use.
- A manifest says `api = "N"` or a range. A host of version N runs plugins whose range includes N, N - 1, or an earlier one down to
  `OLDEST_API`, as long as nothing was removed since: version 3 took nothing away.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["DEPRECATIONS", "Deprecation"]


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A hook, or one `argument` of a hook, that is deprecated since one version of the API and goes away with a later one. `instead` says
    what to do, in half a sentence.

    `derive` computes an old argument's value from the hook's arguments of today, by name; a hook as a whole needs none.
    """

    hook: str
    since: int
    goes_with: int
    instead: str
    argument: str = ""
    derive: Callable[[Mapping[str, Any]], Any] | None = None

    @property
    def sentence(self) -> str:
        """For the owner and the author."""
        what = f"the argument {self.argument} of {self.hook}" if self.argument else f"the hook {self.hook}"
        return f"It uses {what}, which is deprecated since API {self.since} and goes with API {self.goes_with}: {self.instead}."


DEPRECATIONS: tuple[Deprecation, ...] = (
    Deprecation("housekeeping_due", since=2, goes_with=4, instead="bring a job in register_jobs"),
)
