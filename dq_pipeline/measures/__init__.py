"""Arithmetic on counts: every function takes counts and gives an Estimate."""
