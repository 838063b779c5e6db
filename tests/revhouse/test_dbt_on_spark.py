"""What is said where Spark cannot run, and which Java is one that it runs on."""

from __future__ import annotations

import importlib.util
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from revhouse import dbt_on_spark
from revhouse.dbt_on_spark import SparkMissing, java_version, require_spark


@pytest.fixture
def java_home(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """An environment whose Java says this of itself."""

    def make(says: str, exit_code: int = 0) -> dict[str, str]:
        java = tmp_path / "bin" / "java"
        java.parent.mkdir(exist_ok=True)
        java.write_text(f"#!{sys.executable}\nimport sys\nprint({says!r}, file=sys.stderr)\nsys.exit({exit_code})\n")
        java.chmod(java.stat().st_mode | stat.S_IXUSR)
        return {"JAVA_HOME": str(tmp_path)}

    return make


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """PySpark and dbt-spark are there, wherever these tests run."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_402"', 8),
        ('openjdk version "25" 2025-09-16', 25),
        ("Unable to locate a Java Runtime.", None),
    ],
)
def test_java_is_known_by_what_it_says(
    java_home: Callable[..., dict[str, str]], says: str, version: int | None
) -> None:
    assert java_version(java_home(says)) == version


def test_a_java_that_only_prints_an_error_is_none(java_home: Callable[..., dict[str, str]]) -> None:
    assert java_version(java_home('version "17.0.1" is not installed', exit_code=1)) is None


def test_without_a_java_it_says_where_it_looked(installed: None, tmp_path: Path) -> None:
    with pytest.raises(
        SparkMissing, match=r"Java 17 or newer; no working java was found on the PATH, and JAVA_HOME is not"
    ):
        require_spark({"PATH": str(tmp_path)})


def test_an_old_java_is_named(installed: None, java_home: Callable[..., dict[str, str]], tmp_path: Path) -> None:
    with pytest.raises(SparkMissing, match=rf"Java 11 was found in JAVA_HOME \({tmp_path}\)"):
        require_spark(java_home('openjdk version "11.0.2"'))


def test_with_everything_there_nothing_is_said(installed: None, java_home: Callable[..., dict[str, str]]) -> None:
    require_spark(java_home('openjdk version "21.0.2"'))


@pytest.mark.parametrize(("module", "package"), [("pyspark", "PySpark"), ("dbt.adapters.spark", "dbt-spark")])
def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, module: str, package: str) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else object())

    with pytest.raises(SparkMissing, match=rf"{package} is not installed .*make spark"):
        require_spark({})


def test_ansi_mode_is_what_the_profile_says() -> None:
    pytest.importorskip("dbt.adapters.spark", reason="dbt-spark is not installed: `make parity` runs this")
    from dbt.adapters.spark.connections import SparkCredentials

    given = {"spark.sql.ansi.enabled": "true"}
    before = SparkCredentials.__post_init__
    try:
        dbt_on_spark._keep_ansi_mode()
        credentials = SparkCredentials(schema="main", host="none", method="session", server_side_parameters=given)
    finally:
        SparkCredentials.__post_init__ = before

    assert credentials.server_side_parameters["spark.sql.ansi.enabled"] == "true"
