"""Audit training data before you retrain: Dagster assets, checks and a gate, or one command in a terminal."""
