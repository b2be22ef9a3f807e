"""Figures side by side: each bench runs ours and a bare reference in turn, in one process, and compares the medians.

`python -m bench` runs them; `docs/performance.md` says what they mean. Nothing here is installed or imported by the product.
"""
