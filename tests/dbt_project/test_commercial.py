"""What customers pay for, owe and use of it, against what was planted."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tests.dbt_project.conftest import SampleCompany
from tests.dbt_project.test_usage import account_id

Movement = tuple[str, str, date, str]


def test_every_movement_of_recurring_revenue_is_found_and_no_other(company_built: SampleCompany) -> None:
    planted: Counter[Movement] = Counter()
    for fact in company_built.truth("arr"):
        customer = f"billing:main:{fact['detail']['customer']}"
        kind = fact["fact"].removeprefix("arr_")
        planted[customer, kind, date.fromisoformat(fact["on_date"]), fact["detail"]["currency"]] += int(
            fact["expected"]
        )
    found: Counter[Movement] = Counter()
    for row in company_built.rows("select * from core.fct_arr_movements"):
        found[row["customer_id"], row["movement_type"], row["moved_date"], row["currency_code"]] += row["arr_change"]

    assert found == planted


def test_movements_belong_to_the_account_that_the_customer_is(company_built: SampleCompany) -> None:
    planted = {
        f"billing:main:{fact['detail']['customer']}": account_id(fact["subject_id"])
        for fact in company_built.truth("arr")
    }

    found = company_built.rows("select distinct customer_id, account_id from core.fct_arr_movements")
    tied = {row["customer_id"]: row["account_id"] for row in found if row["account_id"]}

    assert tied == {customer: planted[customer] for customer in tied}
    assert len(tied) > 0.9 * len(planted)


def test_what_was_and_what_moved_make_what_is(company_built: SampleCompany) -> None:
    """Opening and movements make closing, for each customer and any day."""
    days = [date(2025, 6, 30), date(2025, 12, 31), date(2026, 6, 30)]
    customers: dict[tuple[str, str], dict[date, Decimal]] = {}
    for day in days:
        worth = f"""
            select customer_id, currency_code, sum(arr) as arr from intermediate.int_commercial__subscriptions_conformed
            where not is_never_started and date '{day}' between first_service_date and coalesce(last_service_date, date '9999-12-31')
            group by all
        """
        for row in company_built.rows(worth):
            customers.setdefault((row["customer_id"], row["currency_code"]), {})[day] = row["arr"]
    assert customers

    for opening_day, closing_day in pairwise(days):
        moved: Counter[tuple[str, str]] = Counter()
        for row in company_built.rows(
            f"select * from core.fct_arr_movements where moved_date > date '{opening_day}' and moved_date <= date '{closing_day}'"
        ):
            moved[row["customer_id"], row["currency_code"]] += row["arr_change"]
        for customer, levels in customers.items():
            assert levels.get(opening_day, Decimal(0)) + moved[customer] == levels.get(closing_day, Decimal(0)), (
                customer
            )


def test_every_unpaid_invoice_is_found_with_its_days_and_no_other(company_built: SampleCompany) -> None:
    planted = {
        fact["subject_id"]: (
            date.fromisoformat(fact["on_date"]),
            int(fact["expected"]),
            Decimal(fact["detail"]["amount"]),
        )
        for fact in company_built.truth("retention", "invoice_unpaid")
    }

    found = company_built.rows(
        "select * from intermediate.int_commercial__invoices_conformed where invoice_status = 'overdue'"
    )

    assert {
        row["source_invoice_id"]: (row["due_date"], row["overdue_days"], row["open_amount"]) for row in found
    } == planted


def test_seats_that_nobody_uses_are_found(company_built: SampleCompany) -> None:
    planted = {
        account_id(fact["subject_id"]): (fact["detail"]["paid"], fact["detail"]["assigned"], int(fact["expected"]))
        for fact in company_built.truth("retention", "seats_unused")
    }

    found: dict[str, Any] = {
        row["account_id"]: (row["paid_seat_count"], row["assigned_seat_count"], row["unused_seat_count"])
        for row in company_built.rows("select * from intermediate.int_commercial__account_seats_compared")
    }

    assert {account: found.get(account) for account in planted} == planted


def test_an_end_far_off_is_no_end(company_built: SampleCompany) -> None:
    found = company_built.rows(
        """
        select count(*) filter (where is_open_ended) as open_ended, count(*) filter (where last_service_date >= date '2050-01-01') as far_off
        from intermediate.int_commercial__subscriptions_conformed
        """
    )

    assert found[0]["open_ended"] > 0
    assert found[0]["far_off"] == 0


def test_customers_that_left_are_not_active(company_built: SampleCompany) -> None:
    left = {account_id(fact["subject_id"]) for fact in company_built.truth("retention", "churned")}
    coming = {
        account_id(fact["subject_id"])
        for fact in company_built.truth("retention", "churn_coming")
        if fact["detail"]["notice_given"]
    }

    active = company_built.rows(
        "select account_id, cancelled_at from intermediate.int_commercial__subscriptions_conformed where subscription_status = 'active'"
    )

    assert left & {row["account_id"] for row in active} == set()
    assert coming <= {row["account_id"] for row in active if row["cancelled_at"]}
