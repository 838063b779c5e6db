"""What the documents and the Makefile say exists, exists; and nothing says where it was written."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from revhouse import cli, exits
from revhouse.settings import SETTINGS

NOT_WRITTEN = {
    ".git",
    ".venv",
    ".venv-spark",
    ".tools",
    ".dagster",
    "data",
    "build",
    "logs",
    ".pytest_cache",
    ".mypy_cache",
}
LOCKS = ("requirements.lock", "requirements-spark.lock")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "DECISIONS.md")


@pytest.fixture(scope="module")
def files(project: Path) -> list[Path]:
    """Every file of the project that is or would be committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        # No git, or a copy without its history: every folder that holds something written by hand.
        written = [path for path in project.iterdir() if path.name not in NOT_WRITTEN]
        return [
            file
            for path in written
            for file in (path.rglob("*") if path.is_dir() else [path])
            if file.is_file() and "__pycache__" not in file.parts
        ]
    return [path for line in listed.stdout.splitlines() if (path := project / line).is_file()]


@pytest.fixture(scope="module")
def targets(project: Path) -> set[str]:
    return set(re.findall(r"^\.PHONY: (\S+)$", (project / "Makefile").read_text(), flags=re.MULTILINE))


def test_every_target_has_help(project: Path, targets: set[str]) -> None:
    listed = subprocess.run(["make", "help"], cwd=project, capture_output=True, text=True, check=True).stdout

    assert set(re.findall(r"^  make (\S+) +\S", listed, flags=re.MULTILINE)) == targets


def test_make_alone_shows_the_help(project: Path) -> None:
    run = {"cwd": project, "capture_output": True, "text": True, "check": True}

    assert subprocess.run(["make"], **run).stdout == subprocess.run(["make", "help"], **run).stdout


@pytest.mark.parametrize("document", DOCUMENTS)
def test_targets_that_are_named_exist(project: Path, targets: set[str], document: str) -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", (project / document).read_text(), flags=re.MULTILINE))

    assert named <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_that_are_named_exist(project: Path, document: str) -> None:
    for call in re.findall(r"`revhouse ([^`\n]+)`", (project / document).read_text()):
        name, *arguments = call.split()
        assert name in cli.cli.commands, f"revhouse {call}"
        options = {option for parameter in cli.cli.commands[name].params for option in parameter.opts}
        assert {argument for argument in arguments if argument.startswith("--")} <= options, f"revhouse {call}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_that_are_named_exist(project: Path, document: str) -> None:
    text = (project / document).read_text()
    named = re.findall(r"`([\w./-]+/|[\w./-]+\.(?:py|yml|toml|md|lock|yaml))`|\]\(([\w./-]+)\)", text)
    for code, link in named:
        path = code or link
        if not path.startswith("data/") and path not in ("instance.yml", "uv.lock"):
            assert (project / path).exists(), path


def test_the_readme_lists_every_setting_as_it_is(project: Path) -> None:
    text = (project / "README.md").read_text()
    listed = re.findall(r"^\| `(REVHOUSE_\w+)` \| (?:`(--[\w-]+)` )?\| (.*?) \|", text, flags=re.MULTILINE)

    assert [(variable, flag or None) for variable, flag, _ in listed] == [
        (known.variable, known.flag) for known in SETTINGS
    ]
    for (_, _, default), known in zip(listed, SETTINGS, strict=True):
        assert known.default is None or default == f"`{known.default}`"


def test_settings_say_their_own_default() -> None:
    for setting in SETTINGS:
        assert setting.default is None or setting.meaning.endswith(f"Default: {setting.default}.")


def test_the_readme_lists_every_exit_code(project: Path) -> None:
    text = re.sub(r"\s+", " ", (project / "README.md").read_text())
    sentence = re.search(r"Exit codes: (.*?)\.", text)

    assert sentence
    assert [int(code) for code in re.findall(r"\b\d+\b", sentence[1])] == list(exits.MEANINGS)


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_holds_no_address_and_a_hash_for_everything(project: Path, lock: str) -> None:
    text = (project / lock).read_text()

    assert not re.search(r"https?:|file:|--find-links|--index|(?:^|\s)/", text)
    for entry in re.split(r"\n(?=\S)", text):
        if not entry.startswith("#") and entry.strip():
            assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_lock_pins_everything_that_the_project_names(project: Path) -> None:
    configuration = tomllib.loads((project / "pyproject.toml").read_text())
    pinned = set(re.findall(r"^([\w.-]+)==", (project / "requirements.lock").read_text(), flags=re.MULTILINE))
    named = configuration["project"]["dependencies"] + configuration["dependency-groups"]["dev"]

    assert {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in named} <= pinned


def test_what_both_locks_pin_is_the_same_in_both(project: Path) -> None:
    configuration = tomllib.loads((project / "pyproject.toml").read_text())
    default, spark = (set(re.findall(r"^[\w.-]+==[^\s;]+", (project / lock).read_text(), flags=re.M)) for lock in LOCKS)
    named = configuration["project"]["optional-dependencies"]["spark"]

    assert default <= spark
    added = {pin.partition("==")[0] for pin in spark - default}
    assert {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in named} <= added


def test_nothing_holds_a_path_of_one_machine(project: Path, files: list[Path]) -> None:
    someones = re.compile(
        "|".join([*(re.escape(f"{path}/") for path in (project, Path.home())), r"/(?:home|Users)/\w+/"])
    )
    found = []
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image or an export in another encoding
        found += [f"{path.relative_to(project)}: {match[0]}" for match in someones.finditer(text)]

    assert not found


def test_nothing_is_left_unfinished(project: Path, files: list[Path]) -> None:
    # Put together, so that this line is not found itself.
    mark = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
    found = [
        f"{path.relative_to(project)}:{number}"
        for path in files
        if path.suffix in {".py", ".sql", ".yml", ".yaml", ".md", ".toml"}
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if mark.search(line)
    ]

    assert not found
