"""The builder: the pages where an owner makes, changes, previews, publishes, exports and imports forms."""
