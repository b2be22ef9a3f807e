"""Definitions of forms as the plugin keeps them: versions, the draft that is being worked on, and where older settings go."""
