"""What `target` is to sqlfluff: models are looked at as DuckDB would be given them."""

type = "duckdb"  # noqa: A001  the name is dbt's
