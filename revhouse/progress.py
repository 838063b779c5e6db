"""Showing how far long work has come: a bar in a terminal, a few plain lines anywhere else.

What the work is and how it is split up belongs to the code that reports the progress.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Report = Callable[[int, int, str], None]
"""Called with how much is done, how much there is, and what is being worked on."""

_PLAIN_STEPS = 10


@contextmanager
def shown_progress(title: str, console: Console) -> Iterator[Report]:
    """Show progress on `console` while the block runs."""
    if console.is_terminal:
        with _bar(title, console) as report:
            yield report
    else:
        yield _plain_lines(title, console)


@contextmanager
def _bar(title: str, console: Console) -> Iterator[Report]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[label]}[/dim]"),
    )
    # Transient: the summary that follows says it better than a full bar does.
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None, label="")

        def report(done: int, total: int, label: str) -> None:
            progress.update(task, completed=done, total=total, label=escape(label))

        yield report


def _plain_lines(title: str, console: Console) -> Report:
    shown = -1

    def report(done: int, total: int, label: str) -> None:
        nonlocal shown
        step = _PLAIN_STEPS * done // total if total else _PLAIN_STEPS
        if step > shown:
            shown = step
            console.print(f"{title}: {done:,} of {total:,}", markup=False, highlight=False, soft_wrap=True)

    return report
