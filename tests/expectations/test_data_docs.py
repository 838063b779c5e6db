"""The pages: complete, readable without a network, and saying who is at fault."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import pytest

from expectations.checks import Suite
from expectations.results import Run
from expectations.validation import validate
from tests.expectations.warehouses import make_warehouse, rows_of, table_of

# An id as `revhouse run` makes them. To dateutil, which Great Expectations asks, this one has an impossible offset from UTC.
RUN = Run("20260701T060000Z-5509", date(2026, 6, 30), datetime(2026, 7, 1, 6), "abc123")


@pytest.fixture(scope="module")
def site(suites: list[Suite], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a company whose premium deals mostly know no economic buyer, and whose assets were not judged."""
    folder = tmp_path_factory.mktemp("docs")
    (check,) = (check for suite in suites for check in suite.checks if check.key == "B01/CHK_SALES_001/premium")
    rows = rows_of(check, ["pass", "fail", "manual"])
    rows[1]["reason"] = "<b>Nobody</b> is named."
    (folder / "docs").mkdir()
    (folder / "docs" / "left_over.html").write_text("of an earlier run")
    warehouse = make_warehouse(
        folder / "w.duckdb", [(table_of(check), row) for row in rows], without=["governance.fct_asset_freshness"]
    )
    validate(warehouse, suites, RUN, data_docs=folder / "docs")
    return folder / "docs"


def text(page: Path) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")))


def test_there_is_a_page_for_each_suite_and_one_that_leads_to_them(site: Path, suites: list[Suite]) -> None:
    pages = {page.name for page in site.iterdir()}
    linked = set(re.findall(r'href="([\w.]+)"', (site / "index.html").read_text(encoding="utf-8")))

    assert pages == {"index.html", *(f"{suite.name}.html" for suite in suites)}
    assert linked == pages - {"index.html"}


def test_the_first_page_names_the_run(site: Path) -> None:
    assert f"run {RUN.run_id}" in text(site / "index.html")


def test_no_page_needs_anything_from_elsewhere(site: Path) -> None:
    for page in site.iterdir():
        content = page.read_text(encoding="utf-8")
        assert not re.search(r"""(?:src|href)=["']?https?:|url\(|@import|<script|<link|<img""", content), page.name


def test_those_at_fault_are_named_and_cannot_write_the_page(site: Path) -> None:
    page = site / "checklist_b01.html"

    assert "REALM/NODE_1" in text(page)
    assert "REALM/NODE_2" in text(page)
    assert "REALM/NODE_0" not in text(page)
    assert "&lt;b&gt;Nobody&lt;/b&gt; is named." in page.read_text(encoding="utf-8")
    assert "1 of 3 pass" in text(page)
    assert "premium, error, account_executive, PB_130" in text(page)


def test_errors_and_nothing_to_assess_stand_apart(site: Path) -> None:
    stale = text(site / "staleness_pre_sales_premium.html")
    trial = text(site / "staleness_post_sales_poc.html")
    b02 = text(site / "checklist_b02.html")

    assert "Could not be run" in stale
    assert "fct_asset_freshness" in stale
    assert "Nothing to assess" in b02
    assert "Could not be run" not in b02
    assert "sets no age" in trial
    assert "Broken data" in text(site / "index.html")
