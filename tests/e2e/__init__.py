"""Whole walks: the real processes, real servers, a real browser."""
