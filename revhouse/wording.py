"""Small turns of phrase that messages share: paths as a person types them, counts, this program's name."""

import shutil
import sys
from pathlib import Path


def short(path: Path) -> str:
    """The path as a person standing here would type it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" + ("" if count == 1 else "s")


def one_line(text: str, longest: int = 400) -> str:
    """Text that came out of a file, made fit for a terminal: no line breaks, no control characters, not
    endless.
    """
    printable = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in " ".join(text.split()))
    return printable if len(printable) <= longest else printable[: longest - 1] + "…"


def command() -> str:
    """How to call this program again. It is rarely on the PATH of a person who came by `make`."""
    called = Path(sys.argv[0]).absolute()
    on_path = shutil.which("revhouse")
    if called.name != "revhouse" or (on_path and Path(on_path).absolute() == called):
        return "revhouse"
    return short(called)
