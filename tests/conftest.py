"""What every test stands on: no network, no settings from outside, the same examples at every run.

Fixtures of one package's tests belong in a conftest.py beside them.
"""

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# Derandomised: a test that fails fails for everybody, and at every run until it is mended.
hypothesis.settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("repeatable")


_BUILT_ONCE = {"company_built", "empty"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is built once for all tests is built first, each thing by another process: none waits for what the next one builds."""
    built: dict[Path, set[str]] = {}
    for item in items:
        built.setdefault(item.path, set()).update(_BUILT_ONCE.intersection(getattr(item, "fixturenames", ())))
    first = [next((path for path in built if built[path] == {name}), None) for name in sorted(_BUILT_ONCE)]
    items.sort(key=lambda item: first.index(item.path) if item.path in first else len(first))


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's folder."""
    return Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings must decide no test."""
    for name in os.environ:
        if name.startswith(("REVHOUSE_", "DAGSTER_HOME", "DBT_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine can be reached: a test that needs another one fails here too, not just offline."""
    connect = socket.socket.connect

    def connect_locally(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not _is_local(str(address[0])):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_locally)


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
