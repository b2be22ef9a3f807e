"""Plain rules and values that need no database."""
