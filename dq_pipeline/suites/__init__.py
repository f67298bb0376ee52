"""Bounds become Great Expectations expectations, and their results become verdicts."""
