"""What agents do with a case: take a conversation out of it, put it in again, resolve or assign all of it. What a case is stands in
`app.domain.cases`, what pages show of it is `app.queries.cases`.
"""

from .changes import assign_all, put_in, resolve_all, take_out

__all__ = ["assign_all", "put_in", "resolve_all", "take_out"]
