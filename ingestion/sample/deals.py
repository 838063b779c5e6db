"""Deals: why each one exists, the path it takes through the stages, and the awkward ones among them.

Makes sim.deal_plans, sim.deal_casts, sim.deal_steps and sim.deals. What changes on a deal on its way is made in
deal_changes.py; how the two CRMs write deals down is the business of their own modules.
"""

from __future__ import annotations

import duckdb

from ingestion.sample import words
from ingestion.sample.stages import HUBSPOT_RENEWAL_PIPELINE

_OPEN_ENDED = ("qualification", "discovery", "solution", "commercial", "commitment")
# Outcome → (share, path). Shares are of the deals with that outcome; a path that says lost in its middle was re-opened.
_PATHS: dict[str, tuple[tuple[float, tuple[str, ...]], ...]] = {
    "won": (
        (0.55, (*_OPEN_ENDED, "won")),
        (0.15, ("qualification", "solution", "commercial", "won")),
        (0.12, ("qualification", "discovery", "solution", "discovery", "solution", "commercial", "commitment", "won")),
        (0.08, ("qualification", "discovery", "solution", "commercial", "lost", "commercial", "commitment", "won")),
        (0.05, ("qualification", "discovery", "unmapped", "solution", "commercial", "commitment", "won")),
        (0.05, ("discovery", "commercial", "won")),
    ),
    "lost": (
        (0.35, ("qualification", "discovery", "solution", "commercial", "lost")),
        (0.25, ("qualification", "discovery", "lost")),
        (0.15, (*_OPEN_ENDED, "lost")),
        (0.10, ("qualification", "discovery", "solution", "qualification", "lost")),
        (0.07, ("qualification", "discovery", "unmapped", "lost")),
        (0.08, ("qualification", "discovery", "lost", "discovery", "solution", "lost")),
    ),
    "no_decision": (
        (0.50, ("qualification", "discovery", "solution", "commercial", "no_decision")),
        (0.50, ("qualification", "discovery", "no_decision")),
    ),
    "open": (
        (0.50, _OPEN_ENDED),
        (0.15, ("qualification", "discovery", "solution", "discovery", "solution", "commercial")),
        (0.15, ("qualification", "solution", "commercial", "commitment")),
        (0.10, ("qualification", "discovery", "solution", "lost", "solution", "commercial")),
        (0.10, ("qualification", "discovery", "unmapped")),
    ),
    "renewal won": ((1.0, ("qualification", "commercial", "commitment", "won")),),
    "renewal lost": ((1.0, ("qualification", "commercial", "lost")),),
    "renewal open": ((1.0, ("qualification", "commercial", "commitment")),),
}


def make_deals(connection: duckdb.DuckDBPyConnection) -> None:
    _make_plans(connection)
    _cast_before_steps(connection)
    _make_steps(connection)
    _make_deals(connection)
    _cast_after_steps(connection)


def _make_plans(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create table sim.paths (outcome varchar, up_to double, path varchar[])")
    for outcome, paths in _PATHS.items():
        up_to = 0.0
        for share, path in paths:
            up_to += share
            connection.execute("insert into sim.paths values (?, ?, ?)", [outcome, round(up_to, 6), list(path)])
    connection.execute(
        """
        create table sim.deal_plans as
        with

        first_sales as (

            select account_no, 'new' as kind, 1 as source, 0 as place, 'won' as outcome, mrr * 12 as amount,
                started_on - sim.roll_int('signed', account_no, 0, 14) as closed_on, null::date as created_on, started_on as serves_from

            from sim.terms

            where term = 0

        ),

        renewals as (

            select account_no, 'renewal', 2, term, 'won', mrr * 12,
                started_on - sim.roll_int('renewed', account_no * 50 + term, 3, 25), null::date, started_on

            from sim.terms

            where term between 1 and 99

        ),

        add_ons as (

            select account_no, 'expansion', 3, 0, 'won', mrr * 12,
                started_on - sim.roll_int('add-on signed', account_no, 0, 10), null::date, started_on

            from sim.terms

            where term = 100

        ),

        coming_renewals as (

            select renewals.account_no, 'renewal', 4, 0, 'open', renewals.mrr * 12,
                null::date, renewals.renewal_on - sim.roll_int('renewal started', account_no, 100, 120), renewals.renewal_on

            from sim.renewals

            inner join sim.accounts as accounts using (account_no)

            where renewals.renewal_on between sim.as_of() + 1 and sim.as_of() + 95 and accounts.story <> 'renewal_missed'

        ),

        missed_renewals as (

            -- half of the missed renewals have a deal that nobody worked on, the other half not even that
            select renewals.account_no, 'renewal', 5, 0, 'open', renewals.mrr * 12,
                null::date, accounts.story_on - 60, accounts.story_on

            from sim.renewals

            inner join sim.accounts as accounts using (account_no)

            where accounts.story = 'renewal_missed' and sim.roll('has renewal deal', account_no) < 0.5

        ),

        lost_renewals as (

            select renewals.account_no, 'renewal', 6, 0, 'lost', renewals.mrr * 12, accounts.cancelled_on, null::date, null::date

            from sim.renewals

            inner join sim.accounts as accounts using (account_no)

            where accounts.cancelled_on <= sim.as_of() and sim.roll('has lost renewal', account_no) < 0.5

        ),

        prospecting as (

            select
                account_no,
                'new',
                7,
                place::integer,
                case
                    when sim.roll('prospect outcome', account_no * 10 + place) < 0.55 then 'open'
                    when sim.roll('prospect outcome', account_no * 10 + place) < 0.83 then 'lost'
                    else 'no_decision'
                end,
                (seats * sim.roll_int('prospect price', account_no * 10 + place, 18, 60) * 12)::integer,
                sim.as_of() - sim.roll_int('prospect closed', account_no * 10 + place, 5, 420),
                null::date,
                null::date

            from sim.accounts

            inner join range(0, 3) as places (place) on place < sim.roll_int('prospect deals', account_no, 1, 3)

            where story = 'prospect'

        ),

        cross_sales as (

            -- a customer's second product, in the works or not bought; the acquired unit sells it to shared accounts
            select
                account_no,
                'expansion',
                8,
                0,
                case when crm_place = 'both' or sim.roll('cross outcome', account_no) < 0.6 then 'open' else 'lost' end,
                (seats * sim.roll_int('cross price', account_no, 6, 20) * 12)::integer,
                sim.as_of() - sim.roll_int('cross closed', account_no, 5, 300),
                null::date,
                null::date

            from sim.accounts

            where crm_place = 'both'
                or (story in ('healthy', 'champion_left', 'over_discounted') and sim.roll('cross', account_no) < 0.25)

        ),

        plans as (

            select * from first_sales
            union all
            select * from renewals
            union all
            select * from add_ons
            union all
            select * from coming_renewals
            union all
            select * from missed_renewals
            union all
            select * from lost_renewals
            union all
            select * from prospecting
            union all
            select * from cross_sales

        ),

        numbered as (

            select
                row_number() over (order by account_no, source, place)::integer as deal_no,
                plans.account_no,
                plans.kind,
                plans.source,
                plans.outcome,
                case when plans.outcome <> 'open' then plans.closed_on::date end as closed_on,
                plans.created_on::date as created_on,
                plans.serves_from,
                plans.amount,
                case when accounts.crm_place = 'hubspot' or (accounts.crm_place = 'both' and plans.source = 8)
                    then 'hubspot' else 'salesforce' end as crm,
                accounts.segment,
                accounts.story,
                case when plans.kind = 'renewal' then 'renewal ' else '' end || plans.outcome as path_kind

            from plans

            inner join sim.accounts as accounts using (account_no)

        ),

        ranked as (

            -- by rank and not by dice, so that the rarest path occurs in the smallest company
            select
                *,
                (row_number() over (partition by path_kind, crm order by sim.roll('path', deal_no), deal_no) - 0.5)
                    / count(*) over (partition by path_kind, crm) as path_rank

            from numbered

        ),

        routed as (

            select
                ranked.* exclude (path_rank),
                (
                    select arg_min(paths.path, paths.up_to)
                    from sim.paths
                    where paths.outcome = ranked.path_kind and ranked.path_rank < paths.up_to + 0.000001
                ) as path

            from ranked

        )

        select * from routed
        """
    )


def _cast_before_steps(connection: duckdb.DuckDBPyConnection) -> None:
    """Parts that bear on a deal's course are given out before it is plotted."""
    connection.execute(
        """
        create table sim.deal_casts as
        with

        candidates as (

            select
                deal_no,
                row_number() over (order by sim.roll('deal cast', deal_no), deal_no) as place,
                greatest(2, count(*) over () // 60) as wanted

            from sim.deal_plans

            where crm = 'salesforce'
                and outcome = 'open'
                and kind = 'new'
                and account_no not in (select account_no from sim.account_casts)
                and not list_contains(path, 'unmapped')
                and not list_contains(path, 'lost')

        )

        select
            deal_no,
            case
                when place <= wanted then 'pushed_out_and_back'
                when place <= 2 * wanted then 'two_changes_in_one_second'
                when place <= 3 * wanted then 'never_changed'
                when place <= 4 * wanted then 'zero_amount'
                when place <= 5 * wanted then 'negative_amount'
            end as part

        from candidates

        where place <= 5 * wanted
        """
    )


def _make_steps(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.deal_steps as
        with

        steps as (

            select
                plans.deal_no,
                plans.kind,
                plans.segment,
                plans.outcome,
                plans.story,
                plans.source,
                plans.closed_on,
                plans.created_on,
                casts.part,
                len(plans.path) as last_step,
                unnest(plans.path) as stage,
                generate_subscripts(plans.path, 1) as step

            from sim.deal_plans as plans

            left join sim.deal_casts as casts using (deal_no)

        ),

        timed as (

            select
                *,
                (deal_no::bigint * 16 + step) as step_no,
                case
                    when kind = 'renewal' then case stage
                        when 'qualification' then sim.roll_int('stage days', deal_no::bigint * 16 + step, 35, 50)
                        when 'commercial' then sim.roll_int('stage days', deal_no::bigint * 16 + step, 18, 30)
                        else sim.roll_int('stage days', deal_no::bigint * 16 + step, 6, 12)
                    end
                    else ceil(case segment when 'enterprise' then 1.5 when 'mid_market' then 1.1 else 0.8 end * case stage
                        when 'qualification' then sim.roll_int('stage days', deal_no::bigint * 16 + step, 5, 14)
                        when 'discovery' then sim.roll_int('stage days', deal_no::bigint * 16 + step, 6, 18)
                        when 'unmapped' then sim.roll_int('stage days', deal_no::bigint * 16 + step, 6, 14)
                        when 'solution' then sim.roll_int('stage days', deal_no::bigint * 16 + step, 10, 30)
                        when 'commercial' then sim.roll_int('stage days', deal_no::bigint * 16 + step, 8, 25)
                        when 'commitment' then sim.roll_int('stage days', deal_no::bigint * 16 + step, 5, 14)
                        else sim.roll_int('stage days', deal_no::bigint * 16 + step, 20, 50)
                    end)
                end::integer as days

            from steps

        ),

        placed as (

            select
                *,
                (sum(days) over (partition by deal_no order by step) - days)::integer as days_before,
                -- the step an open deal has reached: never one that says lost in the middle of its path
                case
                    when outcome <> 'open' then last_step
                    when part = 'never_changed' then 1
                    when part in ('two_changes_in_one_second', 'pushed_out_and_back') then 2
                    else 1 + floor(sim.roll('reached', deal_no) * last_step)::integer
                end as wished_step

            from timed

        ),

        reached as (

            select
                *,
                case when outcome = 'open' and max(case when step = wished_step then stage end) over (partition by deal_no) = 'lost'
                    then wished_step + 1 else wished_step end as reached_step

            from placed

        ),

        anchored as (

            select
                *,
                case
                    when closed_on is not null
                        then closed_on - max(days_before) over (partition by deal_no)
                    when created_on is not null then created_on
                    else sim.as_of()
                        - max(case when step = reached_step then days_before end) over (partition by deal_no)
                        - case
                            when part is null and (
                                sim.roll('stalled', deal_no) < 0.25 or story in ('champion_left', 'over_discounted')
                            ) then sim.roll_int('stalled days', deal_no, 45, 150)
                            when part is not null then sim.roll_int('stage age', deal_no, 12, 30)
                            else 1 + floor(sim.roll('stage age', deal_no) * 0.9
                                * max(case when step = reached_step then days end) over (partition by deal_no))::integer
                        end
                end::date as opened_on

            from reached

        )

        select
            deal_no,
            step::integer as step,
            stage,
            sim.working_day((opened_on + days_before)::date) as on_day,
            sim.office_time(sim.working_day((opened_on + days_before)::date), 'stage time', step_no) as moved_at,
            step = last_step and outcome <> 'open' as is_final

        from anchored

        where sim.working_day((opened_on + days_before)::date) <= sim.as_of()
            and (created_on is not null or step <= reached_step)
            -- a renewal nobody works on stays where it is
            and (source <> 5 or step = 1)
        """
    )


def _make_deals(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"""
        create table sim.deals as
        with

        spans as (

            select
                deal_no,
                min(on_day) as created_on,
                max(on_day) as last_step_on,
                max(on_day) filter (where is_final) as closed_on,
                arg_max(stage, step) as stage,
                arg_max(on_day, step) as stage_since

            from sim.deal_steps

            group by deal_no

        )

        select
            plans.deal_no,
            plans.account_no,
            plans.crm,
            plans.kind,
            plans.source,
            -- a deal whose closing falls on the weekend after today is still open
            case when spans.closed_on is null then 'open' else plans.outcome end as outcome,
            plans.segment,
            plans.story,
            plans.path,
            plans.serves_from,
            casts.part,
            spans.created_on,
            spans.closed_on,
            spans.stage,
            spans.stage_since,
            case casts.part when 'zero_amount' then 0 when 'negative_amount' then -greatest(500, plans.amount // 10) else plans.amount end as amount,
            accounts.currency,
            accounts.name || ' - ' || case plans.kind
                when 'new' then 'Platform' when 'renewal' then 'Renewal ' || year(coalesce(plans.serves_from, spans.created_on))
                else 'Insights' end as name,
            sim.salesforce_id('006', 4000000 + plans.deal_no) as salesforce_id,
            (31200000000 + plans.deal_no * 11)::varchar as hubspot_id,
            case plans.crm when 'salesforce' then sim.salesforce_id('006', 4000000 + plans.deal_no)
                else (31200000000 + plans.deal_no * 11)::varchar end as crm_id,
            case when plans.crm = 'salesforce' then '' when plans.kind = 'renewal' then '{HUBSPOT_RENEWAL_PIPELINE}' else 'default' end as pipeline,
            sim.pick({words.sql_list(words.LEAD_SOURCES)}, 'lead source', plans.deal_no) as lead_source,
            case
                when spans.closed_on is null then null
                when plans.outcome = 'no_decision' then sim.pick({words.sql_list(words.NO_DECISION_REASONS)}, 'reason', plans.deal_no)
                when plans.outcome = 'lost' then sim.pick({words.sql_list(words.LOSS_REASONS)}, 'reason', plans.deal_no)
            end as loss_reason,
            case when plans.kind <> 'renewal' and sim.roll('has competitor', plans.deal_no) < 0.4
                then sim.pick({words.sql_list(words.COMPETITORS)}, 'competitor', plans.deal_no) end as competitor,
            case when sim.roll('has next step', plans.deal_no) < 0.6
                then sim.pick({words.sql_list(words.NEXT_STEPS)}, 'next step', plans.deal_no) end as next_step,
            plans.kind = 'new' and plans.segment <> 'small' and sim.roll('poc', plans.deal_no) < 0.4 as has_poc,
            plans.segment = 'enterprise' and sim.roll('rfp', plans.deal_no) < 0.35 as has_rfp,
            sim.roll('partner', plans.deal_no) < 0.2 as has_partner,
            null::timestamp as deleted_at,
            null::timestamp as restored_at

        from sim.deal_plans as plans

        inner join spans using (deal_no)

        inner join sim.accounts as accounts using (account_no)

        left join sim.deal_casts as casts using (deal_no)
        """
    )
    # Nobody enters a deal for an account that does not exist yet.
    connection.execute(
        """
        update sim.accounts
        set created_on = least(accounts.created_on, (firsts.created_on - 3)::date)
        from (select account_no, min(created_on) as created_on from sim.deals group by account_no) as firsts
        where firsts.account_no = accounts.account_no
        """
    )


def _cast_after_steps(connection: duckdb.DuckDBPyConnection) -> None:
    """Parts that need a deal to have been there for a while, and change nothing about its course."""
    connection.execute(
        """
        insert into sim.deal_casts
        with

        candidates as (

            select
                deal_no,
                row_number() over (order by sim.roll('late deal cast', deal_no), deal_no) as place,
                greatest(2, count(*) over () // 100) as wanted

            from sim.deals

            where crm = 'salesforce'
                and outcome = 'open'
                and part is null
                and stage <> 'unmapped'
                and created_on < sim.first_delivery() - 10
                and account_no not in (select account_no from sim.account_casts)

        )

        select
            deal_no,
            case
                when place <= wanted then 'deleted'
                when place <= 2 * wanted then 'restored'
                when place <= 3 * wanted then 'probability_1000'
                when place <= 4 * wanted then 'probability_as_ratio'
                when place <= 5 * wanted then 'midnight_date'
            end

        from candidates

        where place <= 5 * wanted
        """
    )
    connection.execute(
        """
        update sim.deals
        set
            part = casts.part,
            deleted_at = case when casts.part in ('deleted', 'restored') then (sim.second_delivery() - 2)::timestamp + interval '15 hours' end,
            restored_at = case when casts.part = 'restored' then (sim.second_delivery() + 1)::timestamp + interval '10 hours' end
        from sim.deal_casts as casts
        where casts.deal_no = deals.deal_no
        """
    )
