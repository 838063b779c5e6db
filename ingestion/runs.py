"""What one run of the loaders is called and when it knew what it loaded; the callers' clock, not ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

# done, total, what is being worked on
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class LoadRun:
    """One run: its id, and the moment (UTC) from which its rows count as known."""

    run_id: str
    loaded_at: datetime
