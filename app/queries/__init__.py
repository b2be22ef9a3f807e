"""The read side: rows shaped for a page, as frozen dataclasses and never as ORM objects. Nothing here changes anything.

What every page asks for is prepared once and runs on the session's connection: putting a statement together, and what a session does
for mapped objects, cost several times what such a query costs the database.
"""
