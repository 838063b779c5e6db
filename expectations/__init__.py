"""Checks on what leaves the warehouse: rules that a business owner signs, run against the marts.

Plain Python that reads marts and writes result rows, and knows nothing of what runs it. Structure and
arithmetic are dbt tests; bad input is ingestion's.
"""
