"""Finding plugins and saying what keeps one from being used, without importing any of them."""
