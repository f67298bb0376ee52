"""The only place that imports Dagster."""
