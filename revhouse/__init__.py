"""The edge that a person touches: settings, the command line and what it prints.

What is done with data belongs in `ingestion`, what Dagster runs in `orchestration`, which nothing here
imports.
"""
