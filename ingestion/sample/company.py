"""The sample company as a whole: simulates it, has its exports, its InfoHub and its ground truth written, in this order.

What happens in the company, and what its files look like, is decided in the modules beside this one.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ingestion.runs import Progress
from ingestion.sample.activities import make_activities
from ingestion.sample.billing import make_billing
from ingestion.sample.billing_files import write_billing
from ingestion.sample.company_facts import plant_company_facts
from ingestion.sample.deal_changes import make_deal_changes
from ingestion.sample.deals import make_deals
from ingestion.sample.dice import create_macros
from ingestion.sample.dirty_files import plant_dirty_files
from ingestion.sample.dirty_rows import plant_dirty_rows
from ingestion.sample.hubspot_files import write_hubspot
from ingestion.sample.infohub.writing import write_infohub
from ingestion.sample.landing_files import LandingFiles
from ingestion.sample.nodes import make_nodes, make_track_macros
from ingestion.sample.people_and_accounts import make_people_and_accounts
from ingestion.sample.presets import PRESETS, Preset, Timeline, timeline
from ingestion.sample.salesforce_files import make_rates, write_salesforce
from ingestion.sample.stages import make_stage_names
from ingestion.sample.support import make_support
from ingestion.sample.support_files import write_support
from ingestion.sample.truth import create_truth, write_ground_truth
from ingestion.sample.usage import make_usage
from ingestion.sample.usage_files import write_usage

LANDING_FOLDER = "landing"
INFOHUB_FOLDER = "infohub"
TRUTH_FILE = "ground_truth.csv"
SETTINGS_FILE = "sample_company.json"


class SampleRefused(Exception):
    """The sample cannot be written as asked; the message says what to do."""


@dataclass(frozen=True)
class SampleReport:
    """What was written, and how much of it."""

    target: Path
    preset: str
    seed: int
    as_of: date
    accounts: int
    nodes: int
    events: int
    files: int
    rows: int
    facts: int
    size_bytes: int


def write_sample(
    target: Path,
    *,
    preset: str | Preset = "small",
    seed: int = 7,
    as_of: date,
    progress: Progress | None = None,
    threads: int | None = None,
) -> SampleReport:
    """Write the sample company below `target`, in place of an earlier sample there.

    The same preset, seed and day give the same bytes, whatever the number of threads.
    """
    if isinstance(preset, str) and preset not in PRESETS:
        raise SampleRefused(f"there is no preset {preset!r}: choose one of {', '.join(PRESETS)}")
    size = PRESETS[preset] if isinstance(preset, str) else preset
    line = timeline(as_of)
    _make_room(target)
    settings = {"preset": size.name, "seed": seed, "as_of": as_of.isoformat()}
    # Written first, so that a sample that was interrupted is known as one and can be written again.
    (target / SETTINGS_FILE).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    landing = target / LANDING_FOLDER
    landing.mkdir()
    with _simulation(target, size, threads) as connection:
        files = LandingFiles(connection, landing)
        _Writing(connection, files, size, line, seed, target, progress).run()
        counts = connection.execute(
            """
            select
                (select count(*) from sim.accounts),
                (select count(*) from sim.nodes),
                (select coalesce(sum(rows_in), 0)::bigint from sim.files where system in ('segment', 'posthog', 'amplitude', 'mixpanel')),
                (select coalesce(sum(rows_in), 0)::bigint from sim.files)
            """
        ).fetchone()
        facts = write_ground_truth(connection, target / TRUTH_FILE)
    assert counts is not None
    written = [path for path in target.rglob("*") if path.is_file()]
    return SampleReport(
        target=target,
        preset=size.name,
        seed=seed,
        as_of=as_of,
        accounts=counts[0],
        nodes=counts[1],
        events=counts[2],
        files=len(written),
        rows=counts[3],
        facts=facts,
        size_bytes=sum(path.stat().st_size for path in written),
    )


class _Writing:
    """The steps, in the order in which each finds what it needs."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: LandingFiles,
        preset: Preset,
        line: Timeline,
        seed: int,
        target: Path,
        progress: Progress | None,
    ) -> None:
        self.connection = connection
        self.files = files
        self.preset = preset
        self.line = line
        self.seed = seed
        self.target = target
        self.progress = progress
        self.done = 0

    def run(self) -> None:
        connection, files, line = self.connection, self.files, self.line
        before: list[tuple[str, Callable[[], None]]] = [
            ("people and accounts", self._start),
            ("contracts and invoices", lambda: make_billing(connection)),
            ("deals", self._make_deals),
            ("activities", lambda: make_activities(connection, self.preset, seed=self.seed)),
            ("support cases", lambda: make_support(connection)),
            ("usage", lambda: make_usage(connection, self.preset, line)),
            ("engagements", self._make_nodes),
            ("Salesforce exports", lambda: write_salesforce(files, line)),
            ("HubSpot exports", lambda: write_hubspot(connection, files, line)),
            ("help desk exports", lambda: write_support(files, line)),
            ("billing exports", lambda: write_billing(files, line)),
        ]
        after: list[tuple[str, Callable[[], None]]] = [
            ("dirty rows and files", self._plant_dirt),
            ("ground truth", lambda: plant_company_facts(connection)),
            ("InfoHub", self._write_infohub),
        ]
        total = len(before) + len(line.months) + len(after)
        for label, step in before:
            self._tell(total, label)
            step()
            self.done += 1

        def on_month(label: str) -> None:
            self._tell(total, f"usage exports {label}")
            self.done += 1

        write_usage(connection, files, line, self.preset, on_month)
        for label, step in after:
            self._tell(total, label)
            step()
            self.done += 1
        self._tell(total, "")

    def _start(self) -> None:
        create_macros(self.connection, seed=self.seed, line=self.line)
        create_truth(self.connection)
        self.files.start()
        make_people_and_accounts(self.connection, self.preset, seed=self.seed)

    def _make_deals(self) -> None:
        make_stage_names(self.connection)
        make_deals(self.connection)
        make_deal_changes(self.connection)

    def _make_nodes(self) -> None:
        make_rates(self.connection, self.line)
        make_track_macros(self.connection)
        make_nodes(self.connection)

    def _plant_dirt(self) -> None:
        plant_dirty_rows(self.connection, self.files, self.line)
        self.files.drop_empty()
        plant_dirty_files(self.connection, self.files, self.line, self.preset)
        self.files.set_times(self.line.as_of)

    def _write_infohub(self) -> None:
        infohub = self.target / INFOHUB_FOLDER
        infohub.mkdir()
        write_infohub(
            self.connection, infohub, seed=self.seed, as_of=self.line.as_of, progress=self._infohub_progress()
        )

    def _infohub_progress(self) -> Progress | None:
        if self.progress is None:
            return None
        tell = self.progress

        def inner(done: int, total: int, label: str) -> None:
            tell(self.done, self.done + 1, f"InfoHub {done:,} of {total:,}")

        return inner

    def _tell(self, total: int, label: str) -> None:
        if self.progress:
            self.progress(self.done, total, label)


def _make_room(target: Path) -> None:
    """Take away an earlier sample and empty folders; never anything else."""
    target.mkdir(parents=True, exist_ok=True)
    ours = [target / name for name in (LANDING_FOLDER, INFOHUB_FOLDER, TRUTH_FILE, SETTINGS_FILE)]
    filled = [path for path in ours if path.is_file() or (path.is_dir() and any(path.iterdir()))]
    if filled and not (target / SETTINGS_FILE).exists():
        raise SampleRefused(
            f"{target} already holds {', '.join(path.name for path in filled)}, which no sample put there (it has no "
            f"{SETTINGS_FILE}): move them away or write the sample to another folder"
        )
    for path in ours:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _simulation(target: Path, preset: Preset, threads: int | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database for the simulation alone, beside the sample while it is written; the large company does not fit in memory."""
    with tempfile.TemporaryDirectory(prefix=".sample-", dir=target) as workspace:
        database = ":memory:" if preset.in_memory else str(Path(workspace) / "simulation.duckdb")
        with duckdb.connect(database, config={"temp_directory": str(Path(workspace) / "spill")}) as connection:
            connection.execute("set timezone = 'UTC'")
            if threads is not None:
                connection.execute(f"set threads = {threads}")
            yield connection
