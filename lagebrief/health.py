"""What an operator must look at: one sentence each."""

from __future__ import annotations

import datetime as dt

from archive import sources
from archive.values import SourceState
from lagebrief.app import App
from spiders.settings import ConfiguredState, Kind

_FAILURES = 3
_LATE = 3
_LEAST = dt.timedelta(hours=1)


def troubles(app: App) -> list[str]:
    """Sources that fail again and again, have fallen silent or moved, or are not visited when due."""
    now = app.clock()
    active = [
        source
        for source in app.config.sources
        if source.state is ConfiguredState.ACTIVE and source.kind is not Kind.MANUAL
    ]
    statuses = sources.statuses(app.database, [source.key for source in active])
    found = []
    for source in active:
        status = statuses[source.key]
        if status.paused or status.last_fetch is None:
            continue
        late = now - status.last_fetch > max(source.interval * _LATE, _LEAST)
        resting = status.not_before is not None and now < status.not_before
        if status.failures >= _FAILURES:
            found.append(f"{source.key}: {status.failures} failures in a row: {status.reason}")
        elif status.state is SourceState.SILENT:
            found.append(f"{source.key}: {status.reason}")
        elif late and not resting:
            found.append(f"{source.key}: not visited since {status.last_fetch:%Y-%m-%d %H:%M} UTC")
        if sources.moved_for_good(status):
            found.append(f"{source.key}: moved for good to {status.moved_to}: change its url")
    return found
