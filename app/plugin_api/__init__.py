"""The contract between the host and its plugins. Plugin authors import it as `tidings`; nothing here knows tables or pages."""
