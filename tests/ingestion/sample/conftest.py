"""The small sample company, written once for all tests that look at it."""

from __future__ import annotations

import pytest

from ingestion.sample import write_sample
from tests.ingestion.sample.company_desk import AS_OF, Company


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    root = tmp_path_factory.mktemp("sample")
    write_sample(root, preset="small", seed=7, as_of=AS_OF)
    return Company(root)
