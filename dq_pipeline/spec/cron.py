"""A cron line is checked when the spec is read, not at 2 a.m."""

from __future__ import annotations


def check_cron(line: str) -> None:
    """Raise ValueError, naming the field at fault, unless `line` is a five-field cron line.

    >>> check_cron("0 2 * * *")
    """
    from datetime import datetime, timezone

    from cronsim import CronSim, CronSimError

    try:
        next(CronSim(line, datetime.now(timezone.utc)))
    except CronSimError as error:
        raise ValueError(f"a cron line of five fields like '0 2 * * *' (found {line!r}: {error})") from error
    except StopIteration:
        raise ValueError(f"a cron line that comes due (found {line!r}, which never does)") from None
