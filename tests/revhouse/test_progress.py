from io import StringIO

from rich.console import Console

from revhouse.progress import shown_progress


def test_outside_a_terminal_progress_is_at_most_one_line_a_tenth() -> None:
    console = Console(file=StringIO(), force_terminal=False)

    with shown_progress("Loading", console) as report:
        for done in range(1001):
            report(done, 1000, f"file {done}")

    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 11
    assert lines[0] == "Loading: 0 of 1,000"
    assert lines[-1] == "Loading: 1,000 of 1,000"


def test_work_without_parts_is_no_division_by_zero() -> None:
    console = Console(file=StringIO(), force_terminal=False)

    with shown_progress("Loading", console) as report:
        report(0, 0, "")

    assert console.file.getvalue() == "Loading: 0 of 0\n"  # type: ignore[attr-defined]


def test_in_a_terminal_the_bar_shows_what_is_worked_on_and_goes_away() -> None:
    console = Console(file=StringIO(), force_terminal=True, width=100)

    with shown_progress("Loading", console) as report:
        report(1, 4, "salesforce/main/[red].csv")

    assert "Loading" in console.file.getvalue()  # type: ignore[attr-defined]
