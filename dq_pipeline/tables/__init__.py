"""A table opened on an engine, its columns mapped to roles."""
