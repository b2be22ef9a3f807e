"""The hours of a week as an admin types them, "Mon-Fri 09:00-17:00", and when the next of them begin."""

from forms.hours import Hours, HoursError, read_hours

__all__ = ["Hours", "HoursError", "read_hours"]
