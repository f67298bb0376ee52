"""The training set: join, filter, split without leaks, version."""
