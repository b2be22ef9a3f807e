"""The read side: rows shaped for a page, as frozen dataclasses and never as ORM objects. Nothing here changes anything."""
