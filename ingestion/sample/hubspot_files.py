"""The HubSpot exports of the acquired business unit: API pages in JSON, a contact list as the portal exports it in CSV."""

from __future__ import annotations

from datetime import date

import duckdb

from ingestion.sample.landing_files import LandingFiles
from ingestion.sample.presets import Period, Timeline
from ingestion.sample.stages import HUBSPOT_RENEWAL_PIPELINE

FOLDER = "hubspot/acquired"
TIMEZONE = "America/New_York"
INSTANCE_SETTINGS = f"""# The portal's CSV exports write the wall clock of the office that ran them.
timezone: {TIMEZONE}
""".encode()


def write_hubspot(connection: duckdb.DuckDBPyConnection, files: LandingFiles, line: Timeline) -> None:
    _make_merges(connection)
    _make_archived_deals(connection)
    files.text(f"{FOLDER}/instance.yml", INSTANCE_SETTINGS, delivered_on=line.as_of, table=None)
    for day in line.deliveries:
        _write_deals(files, day)
        # The last export of companies comes in two files, as a paged export does: together they are one delivery.
        _write_companies(files, day, parts=2 if day == line.as_of else 1)
        _write_contacts(files, day)
        _write_owners(files, day)
        _write_stages(files, day, is_first=day == line.deliveries[0])
    for span in line.changes:
        _write_property_histories(files, span)


def _make_merges(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.hubspot_merges as
        -- records that were merged away: the winner lists their ids, they themselves are gone
        with

        deals as (

            select 'deal' as kind, deal_no as winner_no, (31900000000 + deal_no * 11)::varchar as loser_id, hubspot_id as winner_id

            from sim.deals

            where crm = 'hubspot' and created_on < sim.first_delivery() - 20

            qualify row_number() over (order by sim.roll('hubspot merge', deal_no), deal_no) <= greatest(2, count(*) over () // 100)

        ),

        companies as (

            select 'company', account_no, (20700000000 + account_no * 17)::varchar, hubspot_id

            from sim.accounts

            where crm_place = 'hubspot'

            qualify row_number() over (order by sim.roll('hubspot merge', account_no), account_no) <= greatest(2, count(*) over () // 100)

        )

        select *, sim.first_delivery()::timestamp + interval '60 hours' as merged_at from deals
        union all
        select *, sim.first_delivery()::timestamp + interval '61 hours' from companies
        """
    )


def _make_archived_deals(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table sim.hubspot_archives as
        -- lost deals that somebody tidied away: exported with their mark, and without a new modification date
        select deal_no, sim.first_delivery()::timestamp + interval '50 hours' as archived_at

        from sim.deals

        where crm = 'hubspot'
            and outcome in ('lost', 'no_decision')
            and closed_on < sim.first_delivery()
            and deal_no not in (select winner_no from sim.hubspot_merges where kind = 'deal')

        qualify row_number() over (order by sim.roll('hubspot archive', deal_no), deal_no) <= greatest(2, count(*) over () // 20)
        """
    )


def _write_deals(files: LandingFiles, day: date) -> None:
    files.json_document(
        f"{FOLDER}/deals_{day}.json",
        f"""
        with

        states as (

            select
                deal_no,
                arg_max(stage, change_no) as stage,
                arg_max(stage_name, change_no) as stage_id,
                arg_max(probability, change_no) as probability,
                arg_max(amount, change_no) as amount,
                arg_max(close_date, change_no) as close_date,
                arg_max(owner_no, change_no) as owner_no,
                max(changed_at) as changed_at

            from sim.deal_states

            where crm = 'hubspot' and changed_at < date '{day}' + 1

            group by deal_no

        ),

        deals as (

            select
                deals.hubspot_id as id,
                deals.deal_no,
                deals.name,
                deals.pipeline,
                deals.kind,
                deals.has_poc,
                deals.account_no,
                companies.segment,
                deals.currency,
                deals.loss_reason,
                deals.next_step,
                deals.lead_source,
                states.* exclude (deal_no),
                owners.hubspot_id as owner_id,
                companies.hubspot_id as company_id,
                contacts.hubspot_id as contact_id,
                merges.loser_id,
                merges.merged_at,
                case when archives.archived_at < date '{day}' + 1 then archives.archived_at end as archived_at,
                (select min(changed_at) from sim.deal_changes as changes where changes.deal_no = deals.deal_no) as created_at

            from states

            inner join sim.deals as deals using (deal_no)

            inner join sim.accounts as companies using (account_no)

            inner join sim.users as owners on owners.user_no = states.owner_no

            left join sim.contacts as contacts on contacts.account_no = deals.account_no and contacts.place = 1

            left join sim.hubspot_merges as merges on merges.kind = 'deal' and merges.winner_no = deals.deal_no

            left join sim.hubspot_archives as archives on archives.deal_no = deals.deal_no

        ),

        records as (

            select * exclude (loser_id, merged_at),
                case when merged_at < date '{day}' + 1 then loser_id end as merged_ids,
                greatest(changed_at, case when merged_at < date '{day}' + 1 then merged_at end) as modified_at

            from deals

            union all

            -- the duplicate, as long as it was there
            select * exclude (loser_id, merged_at) replace (loser_id as id, name || ' (copy)' as name), null, changed_at

            from deals

            where merged_at >= date '{day}' + 1

        )

        select
            id,
            {{
                'hs_object_id': id,
                'dealname': name,
                'pipeline': pipeline,
                'dealstage': stage_id,
                'dealtype': case kind when 'new' then 'newbusiness' else 'existingbusiness' end,
                'amount': amount::varchar,
                'deal_currency_code': currency,
                'hs_deal_stage_probability': probability::varchar,
                -- a day without a time is written as midnight UTC, which is the evening before in New York
                'closedate': strftime(close_date, '%Y-%m-%dT00:00:00Z'),
                'createdate': sim.utc_text(created_at),
                'hs_lastmodifieddate': sim.utc_text(modified_at),
                'hubspot_owner_id': owner_id,
                'hs_is_closed': (stage in ('won', 'lost', 'no_decision'))::varchar,
                'hs_is_closed_won': (stage = 'won')::varchar,
                'closed_lost_reason': case when stage in ('lost', 'no_decision') then loss_reason end,
                'hs_next_step': next_step,
                'engagement_track': coalesce(sim.deal_track(has_poc, stage), sim.account_track(segment, account_no)),
                'hs_analytics_source': upper(lead_source),
                'hs_merged_object_ids': merged_ids
            }} as properties,
            {{
                'companies': {{'results': [{{'id': company_id, 'type': 'deal_to_company'}}]}},
                'contacts': {{'results': [{{'id': contact_id, 'type': 'deal_to_contact'}}]}}
            }} as associations,
            sim.utc_text(created_at) as "createdAt",
            sim.utc_text(modified_at) as "updatedAt",
            archived_at is not null as archived,
            sim.utc_text(archived_at) as "archivedAt"

        from records
        """,
        "id",
        delivered_on=day,
        table="hubspot__deals",
        records_at="results",
    )


def _write_companies(files: LandingFiles, day: date, *, parts: int) -> None:
    files.json_document(
        f"{FOLDER}/companies_{day}.json",
        f"""
        with

        companies as (

            select
                accounts.account_no,
                accounts.hubspot_id as id,
                accounts.name,
                -- where the name is all there is, there is no domain either
                case when links.rule = 'name_only' then null else accounts.domain end as domain,
                links.external_id,
                upper(accounts.industry) as industry,
                accounts.employees,
                accounts.annual_revenue,
                accounts.country,
                accounts.segment,
                case
                    when accounts.churned_on <= date '{day}' then 'other'
                    when accounts.contract_started_on <= date '{day}' then 'customer'
                    else 'opportunity'
                end as lifecycle_stage,
                owners.hubspot_id as owner_id,
                sim.office_time(accounts.created_on, 'company time', accounts.account_no) as created_at,
                merges.loser_id,
                merges.merged_at

            from sim.accounts as accounts

            inner join sim.users as owners on owners.user_no = accounts.hubspot_owner_no

            left join sim.links as links on links.account_no = accounts.account_no and links.place = 'hubspot'

            left join sim.hubspot_merges as merges on merges.kind = 'company' and merges.winner_no = accounts.account_no

            where accounts.in_hubspot and accounts.created_on <= date '{day}'

            union all

            select
                account_no, namesakes.hubspot_id, namesakes.name, namesakes.domain, null, 'SERVICES', 40, 900000, 'Canada', 'small', 'lead',
                (select min(hubspot_id) from sim.users where crm = 'hubspot'),
                sim.first_day()::timestamp + interval '10 hours', null, null

            from sim.namesakes as namesakes

        ),

        records as (

            select * exclude (loser_id, merged_at),
                case when merged_at < date '{day}' + 1 then loser_id end as merged_ids,
                greatest(created_at, case when merged_at < date '{day}' + 1 then merged_at end) as modified_at

            from companies

            union all

            select * exclude (loser_id, merged_at) replace (loser_id as id, lower(name) as name, null as domain), null, created_at

            from companies

            where merged_at >= date '{day}' + 1

        )

        select
            id,
            {{
                'hs_object_id': id,
                'name': name,
                'domain': domain,
                'salesforceaccountid': external_id,
                'industry': industry,
                'numberofemployees': employees::varchar,
                'annualrevenue': annual_revenue::varchar,
                'country': country,
                'lifecyclestage': lifecycle_stage,
                'engagement_track': case when lifecycle_stage in ('customer', 'other') then sim.account_track(segment, account_no) end,
                'hubspot_owner_id': owner_id,
                'hs_merged_object_ids': merged_ids,
                'createdate': sim.utc_text(created_at),
                'hs_lastmodifieddate': sim.utc_text(modified_at)
            }} as properties,
            sim.utc_text(created_at) as "createdAt",
            sim.utc_text(modified_at) as "updatedAt",
            false as archived

        from records
        """,
        "id",
        delivered_on=day,
        table="hubspot__companies",
        records_at="results",
        always_in_parts=parts,
    )


def _write_contacts(files: LandingFiles, day: date) -> None:
    files.csv(
        f"{FOLDER}/hubspot-crm-exports-all-contacts-{day}.csv",
        f"""
        select
            contacts.hubspot_id as "Record ID",
            contacts.first_name as "First Name",
            contacts.last_name as "Last Name",
            contacts.email as "Email",
            contacts.title as "Job Title",
            accounts.name as "Company Name",
            accounts.hubspot_id as "Associated Company IDs (Primary)",
            upper(replace(contacts.role, ' ', '_')) as "Buying Role",
            owners.first_name || ' ' || owners.last_name as "Contact owner",
            owners.hubspot_id as "Contact owner ID",
            'No' as "Unsubscribed from all email",
            strftime(
                timezone('{TIMEZONE}', timezone('UTC', sim.office_time(contacts.created_on, 'contact time', contacts.contact_no))),
                '%Y-%m-%d %H:%M'
            ) as "Create Date",
            strftime(
                timezone('{TIMEZONE}', timezone('UTC', sim.office_time(contacts.created_on, 'contact time', contacts.contact_no))),
                '%Y-%m-%d %H:%M'
            ) as "Last Modified Date"

        from sim.contacts as contacts

        inner join sim.accounts as accounts using (account_no)

        inner join sim.users as owners on owners.user_no = accounts.hubspot_owner_no

        where contacts.in_hubspot and contacts.created_on <= date '{day}'
        """,
        '"Record ID"',
        delivered_on=day,
        table="hubspot__contacts",
    )


def _write_owners(files: LandingFiles, day: date) -> None:
    files.json_document(
        f"{FOLDER}/owners_{day}.json",
        """
        select
            hubspot_id as id,
            email,
            'PERSON' as type,
            first_name as "firstName",
            last_name as "lastName",
            (hubspot_id::bigint - 60000000) as "userId",
            [{'id': '5501', 'name': 'Acquired unit', 'primary': true}] as teams,
            sim.utc_text(sim.first_day()::timestamp - interval '300 days') as "createdAt",
            sim.utc_text(sim.first_day()::timestamp - interval '300 days') as "updatedAt",
            false as archived

        from sim.users

        where crm = 'hubspot'
        """,
        "id",
        delivered_on=day,
        table="hubspot__owners",
        records_at="results",
    )


def _write_stages(files: LandingFiles, day: date, *, is_first: bool) -> None:
    """One label changes after the first export, and one stage is taken out while deals are still in it."""
    was_first = str(is_first).lower()
    files.json_document(
        f"{FOLDER}/pipeline_stages_{day}.json",
        f"""
        select
            name as id,
            pipeline as "pipelineId",
            case pipeline when '{HUBSPOT_RENEWAL_PIPELINE}' then 'Renewals' else 'Sales' end as "pipelineLabel",
            case
                when {was_first} and policy_stage = 'solution' and pipeline = 'default' then 'Presentation Scheduled'
                when policy_stage = 'unmapped' then 'Budget Check'
                else label
            end as label,
            place as "displayOrder",
            {{
                'probability': probability::varchar,
                'isClosed': (policy_stage in ('won', 'lost', 'no_decision'))::varchar
            }} as metadata,
            sim.utc_text(sim.first_day()::timestamp) as "createdAt",
            sim.utc_text(case when not {was_first} and policy_stage = 'solution' then sim.first_delivery()::timestamp + interval '40 hours'
                else sim.first_day()::timestamp end) as "updatedAt",
            false as archived

        from sim.stage_names

        where crm = 'hubspot' and ({was_first} or policy_stage <> 'unmapped')
        """,
        '"pipelineId", id',
        delivered_on=day,
        table="hubspot__pipeline_stages",
        records_at="results",
    )


def _write_property_histories(files: LandingFiles, span: Period) -> None:
    files.json_lines(
        f"{FOLDER}/property_histories_{span.label}.jsonl",
        f"""
        with

        changed as (

            select * from sim.deal_states
            where crm = 'hubspot' and changed_at >= sim.tracking_since()
                and changed_at >= date '{span.first}' and changed_at < date '{span.last}' + 1

        ),

        properties as (

            select deal_no, changed_at, owner_no, 'dealstage' as property, stage_name as value
            from changed where stage is distinct from previous_stage
            union all
            select deal_no, changed_at, owner_no, 'amount', amount::varchar
            from changed where amount is distinct from previous_amount
            union all
            select deal_no, changed_at, owner_no, 'closedate', strftime(close_date, '%Y-%m-%dT00:00:00Z')
            from changed where close_date is distinct from previous_close_date
            union all
            select changed.deal_no, changed_at, owner_no, 'hubspot_owner_id', users.hubspot_id
            from changed inner join sim.users as users on users.user_no = changed.owner_no
            where owner_no is distinct from previous_owner_no

        )

        select
            'DEAL' as "objectType",
            deals.hubspot_id as "objectId",
            properties.property,
            properties.value,
            sim.utc_text(properties.changed_at) as "timestamp",
            'CRM_UI' as "sourceType",
            'userId:' || properties.owner_no as "sourceId"

        from properties

        inner join sim.deals as deals using (deal_no)
        """,
        '"objectId", property, "timestamp"',
        delivered_on=span.last,
        table="hubspot__property_histories",
    )
