"""The program in which dbt runs: it parses the project once, then builds one day after another.

dbt keeps global state and holds the warehouse's file for as long as its process lives, so it gets a process of its own.
revhouse.models starts it, sees to it that nobody else writes, writes a Request to it and reads a line of JSON for each thing
that happened. Until there is a Request, only the project is parsed.

Usage: python -m revhouse.dbt_process PROJECT PARSED

The project is parsed without variables and without settings: where one of them is another than the last time, dbt parses
all of it anew.
"""

import fcntl
import gc
import json
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from revhouse.models import FAULTS, ModelsFailed, Request, project_digest, shown_name
from revhouse.settings import environment_for
from revhouse.standing import Standing, plan, read_standing, write_standing

Say = Callable[..., None]

_PARSED_FOR = "warehouse"
_ROWS_SHOWN = 3

_TABLES = """
select columns.schema_name, columns.table_name, columns.column_name, columns.data_type, tables.table_oid is not null
from duckdb_columns() as columns
left join duckdb_tables() as tables
    on columns.database_oid = tables.database_oid and columns.table_oid = tables.table_oid
where columns.database_name = current_database() and not columns.internal
order by columns.schema_name, columns.table_name, columns.column_index
"""


def main(project: str, parsed: str) -> None:
    say = _channel()
    failure = ""
    try:
        manifest = parse_project(Path(project), Path(parsed))
        told = sys.stdin.read()
        if not told:
            return  # nobody is there any more, or nothing is left to do
        request = Request(**json.loads(told))
        built = Path(request.built).stem
        _name_databases(manifest, built, loaded="loaded" if "loaded_in" in request.variables else built)
        if request.compiled:
            _compile(manifest, request, say)
        if request.days:
            # The parsed project is a million objects that all stay. Looking for garbage among them takes a fifth of the time.
            gc.collect()
            gc.freeze()
            gc.set_threshold(200_000, 50, 100)
            _build_days(manifest, request, say)
    except ModelsFailed as error:
        failure = str(error)
    say("end", failure=failure)


def _build_days(manifest: Any, request: Request, say: Say) -> None:
    state = Path(request.state)
    standing = read_standing(state)
    in_part = bool(request.select or request.tests)
    asked = [date.fromisoformat(day) for day in request.days]
    planned = plan(asked, standing, in_part=in_part, put_back=request.put_back)
    select = [*request.select, *request.tests]
    if planned.with_upstream and request.select:
        # Tests that also ask about other tables are left out: those show another day.
        select = [f"+{name}" for name in request.select]
    # Until everything is built, whoever comes next must know that nothing can be relied on.
    write_standing(state, Standing(planned.days[-1], whole=False))
    succeeded = True
    for number, day in enumerate(planned.days):
        is_return = number >= len(set(asked))
        if succeeded or is_return:
            succeeded &= _build_with_policy(manifest, request, day, select, say)
    was_whole = standing is not None and standing.whole and standing.day == planned.days[-1]
    write_standing(state, Standing(planned.days[-1], whole=succeeded and (not in_part or was_whole)))
    if request.describe:
        _describe(Path(request.built), say)


def parse_project(project: Path, parsed: Path) -> Any:
    """The project as dbt sees it. What did not change since the last time is not parsed again."""
    parsed.mkdir(parents=True, exist_ok=True)
    with (parsed / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = project_digest(project)  # before parsing: what changes meanwhile is parsed next time
        (parsed / "digest").unlink(missing_ok=True)
        with environment_for(f"{_PARSED_FOR}.duckdb"):  # no such file is opened
            manifest = _invoke(project, ["parse"], parsed, parsed).result
        (parsed / "digest").write_text(digest, encoding="utf-8")
    # dbt cannot copy a manifest in which something is disabled, be it a test of a model that is not there.
    manifest.disabled.clear()
    return manifest


def _name_databases(manifest: Any, built: str, loaded: str) -> None:
    """What was parsed names one database for all warehouses: dbt would parse everything anew for each."""
    for nodes, database in ((manifest.nodes, built), (manifest.sources, loaded)):
        for node in nodes.values():
            node.database = database
            if node.relation_name:
                node.relation_name = node.relation_name.replace(f'"{_PARSED_FOR}".', f'"{database}".', 1)


def _build_with_policy(manifest: Any, request: Request, day: date, select: list[str], say: Say) -> bool:
    """Build one day; what earlier days left in tables is made again where the policy that it follows from is another now."""
    import duckdb

    from revhouse.policy_ledger import note_built, outdated, read_dates, set_aside

    built = Path(request.built)
    try:
        # Where there is no file yet, dbt is the one to make it.
        with duckdb.connect(str(built) if built.exists() else ":memory:") as connection:
            dates = read_dates(manifest, connection, _selected(manifest, select))
            tables = outdated(connection, dates)
    except duckdb.IOException as error:
        raise ModelsFailed(f"dbt could not build the project:\n{error}") from error
    for found in tables:
        say("refreshed", model=found.table.name, seeds=found.seeds)
    done: set[str] = set()
    with set_aside(built, tables):
        succeeded = _build(manifest, request, day, select, say, done)
    if fresh := [dated for dated in dates if dated.unique_id in done]:
        with duckdb.connect(str(built)) as connection:
            note_built(connection, fresh)
    return succeeded


def _selected(manifest: Any, select: list[str]) -> set[str]:
    """What dbt builds when it is told these names. A plus before a name is what it is made from, too."""
    if not select:
        return set(manifest.nodes)
    by_name = {node.name: unique_id for unique_id, node in manifest.nodes.items()}
    found: set[str] = set()
    for word in select:
        waiting = [by_name[word.removeprefix("+")]] if word.removeprefix("+") in by_name else []
        found.update(waiting)
        while waiting and word.startswith("+"):
            upstream = [name for name in manifest.nodes[waiting.pop()].depends_on_nodes if name in manifest.nodes]
            waiting += [name for name in upstream if name not in found]
            found.update(upstream)
    return found


def _build(manifest: Any, request: Request, day: date, select: list[str], say: Say, done: set[str]) -> bool:
    """Build one day and say what came of each node; true if nothing failed. What was built is added to `done`."""
    said = set()

    def tell(unique_id: str, result: Any, failures: int | None, found: str = "") -> None:
        said.add(unique_id)
        if str(result.status) == "success":
            done.add(unique_id)
        say(
            "node",
            unique_id=unique_id,
            name=_name(manifest.nodes.get(unique_id), unique_id),
            day=day.isoformat(),
            status=str(result.status),
            message=(result.message or "") + found,
            failures=failures,
            seconds=result.execution_time,
        )

    def hear(event: Any) -> None:
        if event.info.name == "NodeFinished":
            result = event.data.run_result
            is_test = event.data.node_info.resource_type == "test"
            if not (is_test and result.num_failures):  # what such a test found is looked up when dbt has ended
                tell(event.data.node_info.unique_id, result, result.num_failures if is_test else None)

    variables = {**request.variables, "as_of": day.isoformat()}
    # Unit tests say something of the SQL, not of the data: they belong to the tests of the project.
    left_out = ["unit_test"] if request.with_tests else ["unit_test", "test"]
    arguments = ["build", "--exclude-resource-types", *left_out, "--vars", json.dumps(variables)]
    if select:
        # Not every test that touches what is built: some ask about tables that are not, and may not even be there.
        arguments += ["--indirect-selection", "cautious", "--select", *select]
    # Of a copy, because dbt notes in the manifest what it compiled, and takes it for done on the next day.
    state = Path(request.state)
    results = _invoke(Path(request.project), arguments, state, state, manifest.deepcopy(), hear).result.results
    for result in results:  # dbt finishes nothing that it skips, and so has not told of it
        if result.node.unique_id not in said:
            found = _found(request, result, _personal_columns(manifest)) if result.failures else ""
            tell(result.node.unique_id, result, result.failures, found)
    return not any(str(result.status) in FAULTS for result in results)


def _name(node: Any, unique_id: str) -> str:
    if node is None:  # what dbt does before the first node
        return unique_id.split(".")[-1]
    test = getattr(node, "test_metadata", None)
    return shown_name(node.name, test and test.name, getattr(node, "attached_node", None))


def _personal_columns(manifest: Any) -> set[str]:
    return {
        column.name
        for node in manifest.nodes.values()
        for column in node.columns.values()
        if column.config.meta.get("personal")
    }


def _found(request: Request, result: Any, personal: set[str]) -> str:
    """The first rows that a test found, as a person can read them. Who somebody is goes into no log."""
    import duckdb

    try:
        with duckdb.connect(request.built) as connection:
            connection.execute("set timezone = 'UTC'")
            if loaded := request.variables.get("loaded_in"):
                connection.execute("attach '{}' as loaded (read_only)".format(loaded.replace("'", "''")))
            found = connection.execute(f"select * from ({result.node.compiled_code}) limit {_ROWS_SHOWN}")
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    except duckdb.Error:
        return ""  # that the test failed is said in any case
    for row in rows:
        at_fault = set((row.get("columns_at_fault") or "").split(", "))
        row |= {
            name: "(personal)" for name in row if name in personal or (name == "value_found" and at_fault & personal)
        }
    shown = "; ".join(", ".join(f"{name} {value}" for name, value in row.items()) for row in rows)
    return f": {shown}{'; ...' if result.failures > _ROWS_SHOWN else ''}"


def _compile(manifest: Any, request: Request, say: Say) -> None:
    """Say what the SQL of each model is. No warehouse is opened: whoever writes it is not disturbed."""
    arguments = [
        "compile",
        "--target",
        "nowhere",
        "--vars",
        json.dumps(request.variables),
        "--select",
        *request.compiled,
    ]
    arguments += ["--exclude", "resource_type:test", "resource_type:unit_test"]
    state = Path(request.state)
    results = _invoke(Path(request.project), arguments, state / "policy", state, manifest).result.results
    compiled = {result.node.unique_id: result.node for result in results if result.node.resource_type == "model"}
    while compiled:
        for name, node in list(compiled.items()):
            if not any(upstream in compiled for upstream in node.depends_on.nodes):
                say("compiled", name=node.name, database=node.database, schema=node.schema, sql=node.compiled_code)
                del compiled[name]


def _invoke(
    project: Path,
    arguments: list[str],
    target: Path,
    logs: Path,
    manifest: Any = None,
    hear: Callable[[Any], None] | None = None,
) -> Any:
    # dbt takes seconds to import.
    from dbt.cli.main import dbtRunner

    places = ["--project-dir", str(project), "--profiles-dir", str(project)]
    outputs = ["--target-path", str(target), "--log-path", str(logs)]
    runner = dbtRunner(manifest=manifest, callbacks=[hear] if hear else [])
    # Formatting what dbt would write about every step costs more than many of the steps.
    outcome = runner.invoke(["--log-level", "none", "--log-level-file", "info", *arguments, *places, *outputs])
    if outcome.exception or outcome.result is None:
        raise ModelsFailed(f"dbt could not {arguments[0]} the project:\n{outcome.exception}")
    return outcome


def _describe(built: Path, say: Say) -> None:
    """Say what each relation's columns are, and how many rows each table has."""
    import duckdb

    columns: dict[tuple[str, str], dict[str, str]] = {}
    tables = set()
    with duckdb.connect(str(built)) as connection:
        for schema, name, column, data_type, is_table in connection.execute(_TABLES).fetchall():
            columns.setdefault((schema, name), {})[column] = data_type
            if is_table:
                tables.add((schema, name))
        for place, types in columns.items():
            rows = None
            if place in tables:
                rows = connection.execute('select count(*) from "{}"."{}"'.format(*place)).fetchall()[0][0]
            say("relation", schema=place[0], name=place[1], columns=types, row_count=rows)


def _channel() -> Say:
    """A way to answer that nothing else writes to: from here on, what is printed goes where errors go."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(kind: str, **what: Any) -> None:
        channel.write(json.dumps({"kind": kind, **what}) + "\n")
        channel.flush()

    return say


if __name__ == "__main__":
    main(*sys.argv[1:])
