"""The expectation that most checks are: of the rows of a group that count, enough pass. Importing it imports Great Expectations.

The stock way of saying it is ExpectColumnValuesToBeInSet with a row condition and `mostly`, which costs three statements and
fifteen milliseconds of Python an expectation. Here all groups of a table are counted by one statement, which the expectations of the
table share. That both say the same is tested.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import ValidationDependencies

_METRIC = "table.status_counts"

GroupCounts = dict[tuple[Any, ...], dict[str | None, int]]


class TableStatusCounts(TableMetricProvider):
    """How many rows of each group have which status."""

    metric_name = _METRIC
    value_keys = ("status_column", "group_columns")

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,  # noqa: N805  # Great Expectations makes it a class method
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> GroupCounts:
        table, _domain, _accessor = execution_engine.get_compute_domain(metric_domain_kwargs, MetricDomainTypes.TABLE)
        names = [*metric_value_kwargs["group_columns"], metric_value_kwargs["status_column"]]
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
        query = sa.select(*columns, sa.func.count()).select_from(table).group_by(*columns)
        return _counted(execution_engine.execute_query(query).fetchall())

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
        cls,  # noqa: N805  # as above
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> GroupCounts:
        frame, _domain, _accessor = execution_engine.get_compute_domain(metric_domain_kwargs, MetricDomainTypes.TABLE)
        names = [*metric_value_kwargs["group_columns"], metric_value_kwargs["status_column"]]
        sizes = frame.groupby(names, dropna=False).size()
        return _counted([(*(None if value != value else value for value in key), size) for key, size in sizes.items()])


def _counted(rows: list[Any]) -> GroupCounts:
    counts: GroupCounts = {}
    for *group, status, count in rows:
        counts.setdefault(tuple(group), {})[status] = int(count)
    return counts


class ExpectShareOfGroupToPass(BatchExpectation):
    """Expect that of a group's rows that count, at least `minimum_pct` in a hundred pass."""

    group: dict[str, Any]
    status_column: str
    counted: list[str]
    passing: list[str]
    minimum_pct: float

    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)
    success_keys: ClassVar[tuple[str, ...]] = ("group", "status_column", "counted", "passing", "minimum_pct")

    def get_validation_dependencies(
        self, execution_engine: Any = None, runtime_configuration: dict[str, Any] | None = None
    ) -> ValidationDependencies:
        # The stock method finds the same by describing the expectation again for every argument.
        metric = MetricConfiguration(
            _METRIC,
            {"batch_id": self.batch_id, "table": None},
            {"status_column": self.status_column, "group_columns": tuple(self.group)},
        )
        asked = (runtime_configuration or {}).get("result_format") or "BASIC"
        return ValidationDependencies({_METRIC: metric}, asked if isinstance(asked, dict) else {"result_format": asked})

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: dict[str, Any] | None = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        counts = metrics[_METRIC].get(tuple(self.group.values()), {})
        counted = sum(counts.get(status, 0) for status in self.counted)
        passing = sum(counts.get(status, 0) for status in self.passing)
        return {
            # Like the stock expectations, it holds of nothing; that nothing was there is told by the counts.
            "success": passing * 100 >= self.minimum_pct * counted,
            "result": {
                "element_count": counted,
                "unexpected_count": counted - passing,
                "unexpected_percent": 100 * (counted - passing) / counted if counted else None,
                "observed_value": f"{passing:,} of {counted:,} pass" if counted else "nothing to assess",
                "details": {"counts": {str(status): count for status, count in sorted(counts.items(), key=str)}},
            },
        }
