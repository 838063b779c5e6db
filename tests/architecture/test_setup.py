"""What a person is told on a machine that lacks something. The set-up that succeeds is what these tests run
in.
"""

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def bare_machine(project: Path, tmp_path: Path) -> Path:
    """A copy of the project's set-up, and beside it a folder of commands with neither Python nor uv."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(project / name, tmp_path)
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in ("make", "sh", "rm"):
        found = shutil.which(name)
        assert found
        (commands / name).symlink_to(found)
    return tmp_path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(folder / "commands")}
    command = [str(folder / "commands/make"), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def write_command(folder: Path, name: str, script: str) -> None:
    path = folder / "commands" / name
    path.write_text(f"#!{folder / 'commands/sh'}\n{script}\n")
    path.chmod(0o755)


def test_without_python_it_says_what_is_missing_and_how_to_get_it(bare_machine: Path) -> None:
    result = make(bare_machine, "run")

    assert result.returncode != 0
    assert "Python 3.11 or newer is needed" in result.stderr
    assert "make run PYTHON=" in result.stderr


def test_a_python_that_is_too_old_is_passed_over(bare_machine: Path) -> None:
    write_command(bare_machine, "python3", "exit 1")

    assert "Python 3.11 or newer is needed" in make(bare_machine, "run").stderr


def test_without_venv_it_says_which_package_has_it(bare_machine: Path) -> None:
    write_command(bare_machine, "python3", 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac')

    result = make(bare_machine, "run")

    assert result.returncode != 0
    assert "apt-get install python3-venv" in result.stderr
    assert not (bare_machine / ".tools").exists()
