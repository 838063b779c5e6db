"""Builds the project on Spark and writes each model as Parquet; a process of its own, whose environment is the profile's.

python -m parity.on_spark FOLDER ARGUMENTS OF DBT
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from revhouse.dbt_on_spark import run_dbt

_AT_ONCE = 4


def main(folder: Path, arguments: Sequence[str]) -> int:
    from pyspark.sql import SparkSession

    done = run_dbt(arguments)
    results: Any = done.result
    if results is None:
        return 1
    # The session that dbt used, with its catalogue in memory.
    session = SparkSession.builder.getOrCreate()

    def write(node: Any) -> None:
        session.table(f"{node.schema}.{node.alias}").write.parquet(str(folder / node.schema / node.alias))

    built = [
        result.node
        for result in results
        if result.status == "success" and result.node.resource_type in ("model", "seed", "snapshot")
    ]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(write, built))
    return 0 if done.success else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
