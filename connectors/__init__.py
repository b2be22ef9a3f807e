"""API clients, one folder per provider. They know the provider and nothing of the rest of this project."""
