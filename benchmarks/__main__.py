"""Measure everything, print a table, save build/bench.json; ends with 1 if a ratio is above its limit."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks import expectations, governance, infohub, loading, models
from benchmarks.measuring import ROOT, Result, compare


@click.command()
@click.option("--rows", default=loading.ROWS, show_default=True, help="Events in the files to load.")
@click.option("--files", default=infohub.FILES, show_default=True, help="YAML files in the InfoHub to read.")
@click.option("--preset", default="medium", show_default=True, help="Size of the sample company to build models of.")
@click.option(
    "--nodes",
    default=governance.NODES,
    show_default=True,
    help="Engagements whose gaps are looked for, and of which something is expected.",
)
@click.option("--runs", default=3, show_default=True, help="Pairs of runs for each comparison; their median counts.")
@click.option("--only", multiple=True, help="Only comparisons whose name contains this; can be repeated.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=ROOT / "build" / "benchmark_data",
    help="Where to keep the test data.",
)
@click.option(
    "--save-to",
    type=click.Path(path_type=Path),
    default=ROOT / "build" / "bench.json",
    help="Where to keep the results.",
)
def main(
    rows: int, files: int, preset: str, nodes: int, runs: int, only: tuple[str, ...], folder: Path, save_to: Path
) -> None:
    """Compare loaders and models with the bare engines. Needs about 10 GB of disk at the usual size."""
    # A file or a pipe has no width; a table cut to 80 columns would lose the digits it is for.
    console = Console() if Console().is_terminal else Console(width=120)
    events, tree, company = folder / f"events_{rows}", folder / f"infohub_{files}", folder / f"company_{preset}"
    engagements, judged = folder / f"engagements_{nodes}", folder / f"judged_{nodes}"
    results = []
    for comparisons, prepare in (
        (loading.comparisons(events), partial(loading.prepare, events, rows)),
        (infohub.comparisons(tree), partial(infohub.prepare, tree, files)),
        (models.comparisons(company), partial(models.prepare, company, preset)),
        (expectations.comparisons(judged), partial(expectations.prepare, judged, nodes)),
        (governance.comparisons(engagements), partial(governance.prepare, engagements, nodes)),
    ):
        chosen = [comparison for comparison in comparisons if not only or any(part in comparison.name for part in only)]
        if chosen:
            prepare()
        for comparison in chosen:
            result = compare(comparison, runs)
            results.append(result)
            console.print(f"{result.name}: {result.ratio:.3f} (limit {result.limit})", highlight=False)
    _save(results, save_to)
    console.print(_table(results))
    if not all(result.is_within_limit for result in results):
        sys.exit(1)


def _save(results: list[Result], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n", encoding="utf-8")


def _table(results: list[Result]) -> Table:
    table = Table(title="Ours ÷ the bare engine, medians", title_justify="left")
    for name in ("comparison", "ours s", "floor s", "ratio", "limit", "peak MB", ""):
        table.add_column(name, justify="left" if name in ("comparison", "") else "right", no_wrap=True)
    for result in results:
        verdict = "ok" if result.is_within_limit else "ABOVE ITS LIMIT"
        table.add_row(
            result.name, f"{result.ours_s:.3f}", f"{result.floor_s:.3f}", f"{result.ratio:.3f}", f"{result.limit}", f"{result.peak_mb}", verdict
        )  # fmt: skip
    return table


if __name__ == "__main__":
    main()
