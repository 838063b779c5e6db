"""Which days are built when some are asked for, and what is noted of it."""

from datetime import date
from pathlib import Path

import pytest

from revhouse.standing import Plan, Standing, plan, read_standing, write_standing

FIRST, SECOND, THIRD = date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3)
AT_SECOND = Standing(SECOND, whole=True)
BROKEN_OFF = Standing(SECOND, whole=False)


@pytest.mark.parametrize(
    ("days", "standing", "in_part", "put_back", "expected"),
    [
        ([SECOND, FIRST, SECOND], None, False, True, Plan([FIRST, SECOND], with_upstream=False)),
        ([THIRD], AT_SECOND, False, True, Plan([THIRD], with_upstream=False)),
        # A past day: everything else goes back to where it stood, unless the past is what was asked to be seen.
        ([FIRST], AT_SECOND, False, True, Plan([FIRST, SECOND], with_upstream=False)),
        ([FIRST], AT_SECOND, False, False, Plan([FIRST], with_upstream=False)),
        ([FIRST], BROKEN_OFF, False, True, Plan([FIRST, SECOND], with_upstream=False)),
        # A part can rely on what it is made from only at the day that all of it shows.
        ([SECOND], AT_SECOND, True, True, Plan([SECOND], with_upstream=False)),
        ([SECOND], BROKEN_OFF, True, True, Plan([SECOND], with_upstream=True)),
        ([SECOND], None, True, True, Plan([SECOND], with_upstream=True)),
        ([FIRST], AT_SECOND, True, True, Plan([FIRST, SECOND], with_upstream=True)),
        ([THIRD], AT_SECOND, True, True, Plan([THIRD, SECOND], with_upstream=True)),
    ],
)
def test_days_are_built_in_order_and_the_tables_are_put_back(
    days: list[date], standing: Standing | None, in_part: bool, put_back: bool, expected: Plan
) -> None:
    assert plan(days, standing, in_part=in_part, put_back=put_back) == expected


def test_what_is_noted_is_what_is_read(tmp_path: Path) -> None:
    assert read_standing(tmp_path) is None
    write_standing(tmp_path, BROKEN_OFF)
    assert read_standing(tmp_path) == BROKEN_OFF
