"""Decides, set by set in DuckDB, what becomes of every node, asset, checklist item and cadence of the sample InfoHub.

Reads sim.nodes and the catalogue; leaves temporary tables infohub_nodes, infohub_blueprints, infohub_assets, infohub_cadences,
infohub_items and infohub_waivers, of which the files are written and the planted facts follow. Writes no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from ingestion.sample.infohub.catalogue import Catalogue
from ingestion.sample.infohub.plan_assets import make_assets
from ingestion.sample.infohub.plan_items import make_cadences, make_items, make_waivers
from ingestion.sample.infohub.plan_nodes import make_blueprints, make_nodes


@dataclass(frozen=True)
class PlanSettings:
    seed: int
    as_of: date
    full_nodes: int
    """How many nodes get a complete folder; the others hold blueprint.yaml and node_profile.yaml only."""


def make_plan(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, settings: PlanSettings) -> None:
    _make_macros(connection, settings)
    make_nodes(connection, catalogue, full_nodes=settings.full_nodes)
    make_blueprints(connection, catalogue)
    make_assets(connection, catalogue)
    make_cadences(connection, catalogue)
    make_items(connection, catalogue)
    make_waivers(connection)


def drop_plan(connection: duckdb.DuckDBPyConnection) -> None:
    for table in ("nodes", "blueprints", "candidates", "dated_assets", "assets", "cadences", "items", "waivers"):
        connection.execute(f"drop table infohub_{table}")
    for macro in ("today", "luck", "upto"):
        connection.execute(f"drop macro infohub_{macro}")


def _make_macros(connection: duckdb.DuckDBPyConnection, settings: PlanSettings) -> None:
    # md5 and not hash(): it gives the same number in every version of DuckDB.
    connection.execute(
        f"""
        create or replace temp macro infohub_today() as date '{settings.as_of}';
        create or replace temp macro infohub_luck(purpose, subject) as
            (md5_number_lower('{settings.seed}|' || purpose || '|' || subject) % 1000000007) / 1000000007.0;
        create or replace temp macro infohub_upto(highest, purpose, subject) as
            floor(infohub_luck(purpose, subject) * (highest + 1))::integer;
        """
    )
