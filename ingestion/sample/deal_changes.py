"""How deals change: stage moves, pushed close dates, new amounts, new owners, in the order in which they happened.

Makes sim.close_date_plans, sim.amount_plans, sim.deal_changes and sim.deal_states (each deal as it stood after each change).
Which deals there are, and the path each takes, is decided in deals.py.
"""

from __future__ import annotations

import duckdb


def make_deal_changes(connection: duckdb.DuckDBPyConnection) -> None:
    _make_close_dates(connection)
    _make_amounts(connection)
    _make_changes(connection)
    _make_states(connection)


def _make_close_dates(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.close_date_plans as
        -- every close date a deal was given, in order; place 0 is the one it was created with
        with

        lives as (

            select
                deal_no,
                created_on,
                coalesce(closed_on, sim.as_of()) as ends_on,
                outcome,
                source,
                serves_from,
                part,
                case
                    when part in ('never_changed', 'pushed_out_and_back') or source = 5 then 0
                    when outcome = 'open' then sim.roll_int('pushes', deal_no, 0, 4)
                    when outcome = 'won' then sim.roll_int('pushes', deal_no, 0, 2)
                    else sim.roll_int('pushes', deal_no, 0, 3)
                end as wished_pushes

            from sim.deals

        ),

        pushes as (

            select
                *,
                -- no two pushes closer than ten days
                least(wished_pushes, (ends_on - created_on) // 10 - 1) as pushes

            from lives

        ),

        slips as (

            select
                deal_no,
                place::integer as place,
                ends_on,
                created_on,
                outcome,
                source,
                serves_from,
                sim.working_day((created_on + ((ends_on - created_on) * place // (pushes + 1))::integer)::date) as on_day,
                case
                    when place = 0 then 0
                    when sim.roll('slip kind', deal_no::bigint * 8 + place) < 0.70 then sim.roll_int('slip', deal_no::bigint * 8 + place, 14, 45)
                    when sim.roll('slip kind', deal_no::bigint * 8 + place) < 0.85 then sim.roll_int('slip', deal_no::bigint * 8 + place, 60, 95)
                    else -sim.roll_int('slip', deal_no::bigint * 8 + place, 7, 20)
                end as slip_days

            from pushes

            inner join range(0, 5) as places (place) on place <= greatest(0, pushes)

        ),

        wished as (

            select
                *,
                (sum(slip_days) over (partition by deal_no order by place))::integer as slipped,
                case
                    when source = 5 then serves_from
                    when outcome <> 'open' then ends_on + sim.roll_int('close wish', deal_no, -8, 25)
                    else ends_on + sim.roll_int('close wish', deal_no, -10, 120)
                end - (sum(slip_days) over (partition by deal_no))::integer as first_wish

            from slips

        )

        select
            deal_no,
            place,
            on_day,
            (greatest(first_wish, created_on + 35) + slipped)::date as close_date,
            slip_days

        from wished

        where place = 0 or on_day < ends_on - 1
        """
    )


def _make_amounts(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.amount_plans as
        with

        lives as (

            select
                deal_no,
                created_on,
                coalesce(closed_on, sim.as_of()) as ends_on,
                amount,
                case
                    when part in ('never_changed', 'zero_amount', 'negative_amount', 'two_changes_in_one_second') or kind = 'renewal' then 0
                    when coalesce(closed_on, sim.as_of()) - created_on < 25 then 0
                    when sim.roll('amount changes', deal_no) < 0.25 then 1
                    when sim.roll('amount changes', deal_no) < 0.37 then 2
                    else 0
                end as changes

            from sim.deals

        )

        select
            deal_no,
            place::integer as place,
            sim.working_day((created_on + ((ends_on - created_on) * (2 * place + 1) // (2 * changes + 3))::integer)::date) as on_day,
            case when place = changes then amount
                else amount * sim.roll_int('amount before', deal_no::bigint * 4 + place, 75, 135) // 100 end::bigint as amount

        from lives

        inner join range(0, 3) as places (place) on place <= changes
        """
    )


def _make_changes(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.deal_changes as
        with

        created as (

            select
                deals.deal_no,
                steps.moved_at as changed_at,
                'created' as kind,
                steps.stage,
                amounts.amount,
                closings.close_date,
                owners.owner_no

            from sim.deals as deals

            inner join sim.deal_steps as steps on steps.deal_no = deals.deal_no and steps.step = 1

            inner join sim.amount_plans as amounts on amounts.deal_no = deals.deal_no and amounts.place = 0

            inner join sim.close_date_plans as closings on closings.deal_no = deals.deal_no and closings.place = 0

            inner join sim.accounts as accounts on accounts.account_no = deals.account_no

            left join sim.account_owners as spans
                on spans.account_no = deals.account_no and steps.moved_at >= spans.from_day and steps.moved_at < spans.to_day

            cross join lateral (
                select case when deals.crm = 'hubspot' then accounts.hubspot_owner_no else spans.owner_no end as owner_no
            ) as owners

        ),

        moved as (

            select
                steps.deal_no,
                steps.moved_at,
                'stage',
                steps.stage,
                null::bigint,
                -- closing a deal sets its close date to the day
                case when steps.is_final then steps.on_day end,
                null::integer

            from sim.deal_steps as steps

            where steps.step > 1

        ),

        pushed as (

            select deal_no, sim.office_time(on_day, 'push time', deal_no::bigint * 8 + place), 'close_date', null, null, close_date, null

            from sim.close_date_plans

            where place > 0

        ),

        out_and_back as (

            select
                deals.deal_no,
                sim.working_day((deals.created_on + 3)::date)::timestamp + case trip when 1 then interval '9 hours 15 minutes' else interval '16 hours 40 minutes' end,
                'close_date',
                null,
                null,
                closings.close_date + case trip when 1 then 30 else 0 end,
                null

            from sim.deals as deals

            inner join sim.close_date_plans as closings on closings.deal_no = deals.deal_no and closings.place = 0

            cross join range(1, 3) as trips (trip)

            where deals.part = 'pushed_out_and_back'

        ),

        repriced as (

            select amounts.deal_no, sim.office_time(on_day, 'amount time', amounts.deal_no::bigint * 4 + place), 'amount', null, amounts.amount, null, null

            from sim.amount_plans as amounts

            where place > 0

        ),

        in_the_same_second as (

            select steps.deal_no, steps.moved_at, 'amount', null, deals.amount * 11 // 10, null, null

            from sim.deal_steps as steps

            inner join sim.deals as deals using (deal_no)

            where deals.part = 'two_changes_in_one_second' and steps.step = 2

        ),

        handed_over as (

            select deals.deal_no, spans.from_day::timestamp + interval '7 hours 30 minutes', 'owner', null, null, null, spans.owner_no

            from sim.deals as deals

            inner join sim.account_owners as spans
                on spans.account_no = deals.account_no
                and spans.from_day > deals.created_on
                and (deals.closed_on is null or spans.from_day < deals.closed_on)

            where deals.crm = 'salesforce'

        ),

        changes as (

            select * from created
            union all
            select * from moved
            union all
            select * from pushed
            union all
            select * from out_and_back
            union all
            select * from repriced
            union all
            select * from in_the_same_second
            union all
            select * from handed_over

        )

        select
            deal_no,
            -- the rank says which of two changes in one second came first
            row_number() over (
                order by changed_at, deal_no, case kind when 'created' then 0 when 'stage' then 1 when 'close_date' then 2 when 'amount' then 3 else 4 end
            )::bigint as change_no,
            changed_at,
            kind,
            stage,
            amount,
            close_date::date as close_date,
            owner_no

        from changes

        where changed_at < sim.as_of() + 1
        """
    )


def _make_states(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.deal_states as
        with

        filled as (

            select
                deal_no,
                change_no,
                changed_at,
                kind,
                last_value(stage ignore nulls) over so_far as stage,
                last_value(amount ignore nulls) over so_far as amount,
                last_value(close_date ignore nulls) over so_far as close_date,
                last_value(owner_no ignore nulls) over so_far as owner_no

            from sim.deal_changes

            window so_far as (partition by deal_no order by changed_at, change_no rows between unbounded preceding and current row)

        ),

        compared as (

            select
                filled.*,
                lag(stage) over in_order as previous_stage,
                lag(amount) over in_order as previous_amount,
                lag(close_date) over in_order as previous_close_date,
                lag(owner_no) over in_order as previous_owner_no

            from filled

            window in_order as (partition by deal_no order by changed_at, change_no)

        )

        select
            compared.*,
            deals.crm,
            -- what the vendor's history holds: nothing before tracking began, and nothing of a deal that never changed
            compared.changed_at >= sim.tracking_since()
                and compared.kind <> 'owner'
                and max((compared.changed_at >= sim.tracking_since() and compared.kind not in ('owner', 'created'))::integer)
                    over (partition by compared.deal_no) = 1 as is_recorded,
            names.name as stage_name,
            previous_names.name as previous_stage_name,
            names.probability

        from compared

        inner join sim.deals as deals using (deal_no)

        inner join sim.stage_names as names
            on names.crm = deals.crm and names.pipeline = deals.pipeline and names.policy_stage = compared.stage

        left join sim.stage_names as previous_names
            on previous_names.crm = deals.crm
            and previous_names.pipeline = deals.pipeline
            and previous_names.policy_stage = compared.previous_stage
        """
    )
    # A change that changed nothing (an amount re-entered as it was) leaves no trace anywhere.
    connection.execute(
        """
        delete from sim.deal_states
        where kind <> 'created'
            and stage is not distinct from previous_stage
            and amount is not distinct from previous_amount
            and close_date is not distinct from previous_close_date
            and owner_no is not distinct from previous_owner_no
        """
    )
