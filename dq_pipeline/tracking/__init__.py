"""MLflow, and the outbox for when it does not answer."""
