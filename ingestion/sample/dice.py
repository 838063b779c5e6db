"""The schema `sim` and its macros: today, dice that always fall the same way, Salesforce ids.

Every random choice of the simulator is `roll(purpose, id)`: a number that depends on the seed, on what is being decided
and on whom it is decided for, never on the order in which rows happen to be processed.
"""

from __future__ import annotations

import duckdb

from ingestion.sample import words
from ingestion.sample.presets import Timeline

_BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def create_macros(connection: duckdb.DuckDBPyConnection, *, seed: int, line: Timeline) -> None:
    first_delivery, second_delivery, _ = line.deliveries
    digits = " || ".join(f"substr('{_BASE_62}', 1 + (number // {62**place}) % 62, 1)" for place in range(5, -1, -1))
    suffix = " || ".join(
        f"substr('{_ID_SUFFIX}', 1 + "
        + " + ".join(
            f"(ascii(substr(id, {5 * chunk + place + 1}, 1)) between 65 and 90)::integer * {2**place}"
            for place in range(5)
        )
        + ", 1)"
        for chunk in range(3)
    )
    statements = [
        "create schema sim",
        f"create macro sim.as_of() as date '{line.as_of}'",
        f"create macro sim.first_day() as date '{line.first_day}'",
        f"create macro sim.first_delivery() as date '{first_delivery}'",
        f"create macro sim.second_delivery() as date '{second_delivery}'",
        # The CRM keeps stage and field history from this day on; what changed before it is not on record.
        f"create macro sim.tracking_since() as date '{line.first_day}' + 30",
        # Hashed twice: DuckDB combines the arguments' hashes so simply that two purposes would be correlated.
        "create macro sim.roll(purpose, id) as "
        f"(hash(hash({seed % 2**62}::bigint, purpose, id::bigint)) >> 11)::double / 9007199254740992.0",
        "create macro sim.roll_int(purpose, id, low, high) as "
        "(low + floor(sim.roll(purpose, id) * (high - low + 1)))::integer",
        "create macro sim.pick(choices, purpose, id) as choices[sim.roll_int(purpose, id, 1, len(choices))]",
        # Between 08:00 and 17:59:59 UTC, which is the same calendar day from San Francisco to Helsinki.
        "create macro sim.office_time(day, purpose, id) as "
        "day::timestamp + to_seconds(28800 + sim.roll_int(purpose, id, 0, 35999))",
        "create macro sim.working_day(day) as "
        "(case isodow(day) when 6 then day + 2 when 7 then day + 1 else day end)::date",
        "create macro sim.end_of(day) as day::timestamp + interval '1 day' - interval '1 second'",
        # Numbers that follow one another give ids that differ in the case of one letter only, as they do at the vendor.
        f"create macro sim.salesforce_id15(prefix, number) as prefix || '5g' || '0000' || {digits}",
        # A list of one, so that the id is worked out once and not once for each of its letters.
        f"create macro sim.with_suffix(id15) as list_transform([id15], lambda id: id || {suffix})[1]",
        "create macro sim.salesforce_id(prefix, number) as sim.with_suffix(sim.salesforce_id15(prefix, number))",
        "create macro sim.mail_name(name) as regexp_replace(lower(strip_accents(replace(name, 'ß', 'ss'))), '[^a-z0-9]', '', 'g')",
        "create macro sim.utc_text(moment) as strftime(moment, '%Y-%m-%dT%H:%M:%S.000Z')",
        "create macro sim.zendesk_text(moment) as strftime(moment, '%Y-%m-%dT%H:%M:%SZ')",
        "create macro sim.jira_text(moment) as strftime(moment, '%Y-%m-%dT%H:%M:%S.000+0000')",
        f"create macro sim.first_names() as {words.sql_list(words.FIRST_NAMES)}",
        f"create macro sim.last_names() as {words.sql_list(words.LAST_NAMES)}",
    ]
    for statement in statements:
        connection.execute(statement)
