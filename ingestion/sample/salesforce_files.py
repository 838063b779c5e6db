"""The Salesforce exports: Data Export CSV, Bulk CSV with #N/A, and one report with 15-character ids and footer lines.

Reads the simulation and writes files; plants nothing that the simulation does not know, except where a vendor's own habits
(15-day recycle bin, archived activities) decide what an export holds.
"""

from __future__ import annotations

from datetime import date

import duckdb

from ingestion.sample.activities import ARCHIVED_AFTER_DAYS
from ingestion.sample.landing_files import LandingFiles
from ingestion.sample.presets import Period, Timeline, month_spans

FOLDER = "salesforce/main"
INSTANCE_SETTINGS = b"""# Reports of this organisation are run by people in the United States.
date_layouts: ["%m/%d/%Y", "%m/%d/%Y, %I:%M %p"]
"""
RECYCLE_BIN_DAYS = 15


def write_salesforce(files: LandingFiles, line: Timeline) -> None:
    files.text(f"{FOLDER}/instance.yml", INSTANCE_SETTINGS, delivered_on=line.as_of, table=None)
    for place, day in enumerate(line.deliveries):
        _write_accounts(files, day, place)
        _write_opportunities(files, day, is_last=day == line.as_of)
        _write_contacts(files, day, place)
        _write_contact_roles(files, day)
        _write_leads(files, day)
        _write_tasks(files, day)
        _write_events(files, day)
        _write_users(files, day, place)
        _write_rates(files, day)
    for span in month_spans(line, open_start=True):
        _write_opportunity_histories(files, span)
    for span in line.changes:
        _write_field_histories(files, span)


def _write_accounts(files: LandingFiles, day: date, place: int) -> None:
    # The export's columns drift as they do when administrators tidy up: one is renamed, one added, one removed.
    employees = "NumberOfEmployees" if place == 0 else "Employees"
    score = "" if place == 0 else "(sim.roll_int('icp', account_no, 1, 100))::varchar as \"ICP_Score__c\","
    source = "" if place == 2 else 'lead_source as "AccountSource",'
    files.csv(
        f"{FOLDER}/Account_{day}.csv",
        f"""
        with

        activities as (

            select account_no, max(on_date) as last_on

            from sim.activities

            where created_at < date '{day}' + 1 and on_date <= date '{day}' and on_date > date '{day}' - {ARCHIVED_AFTER_DAYS}

            group by account_no

        ),

        records as (

            select
                records.*,
                accounts.created_on as account_created_on,
                accounts.contract_started_on,
                accounts.churned_on,
                accounts.industry,
                accounts.employees,
                accounts.annual_revenue,
                accounts.domain,
                accounts.country,
                accounts.currency,
                accounts.segment,
                activities.last_on,
                spans.from_day as owner_since,
                owners.salesforce_id as owner_id,
                parents.salesforce_id as parent_id,
                sim.pick(['Web', 'Referral', 'Event', 'Outbound', 'Partner'], 'account source', accounts.account_no) as lead_source,
                records.copy = 0 and coalesce(casts.part, '') = '' and sim.roll('name typed wrong', accounts.account_no) < 0.03 as was_misspelt

            from sim.salesforce_accounts as records

            inner join sim.accounts as accounts using (account_no)

            left join sim.account_casts as casts using (account_no)

            left join activities on activities.account_no = records.account_no and records.copy = 0

            left join sim.account_owners as spans
                on spans.account_no = records.account_no and date '{day}' >= spans.from_day and date '{day}' < spans.to_day

            left join sim.users as owners on owners.user_no = spans.owner_no

            left join sim.account_parents as parented on parented.account_no = records.account_no and records.copy = 0

            left join sim.accounts as parents on parents.account_no = parented.parent_no

        ),

        stamped as (

            select
                *,
                merged_at < date '{day}' + 1 as is_merged,
                coalesce(deleted_at < date '{day}' + 1, false) and not coalesce(restored_at < date '{day}' + 1, false) as is_in_bin,
                greatest(
                    sim.office_time(least(created_on, account_created_on), 'account time', account_no),
                    case when contract_started_on <= date '{day}' then contract_started_on::timestamp + interval '9 hours' end,
                    case when churned_on <= date '{day}' then churned_on::timestamp + interval '9 hours' end,
                    case when owner_since > date '1970-01-01' then owner_since::timestamp + interval '7 hours 30 minutes' end,
                    case when merged_at < date '{day}' + 1 then merged_at end,
                    case when deleted_at < date '{day}' + 1 then deleted_at end,
                    case when restored_at < date '{day}' + 1 then restored_at end,
                    case when was_misspelt and date '{day}' > sim.first_delivery() then sim.first_delivery()::timestamp + interval '36 hours' end
                ) as modified_at

            from records

        )

        select
            salesforce_id as "Id",
            (coalesce(is_merged, false) or is_in_bin)::varchar as "IsDeleted",
            case when is_merged then merged_into_id end as "MasterRecordId",
            case when was_misspelt and date '{day}' <= sim.first_delivery() then upper(name) else name end as "Name",
            case
                when churned_on <= date '{day}' then 'Former Customer'
                when contract_started_on <= date '{day}' then 'Customer'
                else 'Prospect'
            end as "Type",
            parent_id as "ParentId",
            industry as "Industry",
            annual_revenue::varchar as "AnnualRevenue",
            employees::varchar as "{employees}",
            'https://www.' || domain as "Website",
            country as "BillingCountry",
            currency as "CurrencyIsoCode",
            case when contract_started_on <= date '{day}' then sim.track_label(sim.account_track(segment, account_no)) end as "Engagement_Track__c",
            {source}
            {score}
            owner_id as "OwnerId",
            strftime(last_on, '%Y-%m-%d') as "LastActivityDate",
            sim.utc_text(sim.office_time(least(created_on, account_created_on), 'account time', account_no)) as "CreatedDate",
            sim.utc_text(modified_at) as "LastModifiedDate",
            sim.utc_text(modified_at) as "SystemModstamp"

        from stamped

        where least(created_on, account_created_on) <= date '{day}'
            and (unseen_from is null or unseen_from > date '{day}')
            -- the recycle bin is emptied after 15 days, and then nothing says that the record ever was
            and coalesce(not (is_merged and merged_at < date '{day}' - {RECYCLE_BIN_DAYS}), true)
            and coalesce(not (is_in_bin and deleted_at < date '{day}' - {RECYCLE_BIN_DAYS}), true)
        """,
        '"Id"',
        delivered_on=day,
        table="salesforce__accounts",
    )


def _write_opportunities(files: LandingFiles, day: date, *, is_last: bool) -> None:
    files.csv(
        f"{FOLDER}/Opportunity_{day}.csv",
        f"""
        with

        states as (

            select
                deal_no,
                arg_max(stage, change_no) as stage,
                arg_max(stage_name, change_no) as stage_name,
                arg_max(probability, change_no) as probability,
                arg_max(amount, change_no) as amount,
                arg_max(close_date, change_no) as close_date,
                arg_max(owner_no, change_no) as owner_no,
                max(changed_at) as changed_at,
                max(changed_at) filter (where kind = 'stage') as stage_changed_at,
                count(*) filter (where kind = 'close_date' and date_trunc('month', close_date) > date_trunc('month', previous_close_date)) as push_count

            from sim.deal_states

            where crm = 'salesforce' and changed_at < date '{day}' + 1

            group by deal_no

        ),

        activities as (

            select deal_no, max(on_date) as last_on

            from sim.activities

            where deal_no is not null
                and created_at < date '{day}' + 1 and on_date <= date '{day}' and on_date > date '{day}' - {ARCHIVED_AFTER_DAYS}

            group by deal_no

        ),

        duplicates as (

            -- the account's duplicate that half of its deals hung on until the merge moved them
            select account_no, arg_min(salesforce_id, merged_at) as salesforce_id

            from sim.salesforce_accounts

            where copy > 0 and merged_at >= date '{day}' + 1

            group by account_no

        ),

        deals as (

            select
                deals.*,
                states.stage as stage_then,
                states.stage_name,
                states.amount as amount_then,
                states.close_date,
                states.changed_at,
                states.stage_changed_at,
                states.push_count,
                owners.salesforce_id as owner_id,
                accounts.salesforce_id as account_id,
                accounts.segment,
                duplicates.salesforce_id as duplicate_id,
                contacts.salesforce_id as contact_id,
                names.forecast_category,
                case
                    when deals.part = 'probability_1000' and {str(is_last).lower()} then 1000
                    when deals.part = 'probability_as_ratio' and {str(is_last).lower()} then states.probability
                    else states.probability * 100
                end as probability_pct,
                states.probability,
                activities.last_on,
                coalesce(deals.deleted_at < date '{day}' + 1, false) and not coalesce(deals.restored_at < date '{day}' + 1, false) as is_in_bin

            from states

            inner join sim.deals as deals using (deal_no)

            inner join sim.accounts as accounts using (account_no)

            inner join sim.stage_names as names on names.crm = 'salesforce' and names.policy_stage = states.stage

            left join sim.users as owners on owners.user_no = states.owner_no

            left join sim.contacts as contacts on contacts.account_no = deals.account_no and contacts.place = 1

            left join activities using (deal_no)

            left join duplicates on duplicates.account_no = deals.account_no and deals.deal_no % 2 = 0

        ),

        stamped as (

            select
                *,
                greatest(
                    changed_at,
                    case when deleted_at < date '{day}' + 1 then deleted_at end,
                    case when restored_at < date '{day}' + 1 then restored_at end
                ) as modified_at

            from deals

        )

        select
            salesforce_id as "Id",
            is_in_bin::varchar as "IsDeleted",
            coalesce(duplicate_id, account_id) as "AccountId",
            name as "Name",
            sim.salesforce_stage_name(stage_then, stage_name, date '{day}') as "StageName",
            amount_then::varchar as "Amount",
            case when probability_pct = round(probability_pct) then probability_pct::integer::varchar else probability_pct::varchar end as "Probability",
            round(amount_then * probability)::bigint::varchar as "ExpectedRevenue",
            -- some tools write a day as the midnight with which it begins where they stand
            strftime(close_date, '%Y-%m-%d') || case when part = 'midnight_date' and {str(is_last).lower()} then 'T00:00:00.000-07:00' else '' end as "CloseDate",
            case kind when 'new' then 'New Business' when 'renewal' then 'Renewal' else 'Expansion' end as "Type",
            forecast_category as "ForecastCategory",
            case forecast_category when 'BestCase' then 'Best Case' when 'Forecast' then 'Commit' else forecast_category end as "ForecastCategoryName",
            (stage_then in ('won', 'lost', 'no_decision'))::varchar as "IsClosed",
            (stage_then = 'won')::varchar as "IsWon",
            case when stage_then not in ('won', 'lost', 'no_decision') then next_step end as "NextStep",
            lead_source as "LeadSource",
            case when stage_then in ('lost', 'no_decision') then loss_reason end as "Loss_Reason__c",
            competitor as "MainCompetitors__c",
            sim.track_label(coalesce(sim.deal_track(has_poc, stage_then), sim.account_track(segment, account_no))) as "Engagement_Track__c",
            case when sim.roll('has description', deal_no) < 0.15
                then 'Came in by ' || lower(lead_source) || '.' || chr(10) || 'They said: "call back", then nothing.' end as "Description",
            currency as "CurrencyIsoCode",
            push_count::varchar as "PushCount",
            contact_id as "ContactId",
            owner_id as "OwnerId",
            strftime(last_on, '%Y-%m-%d') as "LastActivityDate",
            sim.utc_text(stage_changed_at) as "LastStageChangeDate",
            sim.utc_text((select min(changes.changed_at) from sim.deal_changes as changes where changes.deal_no = stamped.deal_no)) as "CreatedDate",
            sim.utc_text(modified_at) as "LastModifiedDate",
            sim.utc_text(modified_at) as "SystemModstamp"

        from stamped

        where not (is_in_bin and deleted_at < date '{day}' - {RECYCLE_BIN_DAYS})
        """,
        '"Id"',
        delivered_on=day,
        table="salesforce__opportunities",
    )


def _write_opportunity_histories(files: LandingFiles, span: Period) -> None:
    files.csv(
        f"{FOLDER}/history/OpportunityHistory_{span.label}.csv",
        f"""
        select
            sim.salesforce_id('008', 8000000 + states.change_no) as "Id",
            deals.salesforce_id as "OpportunityId",
            owners.salesforce_id as "CreatedById",
            sim.utc_text(states.changed_at) as "CreatedDate",
            sim.salesforce_stage_name(states.stage, states.stage_name, states.changed_at) as "StageName",
            states.amount::varchar as "Amount",
            round(states.amount * states.probability)::bigint::varchar as "ExpectedRevenue",
            strftime(states.close_date, '%Y-%m-%d') as "CloseDate",
            (states.probability * 100)::integer::varchar as "Probability",
            names.forecast_category as "ForecastCategory",
            deals.currency as "CurrencyIsoCode",
            'false' as "IsDeleted",
            sim.utc_text(states.changed_at) as "SystemModstamp"

        from sim.deal_states as states

        inner join sim.deals as deals using (deal_no)

        inner join sim.stage_names as names on names.crm = 'salesforce' and names.policy_stage = states.stage

        left join sim.users as owners on owners.user_no = states.owner_no

        where states.crm = 'salesforce'
            and states.is_recorded
            and states.changed_at >= date '{span.first}' and states.changed_at < date '{span.last}' + 1
        """,
        '"Id"',
        delivered_on=span.last,
        table="salesforce__opportunity_histories",
    )


def _write_field_histories(files: LandingFiles, span: Period) -> None:
    files.csv(
        f"{FOLDER}/history/OpportunityFieldHistory_{span.label}.csv",
        f"""
        with

        changed as (

            select * from sim.deal_states

            where crm = 'salesforce'
                and kind <> 'created'
                and changed_at >= sim.tracking_since()
                and changed_at >= date '{span.first}' and changed_at < date '{span.last}' + 1

        ),

        fields as (

            select deal_no, change_no, changed_at, owner_no, 1 as place, 'StageName' as field,
                sim.salesforce_stage_name(previous_stage, previous_stage_name, changed_at) as old_value,
                sim.salesforce_stage_name(stage, stage_name, changed_at) as new_value
            from changed where stage is distinct from previous_stage
            union all
            select deal_no, change_no, changed_at, owner_no, 2, 'Amount', previous_amount::varchar, amount::varchar
            from changed where amount is distinct from previous_amount
            union all
            select deal_no, change_no, changed_at, owner_no, 3, 'CloseDate', strftime(previous_close_date, '%Y-%m-%d'), strftime(close_date, '%Y-%m-%d')
            from changed where close_date is distinct from previous_close_date
            union all
            -- a changed lookup leaves two rows: one with ids, one with names
            select changed.deal_no, change_no, changed_at, owner_no, 4, 'Owner', old_owners.salesforce_id, new_owners.salesforce_id
            from changed
            left join sim.users as old_owners on old_owners.user_no = changed.previous_owner_no
            left join sim.users as new_owners on new_owners.user_no = changed.owner_no
            where owner_no is distinct from previous_owner_no
            union all
            select changed.deal_no, change_no, changed_at, owner_no, 5, 'Owner', old_owners.name, new_owners.name
            from changed
            left join sim.users as old_owners on old_owners.user_no = changed.previous_owner_no
            left join sim.users as new_owners on new_owners.user_no = changed.owner_no
            where owner_no is distinct from previous_owner_no

        )

        select
            sim.salesforce_id('017', 1000000 + fields.change_no * 5 + fields.place) as "Id",
            'false' as "IsDeleted",
            deals.salesforce_id as "OpportunityId",
            owners.salesforce_id as "CreatedById",
            sim.utc_text(fields.changed_at) as "CreatedDate",
            fields.field as "Field",
            case when fields.field = 'Amount' then 'Currency' when fields.field = 'CloseDate' then 'DateOnly' when fields.place = 4 then 'EntityId' else 'Text' end as "DataType",
            fields.old_value as "OldValue",
            fields.new_value as "NewValue"

        from fields

        inner join sim.deals as deals using (deal_no)

        left join sim.users as owners on owners.user_no = fields.owner_no
        """,
        '"Id"',
        delivered_on=span.last,
        table="salesforce__opportunity_field_histories",
    )


def _write_contact_roles(files: LandingFiles, day: date) -> None:
    files.csv(
        f"{FOLDER}/OpportunityContactRole_{day}.csv",
        f"""
        select
            sim.salesforce_id('00K', 6000000 + roles.deal_no::bigint * 16 + roles.place) as "Id",
            deals.salesforce_id as "OpportunityId",
            contacts.salesforce_id as "ContactId",
            roles.role as "Role",
            (roles.place = 1)::varchar as "IsPrimary",
            'false' as "IsDeleted",
            sim.utc_text(sim.office_time(roles.added_on, 'role time', roles.deal_no::bigint * 16 + roles.place)) as "CreatedDate",
            sim.utc_text(sim.office_time(roles.added_on, 'role time', roles.deal_no::bigint * 16 + roles.place)) as "SystemModstamp"

        from sim.contact_roles as roles

        inner join sim.deals as deals using (deal_no)

        inner join sim.contacts as contacts using (contact_no)

        where roles.added_on <= date '{day}'
        """,
        '"Id"',
        delivered_on=day,
        table="salesforce__opportunity_contact_roles",
    )


def _write_contacts(files: LandingFiles, day: date, place: int) -> None:
    path = f"{FOLDER}/Contact_{day}.csv"
    files.csv(
        path,
        f"""
        with

        bosses as (

            select account_no, salesforce_id from sim.contacts where place = 2

        )

        select
            contacts.salesforce_id as "Id",
            accounts.salesforce_id as "AccountId",
            contacts.first_name as "FirstName",
            contacts.last_name as "LastName",
            contacts.first_name || ' ' || contacts.last_name as "Name",
            contacts.email as "Email",
            case when sim.roll('has phone', contacts.contact_no) < 0.7
                then '+1 555 01' || lpad((contacts.contact_no % 100)::varchar, 2, '0') end as "Phone",
            contacts.title as "Title",
            case when contacts.place > 2 then bosses.salesforce_id end as "ReportsToId",
            owners.salesforce_id as "OwnerId",
            (sim.roll('opted out', contacts.contact_no) < 0.06)::varchar as "HasOptedOutOfEmail",
            (coalesce(contacts.left_on <= date '{day}', false))::varchar as "IsEmailBounced",
            case when contacts.left_on + 3 <= date '{day}' then sim.utc_text((contacts.left_on + 3)::timestamp + interval '8 hours') end as "EmailBouncedDate",
            'false' as "IsDeleted",
            null::varchar as "MasterRecordId",
            sim.utc_text(sim.office_time(contacts.created_on, 'contact time', contacts.contact_no)) as "CreatedDate",
            sim.utc_text(greatest(
                sim.office_time(contacts.created_on, 'contact time', contacts.contact_no),
                case when contacts.left_on + 3 <= date '{day}' then (contacts.left_on + 3)::timestamp + interval '8 hours' end
            )) as "SystemModstamp"

        from sim.contacts as contacts

        inner join sim.accounts as accounts using (account_no)

        left join bosses on bosses.account_no = contacts.account_no

        left join sim.account_owners as spans
            on spans.account_no = contacts.account_no and date '{day}' >= spans.from_day and date '{day}' < spans.to_day

        left join sim.users as owners on owners.user_no = spans.owner_no

        where contacts.in_salesforce and contacts.created_on <= date '{day}'
        """,
        '"Id"',
        delivered_on=day,
        table="salesforce__contacts",
        null="#N/A",
    )


def _write_leads(files: LandingFiles, day: date) -> None:
    """A report: headings in words, days in American order, 15-character ids, and lines at its end that are not data."""
    path = f"{FOLDER}/Lead Report_{day}.csv"
    files.csv(
        path,
        f"""
        select
            leads.salesforce_id15 as "Lead ID",
            leads.first_name as "First Name",
            leads.last_name as "Last Name",
            leads.company as "Company / Account",
            leads.email as "Email",
            leads.title as "Title",
            case
                when leads.converted_on <= date '{day}' then 'Qualified'
                when leads.touched_on > date '{day}' or leads.touched_on is null then 'Open - Not Contacted'
                when leads.touched_on + 45 <= date '{day}' then 'Closed - Not Converted'
                else 'Working - Contacted'
            end as "Lead Status",
            leads.lead_source as "Lead Source",
            case when leads.rating_roll < 0.2 then 'Hot' when leads.rating_roll < 0.6 then 'Warm' when leads.rating_roll < 0.9 then 'Cold' end as "Rating",
            leads.country as "Country",
            leads.employees::varchar as "No. of Employees",
            substr(owners.salesforce_id, 1, 15) as "Lead Owner ID",
            owners.name as "Lead Owner",
            case when leads.converted_on <= date '{day}' then 'true' else 'false' end as "Converted",
            case when leads.converted_on <= date '{day}' then strftime(leads.converted_on, '%m/%d/%Y') end as "Converted Date",
            case when leads.converted_on <= date '{day}' then substr(leads.account_id, 1, 15) end as "Converted Account ID",
            case when leads.converted_on <= date '{day}' then substr(leads.contact_id, 1, 15) end as "Converted Contact ID",
            case when leads.converted_on <= date '{day}' then substr(leads.deal_id, 1, 15) end as "Converted Opportunity ID",
            case when leads.touched_on <= date '{day}' then strftime(leads.touched_on, '%m/%d/%Y') end as "Last Activity",
            strftime(leads.created_at, '%m/%d/%Y, %-I:%M %p') as "Created Date"

        from sim.leads as leads

        left join sim.users as owners on owners.user_no = leads.owner_no

        where leads.created_on <= date '{day}'
        """,
        '"Lead ID"',
        delivered_on=day,
        table="salesforce__leads",
    )
    files.add_footer(
        path,
        [
            '"Grand Totals (all leads)"',
            f'"Copyright (c) 2000-{day.year} salesforce.com, inc. All rights reserved."',
            '"Confidential Information - Do Not Distribute"',
            f'"Generated By: Sales Operations {day:%m/%d/%Y}"',
            '"Larkspur Software"',
        ],
    )


def _write_tasks(files: LandingFiles, day: date) -> None:
    files.csv(
        f"{FOLDER}/Task_{day}.csv",
        f"""
        select
            sim.salesforce_id('00T', 10000000 + activities.activity_no) as "Id",
            contacts.salesforce_id as "WhoId",
            coalesce(deals.salesforce_id, accounts.salesforce_id) as "WhatId",
            accounts.salesforce_id as "AccountId",
            owners.salesforce_id as "OwnerId",
            activities.subject as "Subject",
            case activities.kind when 'call' then 'Call' when 'email' then 'Email' else 'Task' end as "TaskSubtype",
            case when activities.kind = 'call' then sim.pick(['Outbound', 'Inbound'], 'call type', activities.activity_no) end as "CallType",
            case when activities.kind = 'call' then (sim.roll_int('call length', activities.activity_no, 40, 2400))::varchar end as "CallDurationInSeconds",
            case
                when activities.completed_at < date '{day}' + 1 then 'Completed'
                when sim.roll('task begun', activities.activity_no) < 0.3 then 'In Progress'
                else 'Not Started'
            end as "Status",
            case when activities.kind = 'milestone' then 'High' else 'Normal' end as "Priority",
            (coalesce(activities.completed_at < date '{day}' + 1, false))::varchar as "IsClosed",
            'false' as "IsArchived",
            'false' as "IsDeleted",
            strftime(activities.on_date, '%Y-%m-%d') as "ActivityDate",
            case when activities.completed_at < date '{day}' + 1 then sim.utc_text(activities.completed_at) end as "CompletedDateTime",
            sim.utc_text(activities.created_at) as "CreatedDate",
            sim.utc_text(greatest(activities.created_at, case when activities.completed_at < date '{day}' + 1 then activities.completed_at end)) as "SystemModstamp"

        from sim.activities as activities

        inner join sim.accounts as accounts using (account_no)

        left join sim.deals as deals on deals.deal_no = activities.deal_no

        left join sim.contacts as contacts on contacts.account_no = activities.account_no and contacts.place = activities.place

        left join sim.users as owners on owners.user_no = activities.owner_no

        where activities.kind <> 'meeting'
            and activities.created_at < date '{day}' + 1
            and activities.on_date > date '{day}' - {ARCHIVED_AFTER_DAYS}
        """,
        '"Id"',
        delivered_on=day,
        table="salesforce__tasks",
        null="#N/A",
    )


def _write_events(files: LandingFiles, day: date) -> None:
    files.csv(
        f"{FOLDER}/Event_{day}.csv",
        f"""
        with

        meetings as (

            select
                *,
                sim.office_time(on_date, 'meeting hour', activity_no) as exact_start

            from sim.activities

            where kind = 'meeting' and created_at < date '{day}' + 1 and on_date > date '{day}' - {ARCHIVED_AFTER_DAYS}

        ),

        planned as (

            -- meetings begin on the half hour
            select
                *,
                date_trunc('hour', exact_start) + case when minute(exact_start) >= 30 then interval '30 minutes' else interval '0 minutes' end as starts_at,
                sim.pick([30, 45, 60, 90], 'meeting length', activity_no) as minutes

            from meetings

        )

        select
            sim.salesforce_id('00U', 10000000 + planned.activity_no) as "Id",
            contacts.salesforce_id as "WhoId",
            coalesce(deals.salesforce_id, accounts.salesforce_id) as "WhatId",
            accounts.salesforce_id as "AccountId",
            owners.salesforce_id as "OwnerId",
            planned.subject as "Subject",
            'Meeting' as "Type",
            sim.pick(['Video', 'On site', 'Phone'], 'meeting place', planned.activity_no) as "Location",
            strftime(planned.on_date, '%Y-%m-%d') as "ActivityDate",
            sim.utc_text(planned.starts_at) as "ActivityDateTime",
            sim.utc_text(planned.starts_at) as "StartDateTime",
            sim.utc_text(planned.starts_at + to_minutes(planned.minutes)) as "EndDateTime",
            planned.minutes::varchar as "DurationInMinutes",
            'false' as "IsAllDayEvent",
            'false' as "IsArchived",
            'false' as "IsDeleted",
            sim.utc_text(planned.created_at) as "CreatedDate",
            sim.utc_text(planned.created_at) as "SystemModstamp"

        from planned

        inner join sim.accounts as accounts using (account_no)

        left join sim.deals as deals on deals.deal_no = planned.deal_no

        left join sim.contacts as contacts on contacts.account_no = planned.account_no and contacts.place = planned.place

        left join sim.users as owners on owners.user_no = planned.owner_no
        """,
        '"Id"',
        delivered_on=day,
        table="salesforce__events",
        null="#N/A",
    )


def _write_users(files: LandingFiles, day: date, place: int) -> None:
    files.csv(
        f"{FOLDER}/User_{day}.csv",
        f"""
        select
            users.salesforce_id as "Id",
            users.name as "Name",
            users.email as "Email",
            users.email as "Username",
            case users.role when 'vp' then 'VP Sales' when 'csm_lead' then 'Head of Customer Success' when 'manager' then 'Sales Manager'
                when 'rep' then 'Account Executive' else 'Customer Success Manager' end as "Title",
            case when users.role in ('csm', 'csm_lead') then 'Customer Success' else 'Sales' end as "Department",
            managers.salesforce_id as "ManagerId",
            sim.salesforce_id('00E', 100 + case users.role when 'vp' then 1 when 'manager' then 2 when 'rep' then 3 when 'csm_lead' then 4 else 5 end) as "UserRoleId",
            (users.left_on is null or users.left_on > date '{day}')::varchar as "IsActive",
            sim.utc_text(coalesce(case when users.left_on <= date '{day}' then users.left_on::timestamp end, sim.first_day()::timestamp - interval '200 days')) as "SystemModstamp"

        from sim.users as users

        left join sim.users as managers on managers.user_no = users.manager_no

        where users.crm = 'salesforce'
        """,
        '"Id"',
        delivered_on=day,
        table="salesforce__users",
    )


def make_rates(connection: duckdb.DuckDBPyConnection, line: Timeline) -> None:
    """Monthly rates to the dollar; none for francs, and none for pounds in the month of the first full export."""
    gap = line.months[-len(line.deliveries)]
    connection.execute(
        f"""
        create table sim.rates as
        with

        months as (

            select starts_on::date as starts_on, (starts_on + interval '1 month')::date as next_starts_on

            from range(timestamp '{line.first_day}', timestamp '{line.as_of}' + interval '1 day', interval '1 month') as months (starts_on)

        ),

        rates as (

            select 'EUR' as currency, starts_on, next_starts_on, 0.92 + sim.roll_int('euro', epoch(starts_on)::bigint // 86400, -30, 30) / 1000 as rate from months
            union all
            select 'GBP', starts_on, next_starts_on, 0.79 + sim.roll_int('pound', epoch(starts_on)::bigint // 86400, -25, 25) / 1000 from months
            where starts_on <> date '{gap.first}'
            union all
            select 'USD', date '2020-01-01', date '9999-12-31', 1.0
            union all
            select 'EUR', date '2020-01-01', date '{line.first_day}', 0.91
            union all
            select 'GBP', date '2020-01-01', date '{line.first_day}', 0.8

        )

        select
            currency,
            starts_on,
            case when starts_on = (select max(starts_on) from months) then date '9999-12-31' else next_starts_on end as next_starts_on,
            rate,
            row_number() over (order by currency, starts_on) as rate_no

        from rates
        """
    )


def _write_rates(files: LandingFiles, day: date) -> None:
    files.csv(
        f"{FOLDER}/DatedConversionRate_{day}.csv",
        f"""
        select
            sim.salesforce_id('04w', rate_no) as "Id",
            currency as "IsoCode",
            round(rate, 6)::varchar as "ConversionRate",
            strftime(starts_on, '%Y-%m-%d') as "StartDate",
            strftime(case when next_starts_on > date '{day}' then date '9999-12-31' else next_starts_on end, '%Y-%m-%d') as "NextStartDate",
            sim.utc_text(starts_on::timestamp + interval '1 hour') as "SystemModstamp"

        from sim.rates

        where starts_on <= date '{day}'
        """,
        '"Id"',
        delivered_on=day,
        table="salesforce__dated_conversion_rates",
    )
