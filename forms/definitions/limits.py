"""How much a definition may hold. Generous for people, small enough that a form stays quick to show and to send."""

__all__ = [
    "MAX_CHOICES",
    "MAX_DEFINITION",
    "MAX_FIELDS",
    "MAX_HELP",
    "MAX_HOURS",
    "MAX_HOURS_TO_ANSWER",
    "MAX_LABEL",
    "MAX_LANGUAGES",
    "MAX_LINE",
    "MAX_MEGABYTES",
    "MAX_PARAGRAPH",
    "MAX_RULES",
    "MAX_STEPS",
    "MAX_TAG",
    "MAX_TAGS",
    "MAX_TEXT",
    "MAX_URL",
    "MAX_VALUE",
    "MOST_FILES",
]

MAX_DEFINITION = 500_000
"""Characters of the JSON as `json.dumps` writes it."""
MAX_LANGUAGES = 20
MAX_STEPS = 20
MAX_FIELDS = 100
MAX_CHOICES = 300
MAX_RULES = 10
MAX_TAGS = 10
MAX_TAG = 50
MAX_LABEL = 500
MAX_HELP = 1_000
MAX_PARAGRAPH = 5_000
MAX_VALUE = 100
MAX_URL = 2_000
MAX_HOURS = 1_000
MAX_HOURS_TO_ANSWER = 720
MOST_FILES = 20
MAX_MEGABYTES = 100
MAX_LINE = 200
"""Characters of a TEXT answer, where its definition says nothing else."""
MAX_TEXT = 20_000
"""Characters of a LONG_TEXT answer at most."""
