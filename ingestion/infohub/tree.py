"""What the place of a file in an InfoHub says about it, and which files there are. No file is opened here."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import NamedTuple

AREAS = ("internal-infohub", "external-infohub")
TEMPLATES_FOLDER = "_templates"
INTELLIGENCE_FOLDER = "intelligence"
NOTES_FOLDER = "raw"

YAML_SUFFIXES = (".yaml", ".yml")
CANVAS_SUFFIX = ".md"


class Place(NamedTuple):
    """Where a file lies: realm and node (null above one), and its path below the node without the area."""

    realm: str | None
    node: str | None
    area: str | None
    asset_path: str | None
    kind: str


class FileState(NamedTuple):
    """What tells a changed file from an unchanged one without opening it.

    The inode's change time is part of it: tools that preserve the modification time (rsync, cp -p, tar) can
    put a different file of the same size in place, and only the inode tells.
    """

    size_bytes: int
    modified_ns: int
    changed_ns: int


# Nothing is compared of folders that are listed but not entered: git touches its own at every commit.
FOLDER_STATE = FileState(0, 0, 0)


@dataclass
class Tree:
    """Every file of an InfoHub by its path, and the folders that could not be listed."""

    files: dict[str, FileState] = field(default_factory=dict)
    closed_folders: list[str] = field(default_factory=list)


def scan_tree(root: str) -> Tree:
    """List the files below `root`. Symlinks and folders with a dotted name are listed, never entered."""
    tree = Tree()
    files = tree.files
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            entries = os.scandir(f"{root}/{folder}")
        except FileNotFoundError:
            continue  # removed since its parent was listed
        except OSError:
            if not folder:
                raise
            tree.closed_folders.append(folder)
            files[folder[:-1]] = FOLDER_STATE
            continue
        with entries:
            for entry in entries:
                path = folder + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name.startswith("."):
                        files[path] = FOLDER_STATE
                    else:
                        pending.append(path + "/")
                    continue
                try:
                    info = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                files[path] = FileState(info.st_size, info.st_mtime_ns, info.st_ctime_ns)
    return tree


def state_of(info: os.stat_result) -> FileState:
    if stat.S_ISDIR(info.st_mode):
        return FOLDER_STATE
    return FileState(info.st_size, info.st_mtime_ns, info.st_ctime_ns)


def is_hidden(path: str) -> bool:
    """Names that begin with a dot belong to tools (.git, .obsidian, .DS_Store), not to the InfoHub."""
    return path.rpartition("/")[2].startswith(".")


def is_yaml(path: str) -> bool:
    return path.lower().endswith(YAML_SUFFIXES)


def place_of(path: str) -> Place:
    """Classify a path relative to the InfoHub's root."""
    parts = path.split("/")
    if TEMPLATES_FOLDER in parts[:-1]:
        realm, node, *_ = [*parts[: parts.index(TEMPLATES_FOLDER)], None, None]
        return Place(realm, node, None, None, "template")
    if len(parts) == 1:
        return Place(None, None, None, None, "other")
    realm = parts[0]
    if len(parts) == 2:
        return Place(realm, None, None, None, "realm_profile" if _is_named(parts[1], "realm_profile") else "other")
    if parts[1] == INTELLIGENCE_FOLDER:
        return Place(realm, None, None, None, "intelligence")
    if parts[1] == NOTES_FOLDER:
        return Place(realm, None, None, None, "note")

    area = parts[2] if parts[2] in AREAS and len(parts) > 3 else None
    below = parts[3:] if area else parts[2:]
    if below[0] == NOTES_FOLDER and len(below) > 1:
        kind = "note"
    elif len(parts) == 3 and _is_named(below[0], "blueprint"):
        kind = "blueprint"
    elif len(parts) == 3 and _is_named(below[0], "node_profile"):
        kind = "node_profile"
    elif is_yaml(path):
        kind = "asset"
    elif path.lower().endswith(CANVAS_SUFFIX):
        kind = "canvas"
    else:
        kind = "other"
    return Place(realm, parts[1], area, "/".join(below), kind)


def _is_named(name: str, stem: str) -> bool:
    return is_yaml(name) and name.lower().rpartition(".")[0] == stem
