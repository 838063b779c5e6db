"""What sales and customer success did: calls, mails, meetings, to-dos, the committee of each deal, and leads.

Makes sim.activities, sim.contact_roles and sim.leads. Only Salesforce exports activities, so only its accounts have any.
"""

from __future__ import annotations

import duckdb

from ingestion.sample import words
from ingestion.sample.presets import Preset

# The vendor moves activities older than this out of reach of exports.
ARCHIVED_AFTER_DAYS = 365


def make_activities(connection: duckdb.DuckDBPyConnection, preset: Preset, *, seed: int) -> None:
    _make_activities(connection)
    _make_contact_roles(connection)
    _make_leads(connection, preset, seed=seed)


def _make_activities(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"""
        create table sim.activities as
        with

        weeks as (

            -- counted back from today, week 0 being the one that begins tomorrow
            select week_no::integer as week_no, (sim.as_of() + 1 - 7 * week_no::integer)::date as starts_on

            from range(0, 79) as weeks (week_no)

        ),

        deal_slots as (

            select
                1 as source,
                deals.account_no,
                deals.deal_no,
                deals.deal_no::bigint * 10000 + weeks.week_no * 10 + slot as slot_no,
                weeks.starts_on

            from sim.deals as deals

            inner join weeks
                on weeks.starts_on + 6 >= deals.created_on
                and weeks.starts_on <= coalesce(deals.closed_on, least(sim.as_of() + 7, deals.stage_since + 21))

            cross join range(0, 2) as slots (slot)

            where deals.crm = 'salesforce'
                and deals.source <> 5
                and coalesce(deals.part, '') <> 'never_changed'
                and sim.roll('deal activity', deals.deal_no::bigint * 10000 + weeks.week_no * 10 + slot) < 0.55

        ),

        account_slots as (

            select
                2 as source,
                accounts.account_no,
                null::integer as deal_no,
                accounts.account_no::bigint * 10000 + weeks.week_no * 10 as slot_no,
                weeks.starts_on

            from sim.accounts as accounts

            inner join weeks
                on weeks.starts_on >= accounts.contract_started_on
                and (accounts.churned_on is null or weeks.starts_on < accounts.churned_on)

            where accounts.in_salesforce
                and sim.roll('account activity', accounts.account_no::bigint * 10000 + weeks.week_no * 10) < case
                    when accounts.story = 'expansion' then 0.65
                    when accounts.story = 'onboarding' then 0.90
                    when accounts.story in ('stalling', 'silent_churn') and weeks.starts_on >= accounts.story_on - 14 then 0.04
                    when accounts.story = 'renewal_missed' then 0.12
                    when accounts.story = 'champion_left' and weeks.starts_on >= accounts.story_on then 0.15
                    else 0.45
                end

        ),

        slots as (

            select * from deal_slots
            union all
            select * from account_slots

        ),

        crowds as (

            select account_no, max(place) as people from sim.contacts group by account_no

        ),

        dealt as (

            select
                slots.source,
                slots.account_no,
                slots.deal_no,
                slots.slot_no * 2 + slots.source - 1 as dice_no,
                sim.working_day((slots.starts_on + sim.roll_int('activity day', slots.slot_no * 2 + slots.source - 1, 0, 6))::date) as on_date,
                sim.roll('activity kind', slots.slot_no * 2 + slots.source - 1) as kind_roll,
                -- the first contact is the champion, who cannot be met after having left
                1 + floor(sim.roll('activity contact', slots.slot_no * 2 + slots.source - 1) * crowds.people)::integer as wished_place,
                accounts.story,
                accounts.story_on,
                accounts.csm_no,
                accounts.created_on as account_created_on

            from slots

            inner join sim.accounts as accounts using (account_no)

            inner join crowds using (account_no)

        ),

        kinds as (

            select
                *,
                case when kind_roll < 0.32 then 'call' when kind_roll < 0.68 then 'email' when kind_roll < 0.90 then 'meeting' else 'to_do' end as kind,
                case when story = 'champion_left' and on_date >= story_on and wished_place = 1 then 2 else wished_place end as place

            from dealt

        ),

        timed as (

            select
                *,
                case when kind in ('call', 'email') then sim.office_time(on_date, 'activity time', dice_no)
                    else sim.office_time((on_date - sim.roll_int('activity notice', dice_no, 3, 12))::date, 'activity time', dice_no) end as created_at,
                case
                    when kind = 'call' or kind = 'email' then sim.office_time(on_date, 'activity time', dice_no)
                    when kind = 'to_do' and sim.roll('to-do done', dice_no) < 0.88
                        then sim.office_time((on_date + sim.roll_int('to-do delay', dice_no, -2, 5))::date, 'to-do time', dice_no)
                end as completed_at

            from kinds

        ),

        milestones as (

            select
                3 as source,
                account_no,
                null::integer as deal_no,
                account_no::bigint as dice_no,
                'milestone' as kind,
                2 as place,
                coalesce(milestone_due_on, contract_started_on + 60)::date as on_date,
                sim.office_time((coalesce(milestone_due_on, contract_started_on + 60) - 45)::date, 'milestone made', account_no) as created_at,
                case when story <> 'silent_churn' then
                    sim.office_time((contract_started_on + 60 + sim.roll_int('milestone met', account_no, -15, 3))::date, 'milestone time', account_no)
                end as completed_at,
                csm_no,
                'Milestone: first business value' as subject

            from sim.accounts

            where in_salesforce and is_customer and coalesce(milestone_due_on, contract_started_on + 60) >= sim.first_day()

        ),

        departures as (

            select
                4,
                account_no,
                null::integer,
                account_no::bigint,
                'to_do',
                2,
                (story_on + 12)::date,
                sim.office_time((story_on + 4)::date, 'departure noted', account_no),
                null::timestamp,
                csm_no,
                'Champion has left: find a successor'

            from sim.accounts

            where story = 'champion_left' and in_salesforce

        ),

        activities as (

            select
                source,
                account_no,
                deal_no,
                dice_no,
                kind,
                place,
                on_date,
                created_at,
                completed_at,
                csm_no,
                case kind
                    when 'call' then sim.pick({words.sql_list(words.CALL_SUBJECTS)}, 'subject', dice_no)
                    when 'email' then sim.pick({words.sql_list(words.EMAIL_SUBJECTS)}, 'subject', dice_no)
                    when 'meeting' then sim.pick({words.sql_list(words.MEETING_SUBJECTS)}, 'subject', dice_no)
                    else 'Follow up'
                end as subject

            from timed

            where created_at >= account_created_on

            union all

            select * from milestones

            union all

            select * from departures

        )

        select
            row_number() over (order by activities.created_at, activities.source, activities.dice_no)::bigint as activity_no,
            activities.source,
            activities.account_no,
            activities.deal_no,
            activities.dice_no,
            activities.kind,
            activities.place,
            activities.on_date,
            activities.created_at,
            case when activities.completed_at < sim.as_of() + 1 then activities.completed_at end as completed_at,
            activities.subject,
            -- what is about a customer and no deal is mostly the success manager's; the rest is the owner's of that day
            case when activities.source in (3, 4) or (activities.source = 2 and sim.roll('by csm', activities.dice_no) < 0.65)
                then activities.csm_no else spans.owner_no end as owner_no

        from activities

        left join sim.account_owners as spans
            on spans.account_no = activities.account_no
            and activities.created_at >= spans.from_day
            and activities.created_at < spans.to_day

        where activities.created_at < sim.as_of() + 1
        """
    )


def _make_contact_roles(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.contact_roles as
        select
            deals.deal_no,
            contacts.contact_no,
            contacts.place,
            contacts.role,
            greatest(deals.created_on, contacts.created_on) + least(
                contacts.place * 6, coalesce(deals.closed_on, sim.as_of()) - greatest(deals.created_on, contacts.created_on)
            )::integer as added_on

        from sim.deals as deals

        inner join sim.contacts as contacts using (account_no)

        where deals.crm = 'salesforce'
            and contacts.created_on <= coalesce(deals.closed_on, sim.as_of())
            -- a committee grows with the deal; one deal in ten never got past its first contact
            and contacts.place <= case
                when sim.roll('single thread', deals.deal_no) < 0.10 then 1
                when deals.stage in ('qualification', 'discovery') then 2
                when deals.stage in ('solution', 'unmapped') then 4
                else 6
            end
            and sim.roll('has role', deals.deal_no::bigint * 16 + contacts.place) < 0.92
        """
    )


def _make_leads(connection: duckdb.DuckDBPyConnection, preset: Preset, *, seed: int) -> None:
    connection.execute(
        f"""
        create table sim.leads as
        with

        converted as (

            select
                deals.deal_no::bigint as lead_no,
                accounts.name as company,
                contacts.first_name,
                contacts.last_name,
                contacts.email,
                contacts.title,
                (deals.created_on - sim.roll_int('lead age', deals.deal_no, 2, 25))::date as created_on,
                deals.created_on as converted_on,
                deals.salesforce_id as deal_id,
                accounts.salesforce_id as account_id,
                contacts.salesforce_id as contact_id,
                accounts.first_owner_no as owner_no,
                accounts.employees,
                accounts.country

            from sim.deals as deals

            inner join sim.accounts as accounts using (account_no)

            inner join sim.contacts as contacts on contacts.account_no = deals.account_no and contacts.place = 1

            where deals.crm = 'salesforce'
                and deals.kind = 'new'
                and deals.created_on >= sim.first_day()
                and accounts.account_no not in (select account_no from sim.account_casts)
                and sim.roll('came as lead', deals.deal_no) < 0.6

        ),

        cold as (

            select
                10000000 + place as lead_no,
                -- names from the far end of the list, which no account of the largest company reaches
                {words.sql_list(words.COMPANY_FIRST)}[1 + name_no // 1024]
                    || {words.sql_list(words.COMPANY_SECOND)}[1 + (name_no // 16) % 64] || ' '
                    || {words.sql_list(words.COMPANY_KINDS)}[1 + name_no % 16] as company,
                sim.pick(sim.first_names(), 'lead first name', place) as first_name,
                sim.pick(sim.last_names(), 'lead last name', place) as last_name,
                place

            from (
                select place, ((60000 + place % 5000) * 40503 + {seed * 7919 % 65536}) % 65536 as name_no
                from range(0, {preset.accounts * 7 // 10}) as places (place)
            )

        ),

        leads as (

            select * from converted

            union all

            select
                lead_no,
                company,
                first_name,
                last_name,
                sim.mail_name(first_name) || '.' || sim.mail_name(last_name) || '@' || sim.mail_name(company) || '.example',
                sim.pick(['Head of Operations', 'Operations Analyst', 'Student', 'Chief Financial Officer', 'IT Manager'], 'lead title', lead_no),
                (sim.first_day() + floor(sim.roll('lead made', lead_no) * (sim.as_of() - sim.first_day()))::integer)::date,
                null,
                null,
                null,
                null,
                10000 + 1 + floor(sim.roll('lead owner', lead_no) * (select count(*) from sim.users where crm = 'salesforce' and role = 'rep'))::integer,
                sim.roll_int('lead employees', lead_no, 5, 3000),
                sim.pick({words.sql_list(words.COUNTRIES["emea"] + words.COUNTRIES["americas"])}, 'lead country', lead_no)

            from cold

        )

        select
            leads.*,
            sim.office_time(created_on, 'lead time', lead_no) as created_at,
            case when sim.roll('lead touched', lead_no) < 0.75 then created_on + sim.roll_int('lead reply', lead_no, 0, 9) end::date as touched_on,
            sim.pick({words.sql_list(words.LEAD_SOURCES)}, 'lead source', lead_no) as lead_source,
            sim.roll('lead rating', lead_no) as rating_roll,
            sim.salesforce_id('00Q', 5000000 + lead_no % 20000000) as salesforce_id,
            sim.salesforce_id15('00Q', 5000000 + lead_no % 20000000) as salesforce_id15

        from leads
        """
    )
