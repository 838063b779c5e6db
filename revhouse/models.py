"""Building the dbt project on the warehouse: for one day, or for several with one start of dbt.

What the models are is SQL in dbt_project/; how dbt is run is dbt_process.py, a program of its own that is started here.
Loading happens before this, and is none of its business.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import IO, Any

from ingestion.warehouse import writer_lock
from revhouse.control import Control, last_correction, read_control
from revhouse.settings import Settings

_ROOT = Path(__file__).parent.parent
PROJECT = _ROOT / "dbt_project"
FAULTS = ("error", "fail", "runtime error", "partial success")
_PROGRAM = ["-m", "revhouse.dbt_process"]
_GRACE_SECONDS = 10.0
_PARSES = 4


class ModelsFailed(Exception):
    """dbt could not even begin, or broke off: the message is what it said."""


@dataclass
class BuildOutcome:
    """What dbt built and tested; `faults` says for each model or test that failed what dbt said of it."""

    models: int = 0
    tests: int = 0
    faults: list[str] = field(default_factory=list)
    refreshed: list["Refreshed"] = field(default_factory=list)
    control: Control = field(default_factory=Control)


@dataclass(frozen=True)
class Refreshed:
    """A table that runs only add to, made from the beginning, because these seeds of the policy are others now."""

    model: str
    seeds: list[str]


@dataclass(frozen=True)
class NodeResult:
    """What came of one model, seed or test, built for one day. `status` is dbt's word for it."""

    unique_id: str
    name: str
    day: date
    status: str
    message: str
    failures: int | None
    seconds: float

    @property
    def is_test(self) -> bool:
        return self.unique_id.startswith("test.")

    @property
    def is_built(self) -> bool:
        """Whether it is something that stays in the warehouse: no test, and no operation before or after the run."""
        return self.unique_id.startswith(("model.", "seed.", "snapshot."))

    @property
    def is_fault(self) -> bool:
        return self.status in FAULTS

    @property
    def fault(self) -> str:
        kind = self.unique_id.split(".")[0]
        return f"{kind} {self.name}: {' '.join(self.message.split())}"


@dataclass(frozen=True)
class Relation:
    """A table or view as it is in the warehouse after building. The rows of a view are not counted: it would be run."""

    schema: str
    name: str
    columns: dict[str, str]
    row_count: int | None


@dataclass(frozen=True)
class CompiledModel:
    """The SQL of a model. It names what it reads by this database."""

    name: str
    database: str
    schema: str
    sql: str


@dataclass(frozen=True)
class Request:
    """What dbt_process is asked to do. Without days, it only makes sure that the manifest is up to date.

    With `compiled`, it compiles what is selected there, and touches no warehouse.
    """

    project: str
    state: str
    built: str
    variables: dict[str, str]
    days: list[str]
    select: list[str]
    tests: list[str]
    put_back: bool
    describe: bool
    compiled: list[str] = field(default_factory=list)
    with_tests: bool = True


@dataclass(frozen=True)
class Dbt:
    """dbt in a process of its own, which does what it is asked, once."""

    process: subprocess.Popen[str]
    said: IO[str]

    def answers(self, request: Request) -> Iterator[dict[str, Any]]:
        """What dbt says of the request, as it says it."""
        assert self.process.stdin
        assert self.process.stdout
        ended = None
        with suppress(BrokenPipeError):  # it has ended already, and what it said is told below
            self.process.stdin.write(json.dumps(asdict(request)))
            self.process.stdin.close()
        for line in self.process.stdout:
            answer = json.loads(line)
            if answer["kind"] == "end":
                ended = answer
            else:
                yield answer
        self.process.wait()
        if ended is None:
            self.said.seek(0)
            raise ModelsFailed(f"dbt ended with {self.process.returncode} and broke off:\n{self.said.read().strip()}")
        if ended["failure"]:
            raise ModelsFailed(ended["failure"])


@contextmanager
def started_dbt(settings: Settings) -> Iterator[Dbt]:
    """Let dbt start and parse the project, which takes seconds and opens no warehouse: exports can be loaded meanwhile."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(
            [sys.executable, *_PROGRAM, str(PROJECT), str(parsed_folder(settings))],
            cwd=_ROOT,
            env=settings.as_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        with process.stdin, process.stdout:
            try:
                yield Dbt(process, said)
            finally:
                _end(process)


def build_models(settings: Settings, as_of: date, dbt: Dbt | None = None) -> BuildOutcome:
    """Build and test everything for one day, and leave the tables at that day. A `dbt` that was started before saves its start.

    With `known_at`, it builds a file of its own from nothing: days of another moment in it would be compared with these.
    """
    outcome = BuildOutcome()
    with _writing(settings):
        if settings.built != settings.warehouse:
            settings.built.unlink(missing_ok=True)
        corrected_before = last_correction(settings.built)
        for result in _built(_request(settings, [as_of]), settings, dbt):
            if isinstance(result, Refreshed):
                outcome.refreshed.append(result)
            if isinstance(result, NodeResult):
                outcome.tests += result.is_test
                outcome.models += result.is_built
                if result.is_fault:
                    outcome.faults.append(result.fault)
        outcome.control = read_control(settings.built, as_of, corrected_after=corrected_before)
    return outcome


def build_days(
    settings: Settings,
    days: Collection[date],
    *,
    select: Sequence[str] = (),
    tests: Sequence[str] = (),
    put_back: bool = True,
    describe: bool = False,
    with_tests: bool = True,
) -> Iterator[NodeResult | Relation | Refreshed]:
    """Build and test for each day, the earliest first, and yield what came of each model and test as it happens.

    Days are built one after another because a day's table goes on from the day before. The first day on which something
    fails is the last that is built. With `put_back` the warehouse then returns to the day it stood at, if that is later:
    most tables show one day only, and should not be left showing a past one. `select` names models and seeds, if not all are
    wanted; whatever they are made from is built with them where it shows another day. `tests` are run besides those that
    ask about nothing else than what is built. With `describe`, the relations of the warehouse follow at the end. Without
    `with_tests` nothing is tested: a warehouse that is thrown away is only asked once.
    """
    with _writing(settings):
        request = replace(_request(settings, days, select, tests, put_back, describe), with_tests=with_tests)
        yield from _built(request, settings)


def compile_models(settings: Settings, select: Sequence[str]) -> list[CompiledModel]:
    """The SQL of the models that dbt selects by these words, each after those that it reads."""
    request = replace(_request(settings), compiled=list(select))
    return [CompiledModel(**answer) for answer in _ask(settings, request) if answer.pop("kind") == "compiled"]


def read_manifest(settings: Settings) -> dict[str, Any]:
    """What dbt knows of the project. The project is parsed only if it changed since that was last done."""
    parsed = parsed_folder(settings)
    for _ in range(_PARSES):
        if (manifest := _fresh_manifest(parsed)) is not None:
            return manifest
        for _ in _ask(settings, _request(settings)):
            pass
    raise ModelsFailed(f"{PROJECT} changes faster than dbt can parse it: wait until it is left alone, and try again.")


def state_folder(settings: Settings) -> Path:
    """Where dbt keeps its state: beside the file it builds, so that two of them do not share one."""
    return settings.built.with_name(settings.built.name + ".dbt")


def parsed_folder(settings: Settings) -> Path:
    """Where dbt keeps what it parsed, for all warehouses."""
    return PROJECT / "target" / "parsed" if os.access(PROJECT, os.W_OK) else state_folder(settings) / "parsed"


def dbt_variables(settings: Settings) -> dict[str, str]:
    """What the models are told by --vars, whatever the day."""
    variables = {"timezone": settings.timezone}
    if settings.known_at:
        variables["known_at"] = settings.known_at.replace(tzinfo=None).isoformat()
        variables["loaded_in"] = str(settings.warehouse)
    return variables


def _writing(settings: Settings) -> AbstractContextManager[None]:
    # Of the warehouse, even if it is only read: DuckDB lets nobody read what somebody else writes.
    return writer_lock(settings.warehouse, settings.lock_wait_seconds)


def _built(request: Request, settings: Settings, dbt: Dbt | None = None) -> Iterator[NodeResult | Relation | Refreshed]:
    with closing(_ask(settings, request, dbt)) as answers:
        for answer in answers:
            match answer.pop("kind"):
                case "node":
                    yield NodeResult(**answer | {"day": date.fromisoformat(answer["day"])})
                case "relation":
                    yield Relation(**answer)
                case "refreshed":
                    yield Refreshed(**answer)


def shown_name(name: str, test: str | None, tested: str | None) -> str:
    """What a node is called. Into the name of a test of rows, dbt puts all that the rows are held to."""
    return f"{test}_{tested.split('.')[-1]}" if test == "sound_rows" and tested else name


def project_digest(project: Path) -> str:
    """Changes when a file of the dbt project does. Nothing is opened: dbt itself looks closer."""
    digest = hashlib.sha256()
    for here, folders, names in os.walk(project):
        folders[:] = sorted(name for name in folders if name not in ("target", "logs"))
        for name in sorted(names):
            stat = Path(here, name).stat()
            digest.update(f"{os.path.relpath(here, project)}\0{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _fresh_manifest(parsed: Path) -> dict[str, Any] | None:
    try:
        with (parsed / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)  # so that no manifest is read while dbt is writing it
            if (parsed / "digest").read_text(encoding="utf-8") != project_digest(PROJECT):
                return None
            manifest: dict[str, Any] = json.loads((parsed / "manifest.json").read_bytes())
            return manifest
    except FileNotFoundError:
        return None


def _request(
    settings: Settings,
    days: Collection[date] = (),
    select: Sequence[str] = (),
    tests: Sequence[str] = (),
    put_back: bool = False,
    describe: bool = False,
) -> Request:
    return Request(
        project=str(PROJECT),
        state=str(state_folder(settings)),
        built=str(settings.built),
        variables=dbt_variables(settings),
        days=[day.isoformat() for day in sorted(days)],
        select=list(select),
        tests=list(tests),
        put_back=put_back,
        describe=describe,
    )


def _ask(settings: Settings, request: Request, dbt: Dbt | None = None) -> Generator[dict[str, Any]]:
    """Ask dbt, and yield its answers. Whoever stops listening ends it."""
    with nullcontext(dbt) if dbt else started_dbt(settings) as asked:
        yield from asked.answers(request)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
