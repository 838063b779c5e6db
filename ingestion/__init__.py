"""Export files of other systems become typed, deduplicated and fully accounted-for tables in schema `raw`.

Here belong the contracts that say what exports look like, the loaders that read them, the ledger that counts
every row, and the sample company that writes exports of its own: plain Python and DuckDB. Not here: renaming
and joining for analysis (dbt_project), scheduling (orchestration), what a person types and sees (revhouse),
judging what goes out (expectations).
"""
