"""One audit: tables, contracts, counts, measures, suite, verdicts, in that order."""
