"""How plugins are doing: what is counted and kept in this process, and what it tells the others.

`book` holds the counters and breakers, `report` what is told; the others make parts of it: masked samples, collisions, kept announcements.
"""
