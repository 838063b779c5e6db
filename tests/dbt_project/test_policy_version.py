"""The name of the policy that an answer was given by: another file, another name, and nothing else changes it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from dbt.artifacts.resources import FileHash
from dbt_common.clients.system import load_file_contents

POLICY = Path(__file__).parents[2] / "dbt_project/seeds/policy"
SEEDS = sorted(POLICY.glob("*.csv"))
VersionOf = Callable[..., str]


def seed_node(path: Path, *, added: str = "", folder: str = "policy") -> SimpleNamespace:
    """A seed as dbt's graph has it, with the checksum that dbt gives a file of this text."""
    checksum = FileHash.from_contents((load_file_contents(str(path), strip=False) + added).strip())
    return SimpleNamespace(resource_type="seed", name=path.stem, fqn=["revhouse", folder, path.stem], checksum=checksum)


@pytest.fixture(scope="module")
def policy() -> list[SimpleNamespace]:
    return [seed_node(path) for path in SEEDS]


@pytest.fixture(scope="module")
def version_of(project: Path) -> VersionOf:
    """The version of these seeds, as dbt would render the macro."""
    source = (project / "dbt_project/macros/policy.sql").read_text()

    def render(nodes: list[SimpleNamespace], *, execute: bool = True) -> str:
        environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        environment.globals.update(
            execute=execute,
            graph=SimpleNamespace(nodes=dict(enumerate(nodes))),
            local_md5=lambda text: hashlib.md5(text.encode()).hexdigest(),
        )
        module: Any = environment.from_string(source).module
        return str(module.policy_version()).strip()

    return render


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_another_row_in_any_file_of_the_policy_makes_another_version(
    path: Path, policy: list[SimpleNamespace], version_of: VersionOf
) -> None:
    changed = [seed_node(path, added="another,row\n") if node.name == path.stem else node for node in policy]

    assert version_of(changed) != version_of(policy)


def test_a_file_more_and_a_file_less_make_another_version(policy: list[SimpleNamespace], version_of: VersionOf) -> None:
    versions = {version_of(policy), version_of(policy[1:]), version_of(policy[:-1]), version_of([])}

    assert len(versions) == 4


def test_two_files_that_change_places_make_another_version(
    policy: list[SimpleNamespace], version_of: VersionOf
) -> None:
    first, second, *others = policy
    exchanged = [
        SimpleNamespace(**{**vars(first), "checksum": second.checksum}),
        SimpleNamespace(**{**vars(second), "checksum": first.checksum}),
        *others,
    ]

    assert version_of(exchanged) != version_of(policy)


def test_nothing_else_changes_the_version(policy: list[SimpleNamespace], version_of: VersionOf) -> None:
    version = version_of(policy)
    model = SimpleNamespace(resource_type="model", name="stages", fqn=["revhouse", "policy", "stages"], checksum=None)
    ended_otherwise = [seed_node(path, added="\n\n") for path in SEEDS]

    assert version_of(policy[::-1]) == version
    assert version_of([*policy, model]) == version
    assert version_of([*policy, seed_node(SEEDS[0], folder="companies")]) == version
    assert version_of(ended_otherwise) == version


def test_it_is_a_text_in_quotes_also_while_dbt_parses(policy: list[SimpleNamespace], version_of: VersionOf) -> None:
    for version in (version_of(policy), version_of(policy, execute=False)):
        assert version[0] == version[-1] == "'"
        assert len(version) == 14
        int(version.strip("'"), 16)


def test_files_agree_on_how_lines_end(policy: list[SimpleNamespace]) -> None:
    assert len(policy) > 50
    assert [path.name for path in SEEDS if b"\r" in path.read_bytes()] == []
