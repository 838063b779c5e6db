"""Who works at the sample company, whom it sells to, and what will become of each of them.

Makes sim.users, sim.accounts (with the story each account lives through), sim.account_parents, sim.account_owners and
sim.contacts. Under which names and ids other systems know an account is in identities.py; what accounts buy and do is elsewhere.
"""

from __future__ import annotations

import duckdb

from ingestion.sample import words
from ingestion.sample.identities import make_identities
from ingestion.sample.presets import Preset

# Share of accounts per story; the order matters only for the dice.
STORY_SHARES = {
    "prospect": 0.30,
    "healthy": 0.30,
    "stalling": 0.08,
    "silent_churn": 0.08,
    "champion_left": 0.06,
    "over_discounted": 0.05,
    "renewal_missed": 0.04,
    "expansion": 0.05,
    "onboarding": 0.04,
}

_LEGAL_FORMS = {
    "Germany": "GmbH", "France": "SAS", "United Kingdom": "Ltd", "Spain": "SL", "Netherlands": "BV", "Sweden": "AB",
    "Switzerland": "AG", "United States": "Inc.", "Canada": "Inc.", "Brazil": "Ltda", "Mexico": "SA de CV",
}  # fmt: skip


def make_people_and_accounts(connection: duckdb.DuckDBPyConnection, preset: Preset, *, seed: int) -> None:
    _make_users(connection, preset)
    _make_accounts(connection, preset, seed=seed)
    _make_account_owners(connection)
    # Contacts write from their company's domain, which identities may have two companies share.
    make_identities(connection)
    _make_contacts(connection)


def _make_users(connection: duckdb.DuckDBPyConnection, preset: Preset) -> None:
    reps = max(6, preset.accounts // 25)
    managers = -(-reps // 7)
    csms = max(4, preset.accounts // 40)
    owners = max(3, preset.accounts // 100)
    agents = max(5, preset.accounts // 60)
    connection.execute(
        f"""
        create table sim.users as
        with

        places as (

            select 1 as user_no, 'salesforce' as crm, 'vp' as role, null::integer as manager_no, 0 as place
            union all
            select 2, 'salesforce', 'csm_lead', 1, 0
            union all
            select 100 + place, 'salesforce', 'manager', 1, place from range(1, {managers} + 1) as places (place)
            union all
            select 10000 + place, 'salesforce', 'rep', 100 + 1 + (place - 1) % {managers}, place
            from range(1, {reps} + 1) as places (place)
            union all
            select 20000 + place, 'salesforce', 'csm', 2, place from range(1, {csms} + 1) as places (place)
            union all
            select 30000, 'hubspot', 'manager', null, 0
            union all
            select 30000 + place, 'hubspot', 'rep', 30000, place from range(1, {owners} + 1) as places (place)
            union all
            select 40000 + place, 'support', 'agent', null, place from range(1, {agents} + 1) as places (place)

        ),

        named as (

            select
                user_no::integer as user_no,
                crm,
                role,
                manager_no,
                place,
                sim.pick(sim.first_names(), 'user first name', user_no) as first_name,
                -- 37 and 64 share no divisor: people of one role do not share a last name before the 64th of them
                sim.last_names()[1 + (user_no * 37) % 64] as last_name,
                -- every fourth rep has left; the next one took over (see account owners)
                case when role = 'rep' and crm = 'salesforce' and place % 4 = 3 and place < {reps}
                    then sim.as_of() - sim.roll_int('user left', user_no, 100, 400) end as left_on

            from places

        )

        select
            user_no,
            crm,
            role,
            manager_no,
            place::integer as place,
            first_name,
            last_name,
            first_name || ' ' || last_name as name,
            sim.mail_name(first_name) || '.' || sim.mail_name(last_name) || user_no || '@{words.OWN_DOMAIN}' as email,
            left_on,
            sim.salesforce_id('005', 3000000 + user_no) as salesforce_id,
            (71000000 + user_no)::varchar as hubspot_id,
            (15000000 + user_no * 13)::bigint as support_id

        from named
        """
    )


def _make_accounts(connection: duckdb.DuckDBPyConnection, preset: Preset, *, seed: int) -> None:
    bounds, total = [], 0.0
    for story, share in STORY_SHARES.items():
        total += share
        bounds.append(f"when story_rank < {total:.4f} then '{story}'")
    stories = "\n                    ".join(bounds)
    legal_forms = " ".join(f"when '{country}' then '{form}'" for country, form in _LEGAL_FORMS.items())
    industries = " ".join(f"when '{kind}' then '{industry}'" for kind, industry in words.INDUSTRIES.items())
    reps = "(select count(*) from sim.users where crm = 'salesforce' and role = 'rep')"
    csms = "(select count(*) from sim.users where role = 'csm')"
    owners = "(select count(*) from sim.users where crm = 'hubspot' and role = 'rep')"
    connection.execute(
        f"""
        create table sim.accounts as
        with

        numbered as (

            select
                account_no::integer as account_no,
                -- an odd factor visits each of the 65,536 names once before any comes again
                (account_no * 40503 + {seed * 7919 % 65536}) % 65536 as name_no,
                (row_number() over (order by sim.roll('story', account_no), account_no) - 0.5) / {preset.accounts} as story_rank,
                (row_number() over (order by sim.roll('crm', account_no), account_no) - 0.5) / {preset.accounts} as crm_rank,
                (row_number() over (order by sim.roll('size', account_no), account_no) - 0.5) / {preset.accounts} as size_rank,
                row_number() over (order by sim.roll('currency', account_no), account_no) as currency_place

            from range(1, {preset.accounts} + 1) as accounts (account_no)

        ),

        placed as (

            select
                account_no,
                {words.sql_list(words.COMPANY_FIRST)}[1 + name_no // 1024]
                    || {words.sql_list(words.COMPANY_SECOND)}[1 + (name_no // 16) % 64] as brand,
                {words.sql_list(words.COMPANY_KINDS)}[1 + name_no % 16] as kind,
                case {stories} else 'onboarding' end as story,
                case when crm_rank < 0.75 then 'salesforce' when crm_rank < 0.90 then 'hubspot' else 'both' end as crm_place,
                case when size_rank < 0.12 then 'enterprise' when size_rank < 0.45 then 'mid_market' else 'small' end as segment,
                case when sim.roll('region', account_no) < 0.45 then 'emea' else 'americas' end as region,
                currency_place

            from numbered

        ),

        described as (

            select
                *,
                case region
                    when 'emea' then sim.pick({words.sql_list(words.COUNTRIES["emea"])}, 'country', account_no)
                    else sim.pick({words.sql_list(words.COUNTRIES["americas"])}, 'country', account_no)
                end as country,
                case segment
                    when 'enterprise' then sim.roll_int('seats', account_no, 120, 600)
                    when 'mid_market' then sim.roll_int('seats', account_no, 40, 140)
                    else sim.roll_int('seats', account_no, 8, 45)
                end as seats,
                -- weeks before today in which an account's usage began to fall, where that is its story
                case
                    when story in ('stalling', 'silent_churn') and sim.roll('decline is recent', account_no) < 0.5
                        then sim.roll_int('decline weeks', account_no, 2, 3)
                    when story = 'stalling' then sim.roll_int('decline weeks', account_no, 5, 12)
                    when story = 'silent_churn' then sim.roll_int('decline weeks', account_no, 7, 48)
                end as decline_weeks

            from placed

        ),

        dated as (

            select
                *,
                case
                    when story in ('stalling', 'silent_churn') then sim.as_of() + 1 - 7 * decline_weeks
                    when story = 'champion_left' then sim.as_of() - sim.roll_int('story day', account_no, 15, 150)
                    when story = 'renewal_missed' then sim.as_of() - sim.roll_int('story day', account_no, 15, 100)
                    when story = 'expansion' then sim.as_of() - sim.roll_int('story day', account_no, 20, 300)
                end::date as story_on,
                case when segment = 'enterprise' and sim.roll('term', account_no) < 0.4 then 24 else 12 end as term_months

            from described

        ),

        contracted as (

            select
                *,
                case story
                    when 'prospect' then null
                    when 'onboarding' then sim.as_of() - sim.roll_int('start', account_no, 10, 75)
                    when 'silent_churn' then story_on - sim.roll_int('start', account_no, 150, 900)
                    when 'expansion' then story_on - sim.roll_int('start', account_no, 100, 900)
                    when 'renewal_missed' then (story_on - to_months(term_months * sim.roll_int('start', account_no, 1, 2)))::date
                    else sim.as_of() - sim.roll_int('start', account_no, 170, 1500)
                end::date as contract_started_on,
                case story
                    when 'silent_churn' then story_on + sim.roll_int('cancel', account_no, 40, 80)
                end::date as cancelled_on

            from dated

        )

        select
            account_no,
            brand || ' ' || kind as name,
            brand || ' ' || kind || ' ' || case country {legal_forms} end as legal_name,
            sim.mail_name(brand) || '-' || lower(kind) || '.example' as domain,
            regexp_replace(upper(strip_accents(brand || '_' || kind)), '[^A-Z0-9_]', '', 'g') as realm,
            case kind {industries} end as industry,
            kind,
            story,
            segment,
            region,
            country,
            case
                -- a few pay in a currency that the CRM has no rates for
                when currency_place <= greatest(2, {preset.accounts} // 200) then 'CHF'
                when region = 'americas' then 'USD'
                when country = 'United Kingdom' or sim.roll('sterling', account_no) < 0.15 then 'GBP'
                else 'EUR'
            end as currency,
            crm_place <> 'hubspot' as in_salesforce,
            crm_place <> 'salesforce' as in_hubspot,
            crm_place,
            seats,
            term_months,
            story_on,
            contract_started_on,
            contract_started_on is not null as is_customer,
            cancelled_on,
            -- the service ends 30 days after the notice
            (cancelled_on + 30)::date as churned_on,
            case when story = 'silent_churn' then (story_on - sim.roll_int('milestone', account_no, 10, 25))::date end as milestone_due_on,
            case when story = 'silent_churn'
                then sim.pick(['Value never shown', 'Product not adopted', 'Budget cut'], 'churn reason', account_no) end as churn_reason,
            (seats * sim.roll_int('head count', account_no, 3, 12))::integer as employees,
            (seats * sim.roll_int('revenue', account_no, 400, 2600) * 1000)::bigint as annual_revenue,
            10000 + 1 + floor(sim.roll('owner', account_no) * {reps})::integer as first_owner_no,
            20000 + 1 + floor(sim.roll('csm', account_no) * {csms})::integer as csm_no,
            30000 + 1 + floor(sim.roll('hubspot owner', account_no) * {owners})::integer as hubspot_owner_no,
            sim.salesforce_id('001', 1000000 + account_no) as salesforce_id,
            (20500000000 + account_no * 17)::varchar as hubspot_id,
            case when crm_place = 'hubspot' then (20500000000 + account_no * 17)::varchar
                else sim.salesforce_id('001', 1000000 + account_no) end as crm_id,
            -- how the same company can be recognised elsewhere; each link is found by exactly the rule it names
            case
                when crm_place <> 'both' then null
                when sim.roll('hubspot link', account_no) < 0.35 then 'external_id_18'
                when sim.roll('hubspot link', account_no) < 0.55 then 'external_id_15'
                when sim.roll('hubspot link', account_no) < 0.85 then 'domain'
                else 'name_only'
            end as hubspot_link,
            case
                when crm_place = 'hubspot' and sim.roll('desk', account_no) < 0.6 then 'intercom'
                when crm_place = 'hubspot' then 'freshdesk'
                when segment = 'enterprise' and sim.roll('desk', account_no) < 0.3 then 'jira_service_management'
                else 'zendesk'
            end as desk,
            case
                when sim.roll('desk link', account_no) < 0.40 then 'external_id_18'
                when sim.roll('desk link', account_no) < 0.62 then 'external_id_15'
                when sim.roll('desk link', account_no) < 0.88 then 'domain'
                else 'name_only'
            end as desk_link_wish,
            case
                when sim.roll('stream', account_no) < 0.82 then 'segment'
                when sim.roll('stream', account_no) < 0.88 then 'posthog'
                when sim.roll('stream', account_no) < 0.94 then 'amplitude'
                else 'mixpanel'
            end as usage_stream,
            case
                when sim.roll('usage link', account_no) < 0.55 then 'external_id_18'
                when sim.roll('usage link', account_no) < 0.75 then 'external_id_15'
                else 'domain'
            end as usage_link_wish,
            case
                when sim.roll('billing link', account_no) < 0.60 then 'external_id_18'
                when sim.roll('billing link', account_no) < 0.88 then 'external_id_15'
                else 'name_only'
            end as billing_link_wish,
            (case story
                when 'healthy' then sim.roll_int('health', account_no, 74, 95)
                when 'expansion' then sim.roll_int('health', account_no, 82, 98)
                when 'onboarding' then sim.roll_int('health', account_no, 58, 80)
                when 'stalling' then sim.roll_int('health', account_no, 40, 60)
                when 'champion_left' then sim.roll_int('health', account_no, 45, 65)
                when 'over_discounted' then sim.roll_int('health', account_no, 48, 68)
                when 'renewal_missed' then sim.roll_int('health', account_no, 30, 55)
                when 'silent_churn' then sim.roll_int('health', account_no, 8, 30)
                else sim.roll_int('health', account_no, 50, 80)
            end) as health_score,
            case story
                when 'prospect' then sim.as_of() - sim.roll_int('account made', account_no, 60, 700)
                else contract_started_on - sim.roll_int('account made', account_no, 130, 300)
            end::date as created_on

        from contracted
        """
    )
    # An account under another one: mid-size and small ones below enterprises, some enterprises below an earlier one.
    connection.execute(
        """
        create table sim.account_parents as
        with

        groups as (

            select account_no, row_number() over (order by account_no) as place, count(*) over () as groups

            from sim.accounts

            where segment = 'enterprise' and in_salesforce

        ),

        children as (

            select
                account_no,
                segment,
                -- an enterprise's parent comes before it in the list, so that no circle can close
                1 + floor(sim.roll('parent', account_no) * case
                    when segment = 'enterprise' then greatest(1, (select place from groups where groups.account_no = accounts.account_no) - 1)
                    else (select max(place) from groups) end)::integer as parent_place

            from sim.accounts

            where in_salesforce
                and sim.roll('has parent', account_no) < case when segment = 'enterprise' then 0.25 else 0.12 end

        )

        select children.account_no, groups.account_no as parent_no

        from children

        inner join groups on groups.place = children.parent_place

        where groups.account_no < children.account_no or children.segment <> 'enterprise'
        """
    )


def _make_account_owners(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.account_owners as
        -- from_day is included, to_day is not
        select
            accounts.account_no,
            accounts.first_owner_no as owner_no,
            date '1970-01-01' as from_day,
            coalesce(owners.left_on, date '9999-12-31') as to_day

        from sim.accounts as accounts

        inner join sim.users as owners on owners.user_no = accounts.first_owner_no

        where accounts.in_salesforce

        union all

        select
            accounts.account_no,
            accounts.first_owner_no + 1,
            owners.left_on,
            date '9999-12-31'

        from sim.accounts as accounts

        inner join sim.users as owners on owners.user_no = accounts.first_owner_no

        where accounts.in_salesforce and owners.left_on is not null

        union all

        select account_no, hubspot_owner_no, date '1970-01-01', date '9999-12-31'

        from sim.accounts

        where not in_salesforce
        """
    )


def _make_contacts(connection: duckdb.DuckDBPyConnection) -> None:
    roles = words.sql_list(tuple(role for role, _ in words.CONTACT_ROLES))
    titles = words.sql_list(tuple(title for _, title in words.CONTACT_ROLES))
    connection.execute(
        f"""
        create table sim.contacts as
        with

        places as (

            select
                accounts.*,
                place::integer as place,
                (accounts.account_no * 16 + place)::bigint as contact_no

            from sim.accounts as accounts

            inner join range(1, 11) as places (place) on place <= case
                when not is_customer then sim.roll_int('contacts', account_no, 2, 4)
                when segment = 'enterprise' then sim.roll_int('contacts', account_no, 6, 10)
                when segment = 'mid_market' then sim.roll_int('contacts', account_no, 4, 7)
                else sim.roll_int('contacts', account_no, 3, 5)
            end

        ),

        named as (

            select
                *,
                sim.pick(sim.first_names(), 'contact first name', contact_no) as first_name,
                sim.pick(sim.last_names(), 'contact last name', contact_no) as last_name

            from places

        )

        select
            contact_no,
            account_no,
            place,
            first_name,
            last_name,
            sim.mail_name(first_name) || '.' || sim.mail_name(last_name) || place || '@' || domain as email,
            {titles}[place] as title,
            {roles}[place] as role,
            (created_on + sim.roll_int('contact made', contact_no, 0, 40))::date as created_on,
            case when story = 'champion_left' and place = 1 then story_on end as left_on,
            sim.salesforce_id('003', 2000000 + contact_no) as salesforce_id,
            (9900000000 + contact_no * 3)::varchar as hubspot_id,
            (380000000000 + contact_no * 7)::bigint as support_id,
            in_salesforce,
            in_hubspot

        from named
        """
    )
