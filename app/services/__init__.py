"""Verbs: one file per noun, plain functions. A public verb opens one transaction, commits it, and announces afterwards."""
