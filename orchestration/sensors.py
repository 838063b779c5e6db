"""What starts a run by itself: files that were not there before, or are not what they were."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from orchestration.jobs import load_everything
from revhouse.settings import read_settings


@dg.sensor(
    job=load_everything,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts a load when a file in the landing folder or the InfoHub is new, changed or gone.",
)
def new_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    settings = read_settings()
    seen = fingerprint([settings.landing, settings.infohub])
    if seen is None:
        return dg.SkipReason(f"nothing has landed in {settings.landing} or {settings.infohub} yet")
    if seen == context.cursor:
        return dg.SkipReason("no file is new, changed or gone since the last load")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=seen)], cursor=seen)


def fingerprint(folders: list[Path]) -> str | None:
    """A digest of every file's name, size and time; nothing is opened. None where there is no file."""
    digest = hashlib.sha256()
    found = False
    for folder in folders:
        for path, size, modified in _files(folder):
            found = True
            digest.update(f"{path}\0{size}\0{modified}\n".encode("utf-8", errors="surrogateescape"))
    return digest.hexdigest() if found else None


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            path = Path(here, name)
            stat = path.lstat()
            yield str(path), stat.st_size, stat.st_mtime_ns
