"""dbt with the target `spark`: looks first whether Java and Spark are there, and keeps ANSI mode on.

    python -m revhouse.dbt_on_spark build --vars '{as_of: 2026-06-30}'

What comes after the name is dbt's. What Spark is told stands in dbt_project/profiles.yml.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from revhouse.exits import explained
from revhouse.models import PROJECT
from revhouse.settings import read_settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

_OLDEST_JAVA = 17
_ANSI = "spark.sql.ansi.enabled"


class SparkMissing(Exception):
    """Something that Spark needs is not there; the message says what, and what to do."""


def require_spark(environment: Mapping[str, str]) -> None:
    """Raise SparkMissing unless dbt-spark, PySpark and a Java that Spark runs on are there."""
    for module, package in (("pyspark", "PySpark"), ("dbt.adapters.spark", "dbt-spark")):
        try:
            found = importlib.util.find_spec(module)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise SparkMissing(
                f"{package} is not installed for {sys.executable}. `make spark` installs it, with everything else that "
                "requirements-spark.lock pins, into .venv-spark: use the Python in there."
            )
    version = java_version(environment)
    if version is None or version < _OLDEST_JAVA:
        home = environment.get("JAVA_HOME", "")
        where = f"in JAVA_HOME ({home})" if home else "on the PATH, and JAVA_HOME is not set"
        found_java = f"Java {version} was found {where}" if version else f"no working java was found {where}"
        raise SparkMissing(
            f"Spark needs Java {_OLDEST_JAVA} or newer; {found_java}. Install it (Debian, Ubuntu: apt-get install "
            "openjdk-17-jre-headless; macOS: brew install openjdk@17), or set JAVA_HOME to the folder of one."
        )


def java_version(environment: Mapping[str, str]) -> int | None:
    """The feature release (17) of the Java that Spark would start; None if there is none that works."""
    home = environment.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java", path=environment.get("PATH"))
    if java is None:
        return None
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    # 1.8.0_402 is what Java 8 calls itself.
    version = re.search(r'version "(?:1\.)?(\d+)', done.stderr)
    return int(version[1]) if done.returncode == 0 and version else None


def run_dbt(arguments: Sequence[str]) -> dbtRunnerResult:
    """Run dbt in this process, whose environment is what the profile reads."""
    from dbt.cli.main import dbtRunner

    _keep_ansi_mode()
    places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target", "spark"]
    return dbtRunner().invoke([*arguments, *places])


def _keep_ansi_mode() -> None:
    """dbt-spark 1.11 switches ANSI mode off with every statement, whatever the profile says.

    A text that is no number would then become null in silence, where DuckDB and Databricks stop.
    """
    from dbt.adapters.spark.connections import SparkCredentials

    settle = SparkCredentials.__post_init__

    def settle_and_keep_ansi_mode(self: SparkCredentials) -> None:
        wanted = self.server_side_parameters.get(_ANSI)
        settle(self)
        if wanted is not None:
            self.server_side_parameters[_ANSI] = str(wanted)

    SparkCredentials.__post_init__ = settle_and_keep_ansi_mode


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def main(arguments: tuple[str, ...]) -> None:
    """Run dbt on Spark with these arguments."""
    with explained():
        environment = read_settings().as_environment()
    try:
        require_spark(environment)
    except SparkMissing as missing:
        raise click.ClickException(str(missing)) from missing
    # A process of its own, because the profile reads its environment, and ours is not ours to change.
    code = "import sys; from revhouse.dbt_on_spark import run_dbt; sys.exit(not run_dbt(sys.argv[1:]).success)"
    sys.exit(subprocess.run([sys.executable, "-c", code, *arguments], env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
