"""What the user writes: pydantic models, loading, and errors that name file, line and key."""
