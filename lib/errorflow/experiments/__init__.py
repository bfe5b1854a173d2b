"""Experiments: what was run, how, and what was published of it."""
