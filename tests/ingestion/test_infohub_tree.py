"""What the place of a file says about it, and which files an InfoHub holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.infohub.tree import FOLDER_STATE, Place, is_hidden, place_of, scan_tree


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("README.md", Place(None, None, None, None, "other")),
        ("_templates/blueprint.yaml", Place(None, None, None, None, "template")),
        ("_templates/ACME/NODE/blueprint.yaml", Place(None, None, None, None, "template")),
        ("ACME_CORP/realm_profile.yaml", Place("ACME_CORP", None, None, None, "realm_profile")),
        ("ACME_CORP/contacts.yaml", Place("ACME_CORP", None, None, None, "other")),
        ("ACME_CORP/blueprint.yaml", Place("ACME_CORP", None, None, None, "other")),
        ("ACME_CORP/intelligence/news/2026.yaml", Place("ACME_CORP", None, None, None, "intelligence")),
        ("ACME_CORP/raw/call.md", Place("ACME_CORP", None, None, None, "note")),
        ("ACME_CORP/DEAL/blueprint.yaml", Place("ACME_CORP", "DEAL", None, "blueprint.yaml", "blueprint")),
        ("ACME_CORP/DEAL/Blueprint.YML", Place("ACME_CORP", "DEAL", None, "Blueprint.YML", "blueprint")),
        ("ACME_CORP/DEAL/node_profile.yml", Place("ACME_CORP", "DEAL", None, "node_profile.yml", "node_profile")),
        ("ACME_CORP/DEAL/sales/a.yaml", Place("ACME_CORP", "DEAL", None, "sales/a.yaml", "asset")),
        ("ACME_CORP/DEAL/sales/blueprint.yaml", Place("ACME_CORP", "DEAL", None, "sales/blueprint.yaml", "asset")),
        (
            "ACME_CORP/DEAL/internal-infohub/risks/risk_register.yaml",
            Place("ACME_CORP", "DEAL", "internal-infohub", "risks/risk_register.yaml", "asset"),
        ),
        (
            "ACME_CORP/DEAL/external-infohub/blueprint.yaml",
            Place("ACME_CORP", "DEAL", "external-infohub", "blueprint.yaml", "asset"),
        ),
        ("ACME_CORP/DEAL/canvases/a.md", Place("ACME_CORP", "DEAL", None, "canvases/a.md", "canvas")),
        ("ACME_CORP/DEAL/raw/2026/call.yaml", Place("ACME_CORP", "DEAL", None, "raw/2026/call.yaml", "note")),
        (
            "ACME_CORP/DEAL/internal-infohub/raw/call.md",
            Place("ACME_CORP", "DEAL", "internal-infohub", "raw/call.md", "note"),
        ),
        ("ACME_CORP/DEAL/raw.yaml", Place("ACME_CORP", "DEAL", None, "raw.yaml", "asset")),
        ("ACME_CORP/DEAL/internal-infohub", Place("ACME_CORP", "DEAL", None, "internal-infohub", "other")),
        ("ACME_CORP/DEAL/_templates/a.yaml", Place("ACME_CORP", "DEAL", None, None, "template")),
        ("ACME_CORP/_templates/a.yaml", Place("ACME_CORP", None, None, None, "template")),
        ("ACME_CORP/DEAL/deck.pdf", Place("ACME_CORP", "DEAL", None, "deck.pdf", "other")),
    ],
)
def test_a_place_tells_realm_node_area_and_kind(path: str, place: Place) -> None:
    assert place_of(path) == place


def test_hidden_names_begin_with_a_dot() -> None:
    assert is_hidden("ACME/.git")
    assert is_hidden(".DS_Store")
    assert not is_hidden(".x/a.yaml")


def test_every_file_is_listed_with_its_state(tmp_path: Path) -> None:
    (tmp_path / "A" / "N" / "deep").mkdir(parents=True)
    file = tmp_path / "A" / "N" / "deep" / "a.yaml"
    file.write_text("a: 1")
    (tmp_path / "empty").mkdir()
    info = file.stat()
    tree = scan_tree(str(tmp_path))
    assert tree.files == {"A/N/deep/a.yaml": (4, info.st_mtime_ns, info.st_ctime_ns)}
    assert tree.closed_folders == []


def test_links_and_hidden_folders_are_listed_but_not_entered(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("")
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "loop").symlink_to(tmp_path)
    (tmp_path / "A" / "nowhere").symlink_to("/does/not/exist")
    tree = scan_tree(str(tmp_path))
    assert set(tree.files) == {".git", "A/loop", "A/nowhere"}
    assert tree.files[".git"] == FOLDER_STATE


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "A" / "shut").mkdir(parents=True)
    (tmp_path / "A" / "shut" / "a.yaml").write_text("")
    (tmp_path / "A" / "b.yaml").write_text("")
    scandir = os.scandir

    def scandir_unless_shut(folder: str) -> Iterator[os.DirEntry[str]]:
        if folder.endswith("/shut/"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", scandir_unless_shut)
    tree = scan_tree(str(tmp_path))
    assert set(tree.files) == {"A/shut", "A/b.yaml"}
    assert tree.closed_folders == ["A/shut/"]
