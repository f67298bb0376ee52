"""The command line: dq-pipeline audit, demo, schema."""
