"""The contracts that ship: all systems, their vendors' spellings, and the house's rules for names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import duckdb
import pytest
from jsonschema import Draft202012Validator

from ingestion.contract import (
    CONTRACTS_FOLDER,
    SCHEMA_PATH,
    ColumnContract,
    TableContract,
    fold_name,
    read_contracts,
)

CONTRACTS = read_contracts()
TABLES = {table.raw_name: table for contract in CONTRACTS.values() for table in contract.tables}

# Headings and paths as vendors write them: those of APIs first, then those of the systems' CSV exports.
SPELLINGS = {
    "salesforce__accounts": """
        Id, Name, ParentId, OwnerId, Type, Industry, AnnualRevenue, NumberOfEmployees, MasterRecordId,
        IsDeleted, LastActivityDate, CreatedDate, LastModifiedDate, SystemModstamp;
        Account ID, Account Name, Parent Account ID, Account Owner, Annual Revenue, Employees, Last
        Activity, Created Date, Last Modified Date, Billing State/Province, Billing Country""",
    "salesforce__opportunities": """
        Id, AccountId, OwnerId, Name, StageName, Amount, Probability, ExpectedRevenue, CloseDate, Type,
        ForecastCategory, ForecastCategoryName, IsClosed, IsWon, IsDeleted, NextStep, LeadSource,
        LastActivityDate, CampaignId, CurrencyIsoCode, CreatedDate, LastModifiedDate, SystemModstamp;
        Opportunity ID, Account ID, Opportunity Name, Opportunity Owner, Stage, Probability (%), Close Date,
        Forecast Category, Closed, Won, Next Step, Lead Source, Amount Currency, Created Date;
        Account.Name""",
    "salesforce__opportunity_histories": """
        Id, OpportunityId, CreatedById, CreatedDate, StageName, Amount, ExpectedRevenue, CloseDate,
        Probability, ForecastCategory, CurrencyIsoCode, IsDeleted, SystemModstamp, PrevAmount,
        PrevCloseDate""",
    "salesforce__opportunity_field_histories": """
        Id, OpportunityId, Field, OldValue, NewValue, CreatedById, CreatedDate, IsDeleted;
        Opportunity ID, Field / Event, Old Value, New Value, Edit Date""",
    "salesforce__opportunity_contact_roles": """
        Id, OpportunityId, ContactId, Role, IsPrimary, IsDeleted, CreatedDate, SystemModstamp""",
    "salesforce__contacts": """
        Id, AccountId, Name, Email, Title, ReportsToId, MasterRecordId, IsDeleted, LastActivityDate,
        SystemModstamp;
        Contact ID, First Name, Last Name, Account ID, Last Activity""",
    "salesforce__leads": """
        Id, Company, Email, Title, Status, LeadSource, OwnerId, ConvertedOpportunityId, ConvertedDate,
        IsConverted, CreatedDate;
        Lead ID, Lead Status, Lead Owner, Company / Account, Converted, No. of Employees""",
    "salesforce__tasks": """
        Id, WhoId, WhatId, AccountId, OwnerId, ActivityDate, CompletedDateTime, Status, IsClosed, Subject,
        TaskSubtype, CallType, CallDurationInSeconds, IsArchived, IsDeleted;
        Activity ID, Due Date""",
    "salesforce__events": """
        Id, WhoId, WhatId, AccountId, OwnerId, ActivityDate, ActivityDateTime, StartDateTime, EndDateTime,
        Subject, DurationInMinutes, IsArchived, IsDeleted""",
    "salesforce__users": """
        Id, Name, Email, ManagerId, UserRoleId, IsActive, UserRole.Name, SystemModstamp""",
    "salesforce__dated_conversion_rates": "IsoCode, ConversionRate, StartDate, NextStartDate",
    "hubspot__deals": """
        id, properties.hs_object_id, properties.dealname, properties.dealstage, properties.pipeline,
        properties.amount, properties.closedate, properties.createdate, properties.hs_lastmodifieddate,
        properties.hubspot_owner_id, properties.dealtype, properties.hs_deal_stage_probability,
        properties.hs_is_closed_won, properties.deal_currency_code, properties.hs_merged_object_ids,
        properties.associatedcompanyid, associations.companies.results, associations.contacts.results,
        createdAt, updatedAt, archived, archivedAt, mergedObjectIds;
        Record ID, Deal Name, Deal Stage, Pipeline, Amount, Close Date, Create Date, Deal owner, Deal Type,
        Associated Company IDs, Associated Company IDs (Primary), Associated Contact IDs, Last Activity
        Date, Last Modified Date, Is Closed Won, Closed Lost Reason, Currency, Deal probability, Original
        Traffic Source;
        dealId, hs_object_id, dealname, dealstage, closedate""",
    "hubspot__companies": """
        id, properties.name, properties.domain, properties.industry, properties.numberofemployees,
        properties.annualrevenue, properties.lifecyclestage, properties.hubspot_owner_id,
        properties.hs_parent_company_id, properties.hs_merged_object_ids, properties.hs_lastmodifieddate,
        archived;
        Record ID, Company name, Company Domain Name, Company owner, Industry, Number of Employees, Annual
        Revenue, Lifecycle Stage, Country/Region, Create Date, Last Activity Date""",
    "hubspot__contacts": """
        id, properties.firstname, properties.lastname, properties.email, properties.jobtitle,
        properties.associatedcompanyid, properties.lifecyclestage, properties.lastmodifieddate,
        properties.hs_buying_role;
        Record ID, First Name, Last Name, Email, Phone Number, Job Title, Contact owner, Associated Company
        IDs, Lead Status""",
    "hubspot__owners": "id, email, firstName, lastName, userId, createdAt, updatedAt, archived, teams",
    "hubspot__pipelines": """
        id, label, displayOrder, stages, createdAt, updatedAt, archived;
        pipelineId, active""",
    "hubspot__pipeline_stages": """
        id, pipelineId, label, displayOrder, metadata.probability, metadata.isClosed, archived;
        stageId, stage_id, pipeline_id, display_order, probability, closed_won, isClosed""",
    "hubspot__property_histories": """
        object_type, object_id, property, value, timestamp, source_type;
        objectType, objectId, sourceType, sourceId""",
    "zendesk__tickets": """
        id, organization_id, requester_id, assignee_id, submitter_id, group_id, brand_id, subject, status,
        priority, type, created_at, updated_at, external_id, tags, via, via.channel,
        satisfaction_rating.score, custom_fields, due_at, generated_timestamp;
        Id, Requester, Requester id, Requester external id, Requester email, Assignee, Group, Subject, Tags,
        Status, Priority, Via, Ticket type, Created at, Updated at, Assigned at, Organization, Organization
        Id, Due date, Initially assigned at, Solved at, Satisfaction Score, Reopens, Replies, First reply
        time in minutes, First reply time in minutes within business hours, Full resolution time in minutes,
        Full resolution time in minutes within business hours""",
    "zendesk__ticket_metrics": """
        id, ticket_id, reopens, replies, solved_at, assigned_at, initially_assigned_at,
        reply_time_in_minutes.calendar, reply_time_in_minutes.business,
        first_resolution_time_in_minutes.calendar, first_resolution_time_in_minutes.business,
        full_resolution_time_in_minutes.calendar, full_resolution_time_in_minutes.business,
        requester_wait_time_in_minutes.business, on_hold_time_in_minutes.calendar, assignee_stations,
        group_stations, created_at, updated_at""",
    "zendesk__ticket_events": """
        id, ticket_id, created_at, author_id, via.channel, events;
        timestamp, updater_id, child_events, event_type;
        field_name, value, previous_value""",
    "zendesk__satisfaction_ratings": """
        id, ticket_id, score, reason, reason_id, comment, requester_id, assignee_id, created_at,
        updated_at""",
    "zendesk__organizations": """
        id, name, external_id, domain_names, deleted_at, organization_fields, tags, group_id, created_at,
        updated_at""",
    "zendesk__users": """
        id, name, email, role, organization_id, external_id, active, suspended, last_login_at""",
    "jira_service_management__issues": """
        id, key, fields.project.key, fields.issuetype.name, fields.summary, fields.status.name,
        fields.status.statusCategory.key, fields.priority.name, fields.resolution.name,
        fields.reporter.accountId, fields.reporter.emailAddress, fields.assignee.displayName,
        fields.created, fields.updated, fields.resolutiondate, fields.duedate, fields.labels,
        fields.statuscategorychangedate, changelog;
        Summary, Issue key, Issue id, Issue Type, Status, Status Category, Project key, Priority,
        Resolution, Assignee, Assignee Id, Reporter, Reporter Id, Created, Updated, Resolved, Due date,
        Labels, Custom field (Request Type), Custom field (Organizations), Custom field (Satisfaction
        rating)""",
    "jira_service_management__issue_changes": """
        id, issueId, author.accountId, author.displayName, created, items""",
    "freshdesk__tickets": """
        id, subject, status, priority, source, type, requester_id, company_id, responder_id, group_id,
        product_id, tags, custom_fields, is_escalated, fr_escalated, due_by, fr_due_by, spam, deleted,
        created_at, updated_at, stats.first_responded_at, stats.resolved_at, stats.closed_at,
        requester.email, company.name;
        Ticket ID, Agent, Group, Created time, Due by Time, Resolved time, Closed time, Last update time,
        Initial response time, Agent interactions, Customer interactions, Resolution status, First response
        status, Survey results, Full name, Company Name""",
    "freshdesk__companies": """
        id, name, domains, health_score, account_tier, renewal_date, industry, created_at""",
    "freshdesk__contacts": "id, name, email, phone, job_title, company_id, active, deleted, updated_at",
    "intercom__conversations": """
        id, title, state, open, read, priority, created_at, updated_at, waiting_since, snoozed_until,
        admin_assignee_id, team_assignee_id, source.type, source.author.email, contacts, tags,
        conversation_rating.rating, sla_applied.sla_status, statistics.first_admin_reply_at,
        statistics.time_to_admin_reply, statistics.last_close_at, statistics.count_reopens,
        conversation_parts""",
    "intercom__companies": """
        id, company_id, name, plan.name, size, industry, monthly_spend, session_count, user_count,
        created_at, remote_created_at, last_request_at, custom_attributes""",
    "intercom__contacts": """
        id, external_id, role, name, email, companies, last_seen_at, signed_up_at, created_at""",
    "segment__tracks": """
        id, event, user_id, anonymous_id, timestamp, received_at, sent_at, original_timestamp,
        context_group_id, event_text;
        messageId, userId, anonymousId, receivedAt, context.groupId, properties, originalTimestamp""",
    "posthog__events": """
        uuid, event, distinct_id, properties, timestamp, person_id, created_at, team_id, ip""",
    "amplitude__events": """
        $insert_id, event_type, event_time, server_upload_time, client_event_time, groups, group_properties,
        event_properties, user_properties, user_id, device_id, amplitude_id, session_id, uuid, event_id,
        processed_time, server_received_time;
        _insert_id""",
    "mixpanel__events": """
        event, properties.time, properties.distinct_id, properties.$insert_id, properties,
        properties.mp_processing_time_ms, properties.$user_id;
        time, distinct_id, $insert_id""",
    "product__seats": """
        seat_id, account_id, user_id, email, role, status, assigned_at, deactivated_at, last_active_at""",
    "product__entitlements": """
        entitlement_id, account_id, feature, quantity, used, unit, valid_from, valid_until""",
    "billing__subscriptions": """
        subscription_id, account_id, product, plan, seats, mrr, arr, currency, start_date, end_date,
        renewal_date, notice_days, status, cancelled_at;
        Start, End, Renewal Date, Notice Period Days;
        Customer ID, Plan, Quantity, Currency, Interval, Status, Created (UTC), Start Date (UTC), Current
        Period End (UTC), Canceled At (UTC), Cancel At Period End, Ended At (UTC)""",
    "billing__invoices": """
        invoice_id, account_id, subscription_id, issued, due, paid, amount, currency, status;
        Number, Customer, Subscription, Date (UTC), Due Date (UTC), Total, Amount Due, Amount Paid, Tax""",
}


def columns() -> Iterator[tuple[TableContract, ColumnContract]]:
    for table in TABLES.values():
        for column in table.columns:
            yield table, column


def column_of(table: TableContract, spelling: str) -> ColumnContract | None:
    folded = fold_name(spelling)
    return next((c for c in table.columns if folded in [fold_name(alias) for alias in c.aliases]), None)


def test_every_system_has_its_contract() -> None:
    assert sorted(CONTRACTS) == [
        "amplitude",
        "billing",
        "freshdesk",
        "hubspot",
        "intercom",
        "jira_service_management",
        "mixpanel",
        "posthog",
        "product",
        "salesforce",
        "segment",
        "zendesk",
    ]


def test_every_table_has_its_spellings_listed_here() -> None:
    assert sorted(TABLES) == sorted(SPELLINGS)


@pytest.mark.parametrize("raw_name", SPELLINGS)
def test_what_vendors_write_finds_its_column(raw_name: str) -> None:
    table = TABLES[raw_name]
    spellings = [spelling.strip() for spelling in re.split("[,;]", SPELLINGS[raw_name])]

    assert [spelling for spelling in spellings if column_of(table, spelling) is None] == []


@pytest.mark.parametrize(
    ("raw_name", "spelling", "name"),
    [
        ("salesforce__opportunities", "Account ID", "account_id"),
        ("salesforce__accounts", "Account ID", "id"),
        ("salesforce__opportunities", "ForecastCategoryName", "forecast_category_name"),
        ("salesforce__tasks", "ActivityDate", "activity_date"),
        ("hubspot__deals", "properties.closedate", "closes_at"),
        ("hubspot__deals", "Deal owner", "owner_name"),
        ("hubspot__deals", "properties.hubspot_owner_id", "owner_id"),
        ("hubspot__property_histories", "timestamp", "changed_at"),
        ("zendesk__ticket_metrics", "reply_time_in_minutes.business", "first_reply_business_minutes"),
        ("zendesk__tickets", "Via", "via_channel"),
        ("segment__tracks", "context.groupId", "context_group_id"),
        ("mixpanel__events", "properties.$insert_id", "insert_id"),
        ("amplitude__events", "event_time", "occurred_at"),
        ("billing__invoices", "due", "due_date"),
    ],
)
def test_a_spelling_means_the_column_it_means_to_the_vendor(raw_name: str, spelling: str, name: str) -> None:
    found = column_of(TABLES[raw_name], spelling)

    assert found is not None
    assert found.name == name


def test_usage_events_call_the_same_moment_by_the_same_name() -> None:
    usage = ["segment__tracks", "posthog__events", "amplitude__events", "mixpanel__events"]

    assert all(TABLES[name].column("occurred_at").required for name in usage)
    assert all(TABLES[name].delivery == "events" for name in usage)
    assert [TABLES[name].key for name in usage] == [("id",), ("uuid",), ("insert_id",), ("insert_id",)]


# --- consistency --------------------------------------------------------------------------------------------


def test_no_source_name_belongs_to_two_columns_of_a_table() -> None:
    for table in TABLES.values():
        owner: dict[str, str] = {}
        for column in table.columns:
            for alias in column.aliases:
                assert owner.setdefault(fold_name(alias), column.name) == column.name, (table.raw_name, alias)


def test_no_file_name_belongs_to_two_tables_of_a_system() -> None:
    for contract in CONTRACTS.values():
        stems = [fold_name(stem) for table in contract.tables for stem in {fold_name(f) for f in table.files}]
        assert len(stems) == len(set(stems)), contract.system


def test_no_spelling_is_listed_that_the_comparison_finds_by_itself() -> None:
    redundant = [
        (table.raw_name, alias)
        for table, column in columns()
        for place, alias in enumerate(column.aliases)
        if fold_name(alias) in [fold_name(earlier) for earlier in column.aliases[:place]]
    ]

    assert redundant == []


def test_the_kind_of_value_can_be_told_from_a_columns_name() -> None:
    for table, column in columns():
        kind = {
            "timestamp": column.name.endswith("_at"),
            "date": column.name.endswith("_date"),
            "boolean": column.name.startswith(("is_", "has_")),
        }
        said = [type_name for type_name, says in kind.items() if says]
        expected = [column.type] if column.type in kind else []
        assert said == expected, f"{table.raw_name}.{column.name} is {column.type}"


def test_counts_and_durations_are_whole_numbers_from_zero() -> None:
    for table, column in columns():
        if column.name.endswith(("_count", "_minutes", "_seconds", "_days")):
            assert (column.type, column.minimum) == ("integer", 0), f"{table.raw_name}.{column.name}"


def test_tables_are_described_by_what_a_row_is() -> None:
    assert [name for name, table in TABLES.items() if not table.description.startswith("One row per ")] == []


def test_columns_are_described_in_one_line_that_ends() -> None:
    odd = [
        (table.raw_name, column.name)
        for table, column in columns()
        if "\n" in column.description or not column.description.endswith(".")
    ]

    assert odd == []


def test_what_says_something_about_a_person_is_marked() -> None:
    about_people = re.compile(r"(^|_)(e?mail|phone|mobile|first_name|last_name|username|job_title|ip|ip_address)$")
    people = {"salesforce__contacts", "salesforce__leads", "salesforce__users", "zendesk__users"}
    people |= {"freshdesk__contacts", "intercom__contacts", "hubspot__contacts", "hubspot__owners"}
    for table, column in columns():
        of_a_person = table.raw_name in people and column.name in ("name", "title")
        names_a_person = re.search(r"(owner|requester|assignee|reporter|responder|author)_name$", column.name)
        if column.type == "text" and (about_people.search(column.name) or of_a_person or names_a_person):
            assert column.personal, f"{table.raw_name}.{column.name}"


def test_salesforce_ids_are_kept_in_one_form() -> None:
    odd = [
        (table.raw_name, column.name)
        for table, column in columns()
        if (column.type == "salesforce_id")
        != (table.system == "salesforce" and (column.name == "id" or column.name.endswith("_id")))
    ]

    assert odd == []


def test_facts_that_do_not_change_need_no_stamp_and_others_have_one() -> None:
    assert {name for name, table in TABLES.items() if table.stamp is None} == {
        name for name, table in TABLES.items() if table.delivery == "events"
    }


def test_every_system_reads_the_usual_words_for_nothing_as_nothing() -> None:
    for table in TABLES.values():
        assert {"", "null", "NULL", "\\N"} <= set(table.null_markers), table.raw_name
    for system in ("salesforce", "hubspot", "zendesk", "billing"):
        assert all({"#N/A", "?"} <= set(table.null_markers) for table in CONTRACTS[system].tables)


# --- reports ------------------------------------------------------------------------------------------------


def is_footer(line: str) -> bool:
    pattern = "|".join(TABLES["salesforce__opportunities"].footers)
    row = duckdb.execute("select regexp_matches($1, $2)", [line, pattern]).fetchone()
    return row is not None and row[0]


@pytest.mark.parametrize(
    "line",
    [
        '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."',
        "Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.",
        '"Confidential Information - Do Not Distribute"',
        '"Generated By:  Sam Sales  2/3/2026, 4:05 PM"',
        "Generated By: Sam Sales",
        '"Grand Totals (12 records)"',
        '"Grand Totals","","1200.00"',
        "Total,,1200.00",
        "Subtotal,,600.00",
        '"Open Pipeline, all Regions"',
        '"Example Company"',
    ],
)
def test_the_closing_lines_of_a_report_are_footers(line: str) -> None:
    assert is_footer(line)


@pytest.mark.parametrize(
    "line",
    [
        '"0065g00000AbCdEfGh","Total renewal","1200.00"',
        "0065g00000AbCdE,Copyright dispute,Discovery",
        '"0065g00000AbCdE',
        '"0065g00000AbCdE"',
        '"Account ID","Account Name"',
        "0065g00000AbCdE",
    ],
)
def test_rows_and_cut_off_rows_are_no_footers(line: str) -> None:
    assert not is_footer(line)


# --- the schema ---------------------------------------------------------------------------------------------


def test_the_schema_is_itself_valid() -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))


def test_the_schema_describes_every_field_for_editors() -> None:
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    shared = schema["$defs"]
    fields = {**schema["properties"], **shared["table"]["properties"], **shared["column"]["properties"]}

    undescribed = [
        name
        for name, field in fields.items()
        if "description" not in field and "description" not in shared[field["$ref"].rsplit("/", 1)[-1]]
    ]

    assert undescribed == []


def test_editors_find_the_schema_from_every_contract() -> None:
    first_lines = {path.read_text(encoding="utf-8").splitlines()[0] for path in CONTRACTS_FOLDER.glob("*.yml")}

    assert first_lines == {f"# yaml-language-server: $schema={SCHEMA_PATH.name}"}
