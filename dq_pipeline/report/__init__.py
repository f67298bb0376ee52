"""Summary, then rendering, then templates."""
