"""The benchmark itself runs, on little data; what it measures there means nothing, so no ratio is asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measuring import Comparison, Side, compare

ROOT = Path(__file__).parents[2]


def test_every_comparison_of_the_loaders_runs_and_is_saved(tmp_path: Path) -> None:
    """Those of the models build the whole project several times, which takes longer than all other tests."""
    saved = tmp_path / "bench.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks", "--rows", "2000", "--files", "60", "--runs", "1"),
            *("--folder", str(tmp_path / "data"), "--save-to", str(saved)),
            *("--only", "load_", "--only", "infohub_"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr  # 1: a ratio above its limit, which so little data may well give
    results = json.loads(saved.read_text())
    assert {result["name"]: result["limit"] for result in results} == {
        "load_events_csv": 1.5,
        "load_events_jsonl": 1.5,
        "load_events_parquet": 1.5,
        "load_events_csv_larger_than_memory": 1.5,
        "load_again_with_nothing_new": 0.1,
        "infohub_first_parse": 1.3,
        "infohub_first_parse_in_one_process": 1.3,
        "infohub_unchanged_rescan": 0.1,
    }
    for result in results:
        assert set(result) == {"name", "ours_s", "floor_s", "ratio", "limit", "peak_mb"}
        assert result["peak_mb"] > 0


def test_a_side_that_fails_fails_the_benchmark(tmp_path: Path) -> None:
    broken = Side("benchmarks.loading", ("floor", "csv", str(tmp_path), "1GB"))
    with pytest.raises(RuntimeError, match="ended with 1"):
        compare(Comparison("broken", broken, broken, 1.0), runs=1)


def test_every_side_judges_the_same_engagements(tmp_path: Path) -> None:
    saved = tmp_path / "bench.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks", "--nodes", "40", "--runs", "1", "--only", "expectations_"),
            *("--folder", str(tmp_path / "data"), "--save-to", str(saved)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    results = json.loads(saved.read_text())
    assert {result["name"]: result["limit"] for result in results} == {
        "expectations_pushed_down": 4.0,
        "expectations_against_pandas": 0.1,
    }
    assert all(result["ours_s"] > 0 for result in results)
