"""Bounded counts aggregated by the engine: the only thing that leaves it."""
