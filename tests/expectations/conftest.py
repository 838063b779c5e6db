"""The project's own policy and suites, and the checks of them that are told apart in parameters."""

from pathlib import Path

import pytest

from expectations.checks import Suite
from expectations.policy import Policy, read_policy
from expectations.suites import build_suites


@pytest.fixture(scope="session")
def policy(project: Path) -> Policy:
    return read_policy(project / "dbt_project/seeds/policy")


@pytest.fixture(scope="session")
def suites(policy: Policy) -> list[Suite]:
    return build_suites(policy)
