"""The dispatched macros mean the same on DuckDB and on Spark, and what they are expected to.

Each case is a query over `things`, with macros in it. Needs PySpark and Java: `make parity` has both, `make test` skips this.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest
import yaml

from revhouse.dbt_on_spark import SparkMissing, require_spark

# Columns of the relation that cases read, in both engines' words.
THINGS = """
    select * from (values
        (1, cast('2026-03-29 00:59:59.999999' as timestamp), cast('2026-06-30' as date), 'Nord; Süd ;;Ost', cast(null as string)),
        (2, cast('2026-06-30 22:30:00' as timestamp), cast('2024-02-29' as date), '', '[]'),
        (3, cast(null as timestamp), cast(null as date), null, '{"a": [1]}'),
        (4, cast('2025-12-31 23:59:59' as timestamp), cast('2026-01-04' as date), 'a|b', '["x", 1, 1.50, true, null, {"k": "v", "a": [1, 2.0]}, "q\\"uo"]')
    ) as things(id, happened_at, due_date, regions, items)
"""

CASES = {
    "days between": (
        "select id, {{ days_between('due_date', \"cast('2026-07-01' as date)\") }} from things",
        [(1, 1), (2, 853), (3, None), (4, 178)],
    ),
    "days between moments count midnights": (
        "select id, {{ days_between('happened_at', \"cast('2026-07-01 00:00:00' as timestamp)\") }} from things where id < 3",
        [(1, 94), (2, 1)],
    ),
    "days before": (
        "select id, {{ days_between(\"cast('2026-07-01' as date)\", 'due_date') }} from things where id = 2",
        [(2, -853)],
    ),
    "seconds between": (
        "select id, {{ seconds_between('happened_at', \"cast('2026-06-30 22:30:00.5' as timestamp)\") }} from things",
        [(1, 8112601), (2, 0), (3, None), (4, 15633001)],
    ),
    "add days": (
        "select id, {{ add_days('due_date', 1) }}, {{ add_days('due_date', '-id') }} from things",
        [
            (1, date(2026, 7, 1), date(2026, 6, 29)),
            (2, date(2024, 3, 1), date(2024, 2, 27)),
            (3, None, None),
            (4, date(2026, 1, 5), date(2025, 12, 31)),
        ],
    ),
    "weekday": ("select id, {{ weekday('due_date') }} from things", [(1, 2), (2, 4), (3, None), (4, 7)]),
    "business date": (
        "select id, {{ business_date('happened_at') }} from things",
        [(1, date(2026, 3, 29)), (2, date(2026, 6, 30)), (3, None), (4, date(2025, 12, 31))],
    ),
    "generate days": (
        "{{ generate_days(\"'2024-02-28'\", \"'2024-03-01'\") }}",
        [(date(2024, 2, 28),), (date(2024, 2, 29),), (date(2024, 3, 1),)],
    ),
    "generate one day": ("{{ generate_days(\"'2024-02-28'\", \"'2024-02-28'\") }}", [(date(2024, 2, 28),)]),
    "generate no days": ("{{ generate_days(\"'2024-02-28'\", \"'2024-02-27'\") }}", []),
    "generate days without an end": ("{{ generate_days(\"'2024-02-28'\", 'null') }}", []),
    "generate days between what is in a table": (
        "{{ generate_days('(select min(due_date) from things where id = 4)', '(select max(due_date) - interval 176 day from things)') }}",
        [(date(2026, 1, 4),), (date(2026, 1, 5),)],
    ),
    "matches": (
        "select id, {{ matches('regions', \"'^[A-Z][a-zü]+;'\") }}, {{ matches('regions', \"'(?i)SÜD|[|]'\") }} from things",
        [(1, True, True), (2, False, False), (3, None, None), (4, False, True)],
    ),
    "matches a dot and a digit": (
        "select {{ matches(\"'v1.25'\", \"'[0-9][.][0-9]{2}$'\") }}, {{ matches(\"'v1x25'\", \"'[0-9][.][0-9]{2}$'\") }}",
        [(True, False)],
    ),
    "hash": (
        "select {{ hash_text(\"'Süd'\") }}, {{ hash_text('cast(null as string)') }}",
        [("399791c4bee27ba0eef5c905782afa66", None)],
    ),
    "parts of a text": (
        "{{ split_to_rows('things', 'regions', ';', ['id']) }}",
        [(1, "Nord"), (1, "Süd"), (1, "Ost"), (4, "a|b")],
    ),
    "parts at a sign that means something in a pattern": (
        "{{ split_to_rows('things', 'regions', '|', ['id', 'due_date'], 'region') }}",
        [(1, date(2026, 6, 30), "Nord; Süd ;;Ost"), (4, date(2026, 1, 4), "a"), (4, date(2026, 1, 4), "b")],
    ),
    "parts at a longer separator": (
        "{{ split_to_rows('things', 'regions', '; ', ['id']) }}",
        [(1, "Nord"), (1, "Süd ;;Ost"), (4, "a|b")],
    ),
    "items of an array": (
        "{{ json_array_items('things', 'items', ['id']) }}",
        [
            (4, '"x"', 1),
            (4, "1", 2),
            (4, "1.5", 3),
            (4, "true", 4),
            (4, "null", 5),
            (4, '{"k":"v","a":[1,2.0]}', 6),
            (4, '"q\\"uo"', 7),
        ],
    ),
    "items of an array under another name": (
        "select part_index, {{ json_text('part', 'k') }} from ("
        "{{ json_array_items('things', 'items', ['id', 'due_date'], item_name='part') | replace('item_index', 'part_index') }}"
        ") as parts where part_index = 6",
        [(6, "v")],
    ),
    "text in JSON": (
        "select {{ json_text('document', 'text') }}, {{ json_text('document', 'deep.er') }}, {{ json_text('document', 'deep.none') }},"
        " {{ json_text('document', 'nothing') }}, {{ json_text('document', 'null') }}, {{ json_text('document', 'two words') }},"
        " {{ json_text('document', 'empty') }} from documents",
        [("Zürich \"1\"\n", "yes", None, None, None, "2", "")],
    ),
    "numbers in JSON": (
        "select {{ json_text('document', 'whole') }}, {{ json_text('document', 'part') }}, {{ json_text('document', 'flag') }},"
        " {{ json_text('document', 'negative') }} from documents",
        [("9007199254740993", "0.25", "true", "-12")],
    ),
    "structures in JSON": (
        "select {{ json_text('document', 'list') }}, {{ json_text('document', 'deep') }} from documents",
        [('[1,"two",{"three":3}]', '{"er":"yes"}')],
    ),
    "text in JSON at a path in a column": (
        "select path, {{ json_text_at('document', 'path') }} from documents"
        " cross join (select 'deep.er' as path union all select 'two words' union all select 'none.at.all' union all select null) as paths",
        [("deep.er", "yes"), ("two words", "2"), ("none.at.all", None), (None, None)],
    ),
    "whether JSON has a field at a path in a column": (
        "select path, {{ json_has_at('document', 'path') }} from documents"
        " cross join (select 'deep.er' as path union all select 'two words' union all select 'null'"
        " union all select 'deep.nothing' union all select 'none.at.all' union all select null) as paths",
        [("deep.er", True), ("two words", True), ("null", True), ("deep.nothing", False), ("none.at.all", False), (None, False)],
    ),
    "parts of JSON": (
        "select {{ json_part('document', 'list') }}, {{ json_part('document', 'deep') }}, {{ json_part('document', 'deep.er') }},"
        " {{ json_part('document', 'two words') }}, {{ json_part('document', 'null') }}, {{ json_part('document', 'nothing') }},"
        " {{ json_part('document', 'like_a_list') }} from documents",
        [('[1,"two",{"three":3}]', '{"er":"yes"}', '"yes"', "2", None, None, '"[1]"')],
    ),
    "parts of JSON at a path in a column": (
        "select path, {{ json_part_at('document', 'path') }} from documents"
        " cross join (select 'list' as path union all select 'deep' union all select 'null' union all select 'none.at.all') as paths",
        [("list", '[1,"two",{"three":3}]'), ("deep", '{"er":"yes"}'), ("null", None), ("none.at.all", None)],
    ),
    "numbers that people write": (
        "select written, {{ text_number('written') }}, {{ number_text(text_number('written')) }} from"
        " (select '+4' as written union all select '-11.50' union all select '0.1234567' union all select 'NaN' union all select 'inf'"
        " union all select 'four' union all select '1e30' union all select null) as numbers",
        [
            ("+4", 4.0, "4"),
            ("-11.50", -11.5, "-11.5"),
            ("0.1234567", 0.1235, "0.12"),
            ("NaN", None, None),
            ("inf", None, None),
            ("four", None, None),
            ("1e30", None, None),
            (None, None, None),
        ],
    ),
    "the first item": ("select id, {{ json_first_item('items') }} from things", [(1, None), (2, None), (3, None), (4, "x")]),
    "the first item of what is no JSON": ("select {{ json_first_item(\"'[North] Ltd'\") }}", [(None,)]),
    "add months": (
        "select {{ add_months(\"'2024-01-31'\", '1') }}, {{ add_months(\"'2026-02-28'\", '1') }}, {{ add_months(\"'2026-03-31'\", '-13') }},"
        " {{ add_months('cast(null as date)', '1') }}",
        [(date(2024, 2, 29), date(2026, 3, 28), date(2025, 2, 28), None)],
    ),
    "members of an object": (
        "{{ json_object_items('documents', 'document', [\"'kept' as kept\"]) | replace(\"'kept' as kept,\", '') }}",
        [
            ("text", '"Zürich \\"1\\"\\n"'),
            ("deep", '{"er":"yes"}'),
            ("null", None),
            ("two words", "2"),
            ("empty", '""'),
            ("whole", "9007199254740993"),
            ("part", "0.25"),
            ("flag", "true"),
            ("negative", "-12"),
            ("list", '[1,"two",{"three":3}]'),
            ("like_a_list", '"[1]"'),
        ],
    ),
    "members of what is no object": ("{{ json_object_items('things', 'items', ['id'], 'name', 'content') }}", [(3, "a", "[1]")]),
    "joined text": (
        "select {{ joined_text('region', '; ') }} from"
        " (select 'b' as region union all select 'a' union all select null union all select 'Z') as regions",
        [("Z; a; b",)],
    ),
    "joined text of nothing": ("select {{ joined_text('regions', '; ') }} from things where id = 3", [(None,)]),
    "spread over days": (
        "{{ spread_over_days('things', \"'2025-12-31'\", 'due_date', ['id']) | replace('from things', 'from (select * from things where id > 1) as things') }}",
        [(4, date(2025, 12, 31)), (4, date(2026, 1, 1)), (4, date(2026, 1, 2)), (4, date(2026, 1, 3)), (4, date(2026, 1, 4))],
    ),
    "add minutes": (
        "select id, {{ add_minutes('happened_at', '90') }}, {{ add_minutes('happened_at', 'cast(-id as bigint)') }} from things",
        [
            (1, datetime(2026, 3, 29, 2, 29, 59, 999999), datetime(2026, 3, 29, 0, 58, 59, 999999)),
            (2, datetime(2026, 7, 1, 0, 0), datetime(2026, 6, 30, 22, 28)),
            (3, None, None),
            (4, datetime(2026, 1, 1, 1, 29, 59), datetime(2025, 12, 31, 23, 55, 59)),
        ],
    ),
    "written moments": (
        "select id, {{ written_moment('written') }} from (select * from (values (1, '2024-01-01T22:00:00-05:00'),"
        " (2, '2024-01-01T09:00:00.000+0000'), (3, ' 2024-01-31 '), (4, '2024-01'), (5, '10:30'), (6, '2024'), (7, '2024-1-5 09:30'),"
        " (8, '2024-02-30'), (9, 'soon'), (10, ''), (11, null), (12, '2024-01-01T09:00:00Z'), (13, '2026-03-29T03:00:00.500+0200')) as texts(id, written)) as texts",
        [
            (1, datetime(2024, 1, 2, 3, 0)),
            (2, datetime(2024, 1, 1, 9, 0)),
            (3, datetime(2024, 1, 31)),
            *((number, None) for number in (4, 5, 6)),
            (7, datetime(2024, 1, 5, 9, 30)),
            *((number, None) for number in (8, 9, 10, 11)),
            (12, datetime(2024, 1, 1, 9, 0)),
            (13, datetime(2026, 3, 29, 1, 0, 0, 500000)),
        ],
    ),
    "moments of seconds": (
        "select id, {{ moment_of_epoch('written') }} from (select * from (values (1, '1774746000'), (2, '0'), (3, '99999999999'),"
        " (4, '1774746000000'), (5, '1774746000.5'), (6, '-1'), (7, ' 1'), (8, 'soon'), (9, ''), (10, null)) as texts(id, written)) as texts",
        [
            (1, datetime(2026, 3, 29, 1, 0)),
            (2, datetime(1970, 1, 1)),
            (3, datetime(5138, 11, 16, 9, 46, 39)),
            *((number, None) for number in range(4, 11)),
        ],
    ),
    "no JSON at all": ("select {{ json_text('cast(null as string)', 'a') }}", [(None,)]),
}  # fmt: skip

DOCUMENT = (
    r'{"text": "Zürich \"1\"\n", "deep": {"er": "yes"}, "null": null, "two words": 2, "empty": "", '
    r'"whole": 9007199254740993, "part": 0.25, "flag": true, "negative": -12, "list": [1, "two", {"three": 3}], "like_a_list": "[1]"}'
)

MOMENTS_IN_BERLIN = [(1, date(2026, 3, 29)), (2, date(2026, 7, 1)), (3, None), (4, date(2026, 1, 1))]


@pytest.fixture(scope="module")
def rendered(project: Path) -> Callable[..., str]:
    """A case's SQL for one engine, by our macros as dbt would call them."""

    def render(case: str, engine: str, **variables: str) -> str:
        def dispatch(name: str) -> Any:
            prefix = "default" if engine == "duckdb" else "spark"
            return getattr(macros, f"{prefix}__{name}", None) or getattr(macros, f"default__{name}")

        environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        environment.globals.update(
            var=lambda name, default=None: variables.get(name, default),
            adapter=SimpleNamespace(dispatch=dispatch),
            modules=SimpleNamespace(re=re),
        )
        environment.globals["return"] = lambda value: value
        macro_folder = project / "dbt_project/macros"
        files = [*sorted(macro_folder.glob("engines*.sql")), macro_folder / "infohub_fields.sql"]
        source = "\n".join(path.read_text(encoding="utf-8") for path in files)
        macros = environment.from_string(source).module
        environment.globals.update({name: value for name, value in vars(macros).items() if not name.startswith("_")})
        return environment.from_string(case).render()

    return render


@pytest.fixture(scope="module")
def in_duckdb() -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"create table things as {THINGS}")
        connection.execute("create table documents as select $1::json as document", [DOCUMENT])
        yield lambda query: connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def in_spark(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """Spark as the profile has it, with its catalogue in memory."""
    try:
        require_spark(os.environ)
    except SparkMissing as missing:
        pytest.skip(str(missing))
    from pyspark.sql import SparkSession

    folder = str(tmp_path_factory.mktemp("spark"))
    given = {"DBT_SPARK_CATALOG": "in-memory", "DBT_SPARK_WAREHOUSE": folder, "DBT_SPARK_MASTER": "local[1]"}
    profile = yaml.safe_load((project / "dbt_project/profiles.yml").read_text(encoding="utf-8"))
    environment = jinja2.Environment()
    builder = SparkSession.builder
    for name, value in profile["revhouse"]["outputs"]["spark"]["server_side_parameters"].items():
        wanted = environment.from_string(value).render(env_var=lambda name, default="": given.get(name, default))
        builder = builder.config(name, wanted)
    session = builder.getOrCreate()
    session.sql(THINGS.replace("\\", "\\\\")).createOrReplaceTempView("things")
    session.createDataFrame([(DOCUMENT,)], "document string").createOrReplaceTempView("documents")
    yield lambda query: [tuple(row) for row in session.sql(query).collect()]
    session.stop()


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: [(value is None, str(value)) for value in row])


@pytest.mark.parametrize("case", CASES)
def test_duckdb_answers_as_expected(rendered: Callable[..., str], in_duckdb: Callable[..., Any], case: str) -> None:
    query, expected = CASES[case]

    assert in_order(in_duckdb(rendered(query, "duckdb"))) == in_order(expected)


@pytest.mark.parametrize("case", CASES)
def test_spark_answers_as_expected(rendered: Callable[..., str], in_spark: Callable[..., Any], case: str) -> None:
    query, expected = CASES[case]

    assert in_order(in_spark(rendered(query, "spark"))) == in_order(expected)


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_a_business_date_is_the_day_where_the_business_is(
    rendered: Callable[..., str], request: pytest.FixtureRequest, engine: str
) -> None:
    query = rendered(CASES["business date"][0], engine, timezone="Europe/Berlin")

    assert in_order(request.getfixturevalue(f"in_{engine}")(query)) == MOMENTS_IN_BERLIN


def test_every_macro_has_a_case(project: Path) -> None:
    files = (project / "dbt_project/macros").glob("engines*.sql")
    macros = {name for path in files for name in re.findall(r"\{% macro (\w+)\(", path.read_text(encoding="utf-8"))}
    ours = {name for name in macros if not name.startswith(("_", "default__", "spark__"))}

    assert {name for name in ours if not any(f"{name}(" in query for query, _ in CASES.values())} == set()


def test_on_spark_a_value_that_cannot_be_cast_is_an_error(in_spark: Callable[..., Any]) -> None:
    with pytest.raises(Exception, match="CAST_INVALID_INPUT"):
        in_spark("select cast('many' as int)")


def test_spark_reads_moments_and_days_as_duckdb_wrote_them(in_spark: Callable[..., Any], tmp_path: Path) -> None:
    values = "timestamp '2026-03-29 01:30:00.123456' as happened_at, date '1500-03-01' as founded_date, 12.5::decimal(28, 6) as amount"
    duckdb.execute(f"copy (select {values}) to '{tmp_path}/part-0.parquet' (format parquet)")

    rows = in_spark(
        f"select cast(happened_at as string), cast(founded_date as string), amount, typeof(happened_at) from parquet.`{tmp_path}`"
    )

    assert [str(value) for value in rows[0]] == ["2026-03-29 01:30:00.123456", "1500-03-01", "12.500000", "timestamp"]
