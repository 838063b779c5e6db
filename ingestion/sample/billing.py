"""What customers pay for: contract terms, subscriptions, invoices and the movements of recurring revenue they amount to.

Makes sim.terms, sim.renewals, sim.invoices and sim.arr_movements. Deals that led to a term are made from it elsewhere.
"""

from __future__ import annotations

import duckdb

# No fixed end, written the two ways billing systems write it.
OPEN_END_DATES = ("2050-01-01", "9999-12-31")


def make_billing(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create macro sim.subscription_id(account_no, term) as "
        "'SUB-' || lpad(account_no::varchar, 6, '0') || '-' || lpad((term + 2)::varchar, 3, '0')"
    )
    # A few invoices of the time before the first full export carry a wrong amount until somebody notices.
    connection.execute(
        "create macro sim.is_miscounted(invoice_no, issued_on) as "
        "issued_on < sim.first_delivery() and sim.roll('miscounted', invoice_no) < 0.01"
    )
    _make_terms(connection)
    _make_renewals(connection)
    _make_invoices(connection)
    _make_arr_movements(connection)


def _make_terms(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"""
        create table sim.terms as
        with

        evergreens as (

            select
                account_no,
                case row_number() over (order by sim.roll('evergreen', account_no), account_no) % 2
                    when 0 then date '{OPEN_END_DATES[0]}' else date '{OPEN_END_DATES[1]}' end as ends_on

            from sim.accounts

            where story = 'healthy' and account_no not in (select account_no from sim.account_casts)

            qualify row_number() over (order by sim.roll('evergreen', account_no), account_no)
                <= greatest(4, count(*) over () // 25)

        ),

        returned as (

            -- customers who had left and came back 75 days after their first contract ended
            select account_no

            from sim.accounts

            where story = 'healthy'
                and contract_started_on between sim.first_day() + 30 and sim.as_of() - 30
                and account_no not in (select account_no from evergreens)

            qualify row_number() over (order by sim.roll('returned', account_no), account_no)
                <= greatest(2, count(*) over () // 10)

        ),

        base as (

            select
                accounts.*,
                term::integer as term,
                (contract_started_on + to_months((term * term_months)::integer))::date as started_on,
                (contract_started_on + to_months(((term + 1) * term_months)::integer) - interval '1 day')::date as planned_end_on

            from sim.accounts as accounts

            inner join range(0, 12) as terms (term)
                on contract_started_on + to_months((term * term_months)::integer) <= sim.as_of()

            where is_customer
                and (churned_on is null or contract_started_on + to_months((term * term_months)::integer) < churned_on)
                and (story <> 'renewal_missed' or contract_started_on + to_months((term * term_months)::integer) < story_on)

        ),

        priced as (

            select
                *,
                max(term) over (partition by account_no) as last_term,
                case segment when 'enterprise' then 'Enterprise' when 'mid_market' then 'Business' else 'Starter' end as plan,
                case segment when 'enterprise' then 62 when 'mid_market' then 39 else 24 end as seat_price,
                case story when 'over_discounted' then sim.roll_int('discount', account_no, 35, 55)
                    else sim.roll_int('discount', account_no, 0, 15) end as discount_pct

            from base

        ),

        sized as (

            select
                *,
                greatest(3, case
                    when story = 'over_discounted' and term = last_term and term > 0 then seats * 78 // 100
                    when story = 'over_discounted' then seats
                    else seats * (100 - 6 * least(last_term - term, 6)) // 100
                end)::integer as term_seats

            from priced

        ),

        base_terms as (

            select
                sized.account_no,
                term,
                'Larkspur Platform' as product,
                plan,
                term_seats as seats,
                (term_seats * seat_price * (100 - discount_pct) // 100)::integer as mrr,
                discount_pct,
                currency,
                started_on,
                case when term = last_term then coalesce(evergreens.ends_on, planned_end_on) else planned_end_on end as ended_on,
                term = last_term as is_last

            from sized

            left join evergreens using (account_no)

        ),

        first_lives as (

            select
                account_no,
                -1 as term,
                product,
                plan,
                seats,
                greatest(1, mrr * 9 // 10)::integer,
                discount_pct,
                currency,
                (started_on - 75 - to_months(12))::date,
                started_on - 76,
                false

            from base_terms

            inner join returned using (account_no)

            where term = 0

        ),

        add_ons as (

            select
                base_terms.account_no,
                100 as term,
                'Larkspur Insights' as product,
                'Add-on' as plan,
                greatest(3, base_terms.seats * 6 // 10)::integer as seats,
                (greatest(3, base_terms.seats * 6 // 10) * 12)::integer as mrr,
                0 as discount_pct,
                base_terms.currency,
                greatest(coalesce(accounts.story_on, base_terms.started_on), base_terms.started_on)::date as started_on,
                base_terms.ended_on,
                base_terms.is_last

            from base_terms

            inner join sim.accounts as accounts using (account_no)

            where base_terms.is_last
                and (
                    accounts.story = 'expansion'
                    or (accounts.story in ('healthy', 'silent_churn') and sim.roll('add-on', account_no) < 0.2)
                )

        )

        select * from base_terms
        union all
        select * from first_lives
        union all
        select * from add_ons
        """
    )


def _make_renewals(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.renewals as
        -- the day on which each customer's present contract comes up; null where it has no end, or was cancelled by today
        select
            account_no,
            case
                when terms.ended_on >= date '2050-01-01' or accounts.cancelled_on <= sim.as_of() then null
                else terms.ended_on + 1
            end as renewal_on,
            sim.pick([30, 60, 90], 'notice', account_no) as notice_days,
            terms.mrr,
            terms.seats

        from sim.terms as terms

        inner join sim.accounts as accounts using (account_no)

        where terms.is_last and terms.term <> 100
        """
    )


def _make_invoices(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.invoices as
        with

        schedules as (

            select
                terms.*,
                accounts.story,
                accounts.story_on,
                case when sim.roll('invoicing', account_no) < 0.6 then 12 else 1 end as months,
                least(terms.ended_on, coalesce(accounts.churned_on, terms.ended_on), sim.as_of()) as last_day

            from sim.terms as terms

            inner join sim.accounts as accounts using (account_no)

        ),

        numbered as (

            select
                *,
                (started_on + to_months((place * months)::integer))::date as issued_on,
                (account_no::bigint * 100000 + (term + 2) * 500 + place)::bigint as invoice_no

            from schedules

            inner join range(0, 72) as places (place)
                on started_on + to_months((place * months)::integer) <= last_day

        ),

        due as (

            select *, (issued_on + 30)::date as due_on, mrr * months as amount from numbered where issued_on >= sim.first_day()

        )

        select
            invoice_no,
            account_no,
            term,
            currency,
            amount,
            issued_on,
            due_on,
            case
                -- nobody pays for what nobody uses any more, and a lapsed contract's last bill stays open
                when story = 'silent_churn' and issued_on > story_on - 20 then null
                when story = 'renewal_missed' and issued_on > story_on - 60 then null
                when sim.roll('unpaid', invoice_no) < 0.01 then null
                when story in ('stalling', 'renewal_missed') then due_on + sim.roll_int('paid', invoice_no, 2, 45)
                when sim.roll('pays late', invoice_no) < 0.12 then due_on + sim.roll_int('paid', invoice_no, 1, 30)
                else due_on - sim.roll_int('paid', invoice_no, 0, 20)
            end::date as paid_on

        from due
        """
    )


def _make_arr_movements(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.arr_movements as
        with

        chained as (

            select
                *,
                lag(mrr) over chain as previous_mrr,
                lag(ended_on) over chain as previous_end_on

            from sim.terms

            where term <> 100

            window chain as (partition by account_no order by started_on)

        ),

        starts as (

            select
                account_no,
                started_on as moved_on,
                case
                    when previous_mrr is null then 'new'
                    when previous_end_on + 1 < started_on then 'reactivation'
                    when mrr > previous_mrr then 'expansion'
                    when mrr < previous_mrr then 'contraction'
                end as movement,
                12 * case when previous_end_on + 1 = started_on then mrr - previous_mrr else mrr end as arr,
                currency

            from chained

        ),

        gaps as (

            select account_no, previous_end_on + 1 as moved_on, 'churn' as movement, -12 * previous_mrr as arr, currency

            from chained

            where previous_end_on + 1 < started_on

        ),

        add_ons as (

            select account_no, started_on as moved_on, 'expansion' as movement, 12 * mrr as arr, currency

            from sim.terms

            where term = 100

        ),

        ends as (

            select
                account_no,
                case when accounts.story = 'renewal_missed' then accounts.story_on else accounts.churned_on end as moved_on,
                case when accounts.story = 'renewal_missed' then 'lapse' else 'churn' end as movement,
                -12 * sum(terms.mrr)::bigint as arr,
                any_value(terms.currency) as currency

            from sim.terms as terms

            inner join sim.accounts as accounts using (account_no)

            where terms.is_last and (accounts.story = 'renewal_missed' or accounts.churned_on <= sim.as_of())

            group by account_no, accounts.story, accounts.story_on, accounts.churned_on

        ),

        movements as (

            select * from starts where movement is not null and arr <> 0
            union all
            select * from gaps
            union all
            select * from add_ons
            union all
            select * from ends

        )

        select account_no, moved_on::date as moved_on, movement, arr::bigint as arr, currency

        from movements

        where moved_on <= sim.as_of()
        """
    )
