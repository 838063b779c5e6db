"""Columns are followed through the shapes of query that models are written in."""

import pytest

from revhouse.column_lineage import LineageUnknown, column_origins

PARENTS = {
    "staging.accounts": {"account_id": "VARCHAR", "name": "VARCHAR", "owner_id": "VARCHAR"},
    "staging.users": {"user_id": "VARCHAR", "name": "VARCHAR"},
}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select account_id, 'x' as word from staging.accounts", {"account_id": ["accounts.account_id"], "word": []}),
        (
            'select upper(name) || owner_id as label from "warehouse"."staging"."accounts"',
            {"label": ["accounts.name", "accounts.owner_id"]},
        ),
        (
            "with found as (select * from staging.accounts), named as (select account_id as id from found) select * from named",
            {"id": ["accounts.account_id"]},
        ),
        (
            "select accounts.account_id, users.name from staging.accounts as accounts "
            "left join staging.users as users on accounts.owner_id = users.user_id where accounts.name > ''",
            {"account_id": ["accounts.account_id"], "name": ["users.name"]},
        ),
        (
            "select account_id as id, name from staging.accounts union all select user_id, name from staging.users",
            {"id": ["accounts.account_id", "users.user_id"], "name": ["accounts.name", "users.name"]},
        ),
        (
            "select account_id, (select max(users.name) from staging.users as users) as last_name from staging.accounts",
            {"account_id": ["accounts.account_id"], "last_name": ["users.name"]},
        ),
        (
            "with recursive chain as (select account_id, owner_id from staging.accounts union all "
            "select accounts.account_id, chain.owner_id from staging.accounts as accounts "
            "inner join chain on accounts.owner_id = chain.account_id) select * from chain",
            {"account_id": ["accounts.account_id"], "owner_id": ["accounts.owner_id"]},
        ),
        ("select count(*) as accounts_count from staging.accounts", {"accounts_count": []}),
    ],
)
def test_a_column_comes_from_where_its_value_does(sql: str, expected: dict[str, list[str]]) -> None:
    found = column_origins(sql, PARENTS)

    assert {
        name: [f"{relation.removeprefix('staging.')}.{column}" for relation, column in origins]
        for name, origins in found.items()
    } == expected


def test_many_unions_in_a_row_are_followed() -> None:
    parts = ["select account_id as id from staging.accounts"] * 500 + ["select user_id as id from staging.users"]

    found = column_origins(" union all ".join(parts), PARENTS)

    assert found == {"id": [("staging.accounts", "account_id"), ("staging.users", "user_id")]}


def test_a_query_that_is_too_deep_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> None:
        endless()

    monkeypatch.setattr("revhouse.column_lineage._Trail.of_output", endless)

    with pytest.raises(LineageUnknown):
        column_origins("select account_id from staging.accounts", PARENTS)


def test_what_is_no_query_is_said_to_be_unknown() -> None:
    with pytest.raises(LineageUnknown):
        column_origins("select from where (", PARENTS)
