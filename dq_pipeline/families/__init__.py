"""The check families, one a module; this file holds the only list."""
