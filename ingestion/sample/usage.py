"""Product usage: who has a seat, how much each account uses the product on each day, and the events of one month.

Makes sim.product_users, sim.account_days, sim.onboarding_steps and, month by month, sim.month_events; the largest company
has too many events to hold them all at once. What an event looks like in each vendor's stream is usage_files.py's business.
"""

from __future__ import annotations

import duckdb

from ingestion.sample import words
from ingestion.sample.presets import Period, Preset, Timeline

# An event's number is made of account, day and place, so that any month can be made without the months before it.
_MOST_EVENTS_A_DAY = 4096
_MOST_DAYS = 600

# The month, counted from the first, of which nobody delivered an Amplitude export: what was received in it is lost.
MONTH_WITHOUT_EXPORT = 5


def make_usage(connection: duckdb.DuckDBPyConnection, preset: Preset, line: Timeline) -> None:
    lost = line.months[MONTH_WITHOUT_EXPORT]
    connection.execute(
        "create macro sim.is_delivered(stream, received_on) as "
        f"not (stream = 'amplitude' and received_on between date '{lost.first}' and date '{lost.last}')"
    )
    _make_product_users(connection)
    _make_account_days(connection, preset)
    _make_onboarding_steps(connection)
    connection.execute("create table sim.recent_usage (account_no integer, used_on date, event_id varchar)")
    connection.execute(
        "create table sim.event_oddities (event_id varchar, account_no integer, kind varchar, happened_at timestamp, received_at timestamp)"
    )


def _make_product_users(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.product_users as
        with

        adopted as (

            select
                account_no,
                domain,
                seats,
                links.rule as usage_rule,
                contract_started_on,
                churned_on,
                story,
                story_on,
                greatest(2, seats * case story
                    when 'over_discounted' then 45
                    when 'stalling' then 60
                    when 'silent_churn' then 65
                    when 'renewal_missed' then 60
                    when 'onboarding' then 50
                    when 'expansion' then 98
                    else 80 end // 100)::integer as users

            from sim.accounts

            inner join sim.links as links using (account_no)

            where is_customer and links.place = 'usage'

        )

        select
            adopted.account_no,
            places.place::integer as place,
            (adopted.account_no::bigint * 1000 + places.place) as user_no,
            'usr_' || lpad((adopted.account_no::bigint * 1000 + places.place)::varchar, 9, '0') as product_user_id,
            coalesce(contacts.email, 'user' || places.place || '@' || adopted.domain) as email,
            -- where accounts are found by domain, people are known by their address
            case when adopted.usage_rule = 'domain' then coalesce(contacts.email, 'user' || places.place || '@' || adopted.domain)
                else 'usr_' || lpad((adopted.account_no::bigint * 1000 + places.place)::varchar, 9, '0') end as user_id,
            (adopted.contract_started_on + sim.roll_int('seat given', adopted.account_no::bigint * 1000 + places.place, 0, 40))::date as assigned_on,
            case
                when adopted.story = 'champion_left' and places.place = 1 then adopted.story_on
                when adopted.churned_on <= sim.as_of() then adopted.churned_on
            end as removed_on,
            adopted.users

        from adopted

        inner join range(1, 601) as places (place) on places.place <= adopted.users

        left join sim.contacts as contacts on contacts.account_no = adopted.account_no and contacts.place = places.place
        """
    )


def _make_account_days(connection: duckdb.DuckDBPyConnection, preset: Preset) -> None:
    connection.execute(
        f"""
        create table sim.account_days as
        with

        bases as (

            select
                account_no,
                story,
                story_on,
                contract_started_on,
                churned_on,
                -- events a week; where the story is in the percentages, enough of them for rounding not to blur it
                greatest(
                    case when story in ('silent_churn', 'stalling') then 40 else 0 end,
                    case segment
                        when 'enterprise' then sim.roll_int('usage', account_no, 45, 70)
                        when 'mid_market' then sim.roll_int('usage', account_no, 25, 40)
                        else sim.roll_int('usage', account_no, 14, 22)
                    end
                ) * {preset.usage_scale} as weekly,
                sim.roll('trial', account_no) < 0.15 as has_trial,
                sim.roll('lingers', account_no) < 0.5 as lingers

            from sim.accounts

            where is_customer

        ),

        days as (

            select day_no::integer as day_no, (sim.first_day() + day_no::integer)::date as day

            from range(0, sim.as_of() - sim.first_day() + 1) as days (day_no)

        ),

        factors as (

            select
                account_no,
                story,
                story_on,
                day_no,
                day,
                weekly * case isodow(day) when 6 then 0.3 when 7 then 0.2 else 1.3 end / 7 * case
                    when day < contract_started_on then 0.3
                    when day < contract_started_on + 30 then 0.4 + 0.02 * (day - contract_started_on)
                    else 1.0
                end * case
                    when story = 'silent_churn' and churned_on <= day then 0.09
                    when story = 'silent_churn' and day >= story_on + 14 then 0.09
                    when story = 'silent_churn' and day >= story_on + 7 then 0.20
                    when story = 'silent_churn' and day >= story_on then 0.45
                    when story = 'stalling' and day >= story_on + 14 then 0.37
                    when story = 'stalling' and day >= story_on + 7 then 0.52
                    when story = 'stalling' and day >= story_on then 0.72
                    when story = 'champion_left' and day >= story_on then 0.85
                    when story = 'over_discounted' then 0.5
                    when story = 'renewal_missed' and day >= story_on - 30 then 0.85
                    when story = 'expansion' and day >= story_on then 1.0 + 0.5 * least(60, day - story_on) / 60
                    else 1.0
                end as rate

            from bases

            inner join days
                on days.day >= bases.contract_started_on - case when bases.has_trial then 14 else 0 end
                -- some people go on signing in for a while after the contract has ended
                and (bases.churned_on is null or days.day < bases.churned_on + case when bases.lingers then 10 else 0 end)

        ),

        summed as (

            select
                *,
                -- in millionths, so that the running sum is exact in any order; the surplus carries over to the next day
                (rate * 1000000)::bigint as load,
                (sim.roll('usage phase', account_no) * 1000000)::bigint
                    + sum((rate * 1000000)::bigint) over (partition by account_no order by day_no) as load_so_far

            from factors

        ),

        counted as (

            select
                account_no,
                day_no::smallint as day_no,
                (load_so_far // 1000000 - (load_so_far - load) // 1000000)::smallint as events,
                case
                    -- where the story is in the last weeks' numbers, nothing is late in them
                    when story in ('silent_churn', 'stalling') and day >= least(story_on - 28, sim.as_of() - 60) then 0
                    when sim.roll('late day', account_no::bigint * {_MOST_DAYS} + day_no) >= 0.004 then 0
                    when sim.roll('very late day', account_no::bigint * {_MOST_DAYS} + day_no) < 0.08
                        then sim.roll_int('late by', account_no::bigint * {_MOST_DAYS} + day_no, 30, 150)
                    else sim.roll_int('late by', account_no::bigint * {_MOST_DAYS} + day_no, 1, 10)
                end::smallint as late_days

            from summed

        )

        select * from counted where events > 0
        """
    )


def _make_onboarding_steps(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"""
        create table sim.onboarding_steps as
        with

        steps as (

            select
                accounts.account_no,
                accounts.usage_stream,
                step::integer as step,
                {words.sql_list(words.ONBOARDING_EVENTS)}[step] as event,
                sim.office_time(
                    (accounts.contract_started_on + (step * 7 + sim.roll_int('onboarding', accounts.account_no::bigint * 8 + step, -3, 3))::integer)::date,
                    'onboarding time',
                    accounts.account_no::bigint * 8 + step
                ) as done_at

            from sim.accounts as accounts

            inner join range(1, {len(words.ONBOARDING_EVENTS) + 1}) as steps (step)
                -- who leaves silently never got beyond the third step
                on step <= case when accounts.story = 'silent_churn' then 3 else 5 end

            where accounts.is_customer

        )

        select * from steps where done_at >= sim.first_day() and done_at < sim.as_of() + 1
        """
    )


def make_month_events(connection: duckdb.DuckDBPyConnection, month: Period) -> None:
    """All streams' events that were received in the month, late ones from earlier days among them, some of them twice."""
    connection.execute(
        f"""
        create or replace table sim.month_events as
        with

        places as (

            select
                days.account_no,
                days.day_no,
                days.late_days,
                days.account_no::bigint * {_MOST_DAYS * _MOST_EVENTS_A_DAY} + days.day_no::bigint * {_MOST_EVENTS_A_DAY}
                    + unnest(range(days.events)) as event_no

            from sim.account_days as days

            where days.day_no + days.late_days between date '{month.first}' - sim.first_day() and date '{month.last}' - sim.first_day()

        ),

        dealt as (

            select
                places.*,
                accounts.usage_stream,
                accounts.story,
                accounts.story_on,
                (sim.first_day() + places.day_no::integer)::timestamp
                    + to_milliseconds(25200000 + floor(sim.roll('event time', event_no) * 43200000)::bigint) as happened_at,
                sim.roll('event user', event_no) as user_roll,
                sim.roll('event feature', event_no) as feature_roll,
                sim.roll('event oddity', event_no) as oddity_roll

            from places

            inner join sim.accounts as accounts using (account_no)

        ),

        crowds as (

            select account_no, max(place) as people from sim.product_users group by account_no

        ),

        peopled as (

            select
                dealt.*,
                -- squaring makes the first users the busiest
                case
                    when story = 'champion_left' and happened_at >= story_on then 2 + floor(user_roll * user_roll * (people - 1))
                    else 1 + floor(user_roll * user_roll * people)
                end::integer as place,
                case story
                    when 'expansion' then 18 when 'stalling' then 8 when 'over_discounted' then 5 when 'silent_churn' then 7
                    when 'onboarding' then 6 else 14
                end as breadth

            from dealt

            inner join crowds using (account_no)

        ),

        events as (

            select
                account_no,
                usage_stream,
                lower(lpad(to_hex(hash(event_no)), 16, '0')) as event_id,
                {words.sql_list(words.FEATURES)}[1 + (account_no * 7 + floor(feature_roll * feature_roll * breadth)::integer) % {len(words.FEATURES)}] as event,
                place,
                -- a wrong clock puts some events days ahead of the day on which they were received
                case when oddity_roll < 0.0005
                    then happened_at + to_hours(30 + floor(oddity_roll * 1200000)::integer) else happened_at end as happened_at,
                happened_at + to_days(late_days::integer) + to_milliseconds(700 + floor(user_roll * 20000)::bigint) as received_at,
                oddity_roll >= 0.0005 and oddity_roll < 0.0025 as is_sent_twice

            from peopled

        ),

        onboarding as (

            select
                account_no,
                usage_stream,
                lower(lpad(to_hex(hash(-(account_no::bigint * 8 + step))), 16, '0')),
                event,
                1,
                done_at,
                done_at + interval '2 seconds',
                false

            from sim.onboarding_steps

            where done_at >= date '{month.first}' and done_at < date '{month.last}' + 1

        )

        select * from events
        union all
        select * from onboarding
        """
    )
    # What the streams say about the last five weeks, as anyone can count it today: late arrivals in, clock errors out.
    connection.execute(
        """
        insert into sim.recent_usage
        select account_no, happened_at::date, event_id
        from sim.month_events
        where happened_at >= sim.as_of() - 34 and happened_at < sim.as_of() + 1
        """
    )
    connection.execute(
        """
        insert into sim.event_oddities
        select event_id, account_no, 'sent_twice', happened_at, received_at from sim.month_events where is_sent_twice
        union all
        select event_id, account_no, 'ahead_of_clock', happened_at, received_at from sim.month_events where happened_at > received_at
        """
    )
