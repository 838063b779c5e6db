"""Support cases: how many each customer raises, how they travel from new to closed, and what the customer thought of it.

Makes sim.tickets and sim.ticket_statuses in one shape; the help desks' own shapes are the business of support_files.py.
"""

from __future__ import annotations

import duckdb

from ingestion.sample import words

AGENT_TAGS = ("billing", "data_import", "permissions", "dashboards", "api", "how_to")


def make_support(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"""
        create table sim.tickets as
        with

        weeks as (

            select week_no::integer as week_no, (sim.as_of() + 1 - 7 * week_no::integer)::date as starts_on

            from range(1, 79) as weeks (week_no)

        ),

        loads as (

            select
                accounts.account_no,
                accounts.story,
                accounts.story_on,
                accounts.desk,
                weeks.week_no,
                weeks.starts_on,
                -- tickets a week in millionths: sums of whole numbers come out the same in any order
                (1000000 * greatest(
                    case accounts.segment when 'enterprise' then 0.9 when 'mid_market' then 0.45 else 0.22 end,
                    case when accounts.story = 'stalling' then 0.75 else 0 end
                ) * case
                    -- the last four weeks of a stalling customer bring more than twice the tickets of the four before
                    when accounts.story = 'stalling' and weeks.week_no <= 4 then 2.4
                    when accounts.story = 'silent_churn' and weeks.starts_on >= accounts.story_on then 0.2
                    when accounts.story = 'silent_churn' and weeks.starts_on >= accounts.story_on - 56 then 1.4
                    when accounts.story = 'onboarding' then 2.0
                    else 1.0
                end)::bigint as load

            from sim.accounts as accounts

            inner join weeks
                on weeks.starts_on >= accounts.contract_started_on
                and weeks.starts_on >= sim.first_day()
                and (accounts.churned_on is null or weeks.starts_on < accounts.churned_on)

        ),

        counted as (

            select
                *,
                (sim.roll('ticket phase', account_no) * 1000000)::bigint
                    + sum(load) over (partition by account_no order by week_no desc) as load_so_far

            from loads

        ),

        regular as (

            select
                account_no,
                story,
                story_on,
                desk,
                week_no,
                account_no::bigint * 10000 + week_no * 100 + place as slot_no,
                starts_on + sim.roll_int('ticket day', account_no::bigint * 10000 + week_no * 100 + place, 0, 6) as created_on,
                null::varchar as subject

            from counted

            inner join range(0, 12) as places (place)
                on place < load_so_far // 1000000 - (load_so_far - load) // 1000000

        ),

        cancellations as (

            -- the one thing a silent churner says
            select account_no, story, story_on, desk, 0, account_no::bigint * 10000 + 9999, story_on + 19, 'How do we cancel our subscription?'

            from sim.accounts

            where story = 'silent_churn' and story_on + 19 <= sim.as_of()

        ),

        slots as (

            select * from regular
            union all
            select * from cancellations

        ),

        described as (

            select
                *,
                created_on::timestamp + to_seconds(sim.roll_int('ticket time', slot_no, 21600, 75600)) as created_at,
                case
                    when sim.roll('ticket priority', slot_no) < 0.05 then 'urgent'
                    when sim.roll('ticket priority', slot_no) < 0.20 then 'high'
                    when sim.roll('ticket priority', slot_no) < 0.75 then 'normal'
                    when sim.roll('ticket priority', slot_no) < 0.95 then 'low'
                end as priority,
                case when story = 'stalling' and week_no <= 4 then 2.2 else 1.0 end as slowness

            from slots

        ),

        worked as (

            select
                *,
                (slowness * case priority
                    when 'urgent' then sim.roll_int('first reply', slot_no, 5, 90)
                    when 'high' then sim.roll_int('first reply', slot_no, 20, 360)
                    when 'low' then sim.roll_int('first reply', slot_no, 120, 2600)
                    else sim.roll_int('first reply', slot_no, 60, 1300)
                end)::integer as first_reply_minutes,
                (slowness * case priority
                    when 'urgent' then sim.roll_int('work', slot_no, 60, 900)
                    when 'high' then sim.roll_int('work', slot_no, 120, 3000)
                    else sim.roll_int('work', slot_no, 200, 8000)
                end)::integer as work_minutes

            from described

        ),

        resolved as (

            select
                *,
                created_at + to_minutes(first_reply_minutes) as first_reply_at,
                case when sim.roll('never solved', slot_no) >= 0.03 then created_at + to_minutes(first_reply_minutes + work_minutes) end as solved_at,
                sim.roll('reopened', slot_no) < 0.08 as is_reopened

            from worked

        ),

        reopened as (

            select
                *,
                case when is_reopened then solved_at + to_minutes(sim.roll_int('reopened after', slot_no, 300, 4200)) end as reopened_at,
                case when is_reopened then solved_at + to_minutes(sim.roll_int('reopened after', slot_no, 300, 4200) + sim.roll_int('solved again after', slot_no, 120, 3000)) end as solved_again_at

            from resolved

        ),

        crowds as (

            select account_no, max(place) as people from sim.contacts group by account_no

        )

        select
            row_number() over (order by reopened.created_at, reopened.slot_no)::bigint as ticket_no,
            reopened.slot_no,
            reopened.account_no,
            reopened.desk,
            reopened.created_at,
            reopened.priority,
            coalesce(reopened.subject, sim.pick({words.sql_list(words.TICKET_SUBJECTS)}, 'ticket subject', slot_no)) as subject,
            reopened.subject is not null as is_cancel_request,
            reopened.first_reply_minutes,
            reopened.first_reply_at,
            reopened.solved_at,
            reopened.reopened_at,
            reopened.solved_again_at,
            coalesce(reopened.solved_again_at, reopened.solved_at) + interval '4 days' as closed_at,
            case when sim.roll('ticket vanishes', slot_no) < 0.004 then reopened.created_at + interval '3 hours' end as deleted_at,
            case
                when reopened.solved_at is null or sim.roll('rated', slot_no) >= 0.40 then null
                when sim.roll('rating', slot_no) < case when reopened.slowness > 1 then 0.55 else 0.14 end then 'bad'
                else 'good'
            end as rating,
            reopened.solved_at + interval '6 hours' as rated_at,
            sim.roll('escalated', slot_no) < case when reopened.slowness > 1 then 0.35 else 0.05 end as is_escalated,
            sim.pick({words.sql_list(AGENT_TAGS)}, 'ticket tag', slot_no) as tag,
            sim.pick(['web', 'email', 'chat', 'api'], 'ticket channel', slot_no) as channel,
            sim.pick(['question', 'incident', 'problem', 'task'], 'ticket type', slot_no) as type,
            (1 + floor(sim.roll('requester', slot_no) * crowds.people))::integer as requester_place,
            (40000 + 1 + floor(sim.roll('assignee', slot_no) * (select count(*) from sim.users where role = 'agent')))::integer as agent_no

        from reopened

        inner join crowds using (account_no)

        where reopened.created_at < sim.as_of() + 1
        """
    )
    connection.execute(
        """
        create table sim.ticket_statuses as
        with

        moments as (

            select ticket_no, 1 as place, created_at as changed_at, 'new' as status from sim.tickets
            union all
            select ticket_no, 2, created_at + to_minutes((first_reply_minutes * 6 // 10)::integer), 'open' from sim.tickets where deleted_at is null
            union all
            select ticket_no, 3, first_reply_at, 'pending' from sim.tickets where deleted_at is null and sim.roll('waits', slot_no) < 0.7
            union all
            select ticket_no, 4, first_reply_at + interval '40 minutes', 'hold' from sim.tickets
            where deleted_at is null and sim.roll('held', slot_no) < 0.1 and (solved_at is null or solved_at > first_reply_at + interval '1 hour')
            union all
            select ticket_no, 5, solved_at, 'solved' from sim.tickets where deleted_at is null and solved_at is not null
            union all
            select ticket_no, 6, reopened_at, 'open' from sim.tickets where deleted_at is null and reopened_at is not null
            union all
            select ticket_no, 7, solved_again_at, 'solved' from sim.tickets where deleted_at is null and solved_again_at is not null
            union all
            select ticket_no, 8, closed_at, 'closed' from sim.tickets where deleted_at is null and closed_at is not null
            union all
            select ticket_no, 9, deleted_at, 'deleted' from sim.tickets where deleted_at is not null

        )

        select
            ticket_no,
            place,
            changed_at,
            status,
            lag(status) over (partition by ticket_no order by changed_at, place) as previous_status,
            lead(changed_at) over (partition by ticket_no order by changed_at, place) as next_changed_at

        from moments

        where changed_at < sim.as_of() + 1
        """
    )
