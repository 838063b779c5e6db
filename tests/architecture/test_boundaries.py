"""Which package may import which: the rules are in pyproject.toml, and each is shown to catch a breach of
it.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

PACKAGES = ("expectations", "ingestion", "orchestration", "publication", "revhouse")

BREACHES = {
    "ingestion is plain Python and DuckDB": ("ingestion", "import rich"),
    "expectations know nothing of what runs them": ("expectations", "import dagster"),
    "publication reads marts and writes files": ("publication", "import rich"),
    "the command line works without Dagster": ("revhouse", "import dagster"),
    "nothing imports orchestration": ("revhouse", "import orchestration"),
}


# The folder it stands in comes first on its path, so that a copy is judged and not what is installed.
LINT_IMPORTS = """
import sys
sys.path.insert(0, "")
from importlinter.cli import lint_imports_command
lint_imports_command()
"""

# Prints what a module opens for writing while it is imported.
IMPORT_ALL = """
import importlib, sys
project, *modules = sys.argv[1:]
sys.path.insert(0, project)
sys.dont_write_bytecode = True
opened = []
def watch(event, arguments):
    if event == "open" and "w" in str(arguments[1]):
        opened.append(arguments[0])
sys.addaudithook(watch)
for module in modules:
    importlib.import_module(module)
print(opened)
"""


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LINT_IMPORTS, "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_packages_keep_to_their_boundaries(project: Path) -> None:
    result = lint_imports(project)

    assert result.returncode == 0, result.stdout + result.stderr


def test_each_boundary_catches_a_breach(project: Path, tmp_path: Path) -> None:
    shutil.copy(project / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    for number, (package, code) in enumerate(BREACHES.values()):
        (tmp_path / package / f"breach_{number}.py").write_text(code + "\n")

    result = lint_imports(tmp_path)

    broken = set(re.findall(r"^(.*) BROKEN", result.stdout, flags=re.MULTILINE))
    assert broken == set(BREACHES)


def test_every_boundary_has_a_breach_to_catch(project: Path) -> None:
    configuration = tomllib.loads((project / "pyproject.toml").read_text())

    assert {contract["name"] for contract in configuration["tool"]["importlinter"]["contracts"]} == set(BREACHES)


def test_only_settings_reads_the_environment(project: Path) -> None:
    readers = {
        path.relative_to(project).as_posix()
        for package in PACKAGES
        for path in (project / package).rglob("*.py")
        if re.search(r"\bos\.environ\b|\bgetenv\b|\bEnvVar\b", path.read_text(encoding="utf-8"))
    }

    assert readers == {"revhouse/settings.py"}


def test_only_the_edge_asks_what_time_it_is(project: Path) -> None:
    clock = re.compile(r"\b(datetime|date)\.(now|utcnow|today)\(|\btime\.time\(|\bcurrent_(date|timestamp)\b")
    callers = {
        path.relative_to(project).as_posix()
        for package in PACKAGES
        for path in (project / package).rglob("*.py")
        if clock.search(path.read_text(encoding="utf-8"))
    }

    assert {caller for caller in callers if not caller.startswith("orchestration/")} == {"revhouse/cli.py"}


def test_importing_our_packages_does_nothing(project: Path, tmp_path: Path) -> None:
    modules = [
        path.relative_to(project).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for package in ("expectations", "ingestion", "publication", "revhouse")
        for path in sorted((project / package).rglob("*.py"))
        if path.name != "__main__.py"
    ]
    # Standing in an empty folder, where whatever an import makes by a relative name shows.
    command = [sys.executable, "-c", IMPORT_ALL, str(project), *modules]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"
    assert list(tmp_path.iterdir()) == []
