"""The truth and the exports tell the same story, each counted from its own side."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.sample import PRESETS, company_facts, dirty_files, dirty_rows
from ingestion.sample.people_and_accounts import STORY_SHARES
from tests.ingestion.sample.company_desk import FIRST, LAST, SECOND, Company

ACCOUNT = "salesforce/main/Account"
FACT_COLUMNS = [
    "fact_id",
    "area",
    "fact",
    "source_system",
    "source_instance",
    "subject_type",
    "subject_id",
    "on_date",
    "expected",
    "detail",
]


def test_the_truth_has_its_columns_and_numbers_its_facts(company: Company) -> None:
    assert [name for (name, *_) in company.rows("describe truth")] == FACT_COLUMNS
    assert company.value("select count(*) = count(distinct fact_id) and min(fact_id) = 'F0000001' from truth") is True


def test_the_vocabulary_of_facts_is_closed_and_all_of_it_is_used(company: Company) -> None:
    ours = {(area, fact) for area, facts in company_facts.FACTS.items() for fact in facts}
    ours |= {("row", fact) for fact in dirty_rows.FACTS} | {("file", fact) for fact in dirty_files.FACTS}
    areas = {area for area, _ in ours}
    planted = {(str(area), str(fact)) for area, fact in company.rows("select distinct area, fact from truth")}
    assert {pair for pair in planted if pair[0] in areas and pair not in ours} == set()
    assert ours - planted == set()


def test_the_page_about_the_sample_company_explains_every_fact_story_and_preset() -> None:
    page = (Path(__file__).parents[3] / "docs" / "sample_company.md").read_text(encoding="utf-8")
    words = {fact for facts in company_facts.FACTS.values() for fact in facts}
    words |= {*dirty_rows.FACTS, *dirty_files.FACTS, *STORY_SHARES, *PRESETS}
    assert {word for word in words if f"`{word}`" not in page} == set()


def test_stories_have_the_shares_that_were_decided(company: Company) -> None:
    told = dict(company.rows("select expected, count(*) from truth where fact = 'account_story' group by 1"))
    assert told == {story: round(share * 200) for story, share in STORY_SHARES.items()}


# --- accounts -------------------------------------------------------------------------------------------------------------


def test_merges_are_told_by_the_exports_that_still_hold_the_losers(company: Company) -> None:
    exports = company.csv(f"{ACCOUNT}_*.csv")
    losers = f'select distinct "Id", "MasterRecordId" from {exports} where "MasterRecordId" is not null and "IsDeleted" = \'true\''
    assert company.differences(losers, "select subject_id, expected from truth where fact = 'account_merged'") == []
    last = company.csv(f"{ACCOUNT}_{LAST}.csv")
    assert company.value(f'select count(*) from {last} where "MasterRecordId" is not null') == 0


def test_every_merge_chain_leads_over_a_record_that_lost_later(company: Company) -> None:
    exports = company.csv(f"{ACCOUNT}_*.csv")
    chains = company.rows("select subject_id, expected, detail -> 'chain' from truth where fact = 'merge_chain'")
    assert len(chains) == 2
    followed = f"""
        with merges as (select distinct "Id" as loser, "MasterRecordId" as winner from {exports} where "MasterRecordId" is not null)
        select first.loser, second.winner from merges as first inner join merges as second on second.loser = first.winner
    """
    assert company.differences(followed, "select subject_id, expected from truth where fact = 'merge_chain'") == []


def test_deleted_restored_and_absent_accounts_look_as_different_as_they_are(company: Company) -> None:
    def seen(day: str, deleted: str) -> set[object]:
        return {
            account
            for (account,) in company.rows(
                f'select "Id" from {company.csv(f"{ACCOUNT}_{day}.csv")} where "IsDeleted" = \'{deleted}\''
            )
        }

    def told(fact: str) -> set[object]:
        return {account for (account,) in company.rows(f"select subject_id from truth where fact = '{fact}'")}

    merged = told("account_merged")
    live_before, live, binned, gone = (
        seen(SECOND, "false"),
        seen(LAST, "false"),
        seen(SECOND, "true"),
        seen(FIRST, "false"),
    )
    assert binned - merged == told("account_deleted")
    assert told("account_deleted") <= gone
    assert told("account_restored") == told("account_deleted") & live
    assert live_before - live == told("account_absent")


def test_churned_accounts_are_former_customers_in_the_last_export(company: Company) -> None:
    former = f'select "Id" from {company.csv(f"{ACCOUNT}_{LAST}.csv")} where "Type" = \'Former Customer\''
    churned = "select subject_id from truth where fact = 'churned' and source_system = 'salesforce'"
    assert company.differences(former, churned) == []


# --- stages and the waterfall ---------------------------------------------------------------------------------------------


def test_every_planted_stage_move_is_a_row_of_field_history_and_no_row_is_left_over(company: Company) -> None:
    history = company.csv("salesforce/main/history/OpportunityFieldHistory_*.csv")
    rows = f"""
        select "OpportunityId", replace("CreatedDate", '.000Z', 'Z'), "OldValue", "NewValue" from {history} where "Field" = 'StageName'
    """
    planted = """
        select subject_id, detail ->> 'at', detail ->> 'from', detail ->> 'to'
        from truth where fact = 'stage_moved' and source_system = 'salesforce'
    """
    assert company.value(f"select count(*) from ({planted})") > 800
    assert company.differences(rows, planted) == []


def test_opportunity_history_has_a_row_at_every_planted_stage_move(company: Company) -> None:
    history = company.csv("salesforce/main/history/OpportunityHistory_*.csv")
    missing = company.rows(
        f"""
        select subject_id, detail ->> 'at' from truth
        where fact = 'stage_moved' and source_system = 'salesforce' and (subject_id, detail ->> 'at', detail ->> 'to') not in (
            select ("OpportunityId", replace("CreatedDate", '.000Z', 'Z'), "StageName") from {history} where "OpportunityId" is not null
        )
        """
    )
    assert missing == []


def test_every_planted_move_of_a_hubspot_deal_is_in_its_property_history(company: Company) -> None:
    history = company.lines("hubspot/acquired/property_histories_*.jsonl")
    rows = f"""
        with stages as (
            select
                record ->> '$.objectId' as deal,
                replace(record ->> '$.timestamp', '.000Z', 'Z') as moved_at,
                record ->> '$.value' as stage,
                lag(record ->> '$.value') over (partition by record ->> '$.objectId' order by record ->> '$.timestamp') as before
            from {history} where record ->> '$.property' = 'dealstage'
        )
        select deal, moved_at, stage from stages where before is not null
    """
    # a deal older than its history begins with a move whose starting point is not on record
    planted = """
        select subject_id, detail ->> 'at', detail ->> 'to' from truth
        where fact = 'stage_moved' and source_system = 'hubspot'
            and (subject_id, detail ->> 'at') not in (
                select (subject_id, min(detail ->> 'at')) from truth
                where fact = 'stage_moved' and subject_id not in (
                    select subject_id from truth where fact = 'deal_created' and (detail ->> 'recorded') = 'true'
                )
                group by subject_id
            )
    """
    assert company.differences(rows, planted) == []


def test_pushed_and_pulled_in_close_dates_are_those_of_field_history(company: Company) -> None:
    history = company.csv("salesforce/main/history/OpportunityFieldHistory_*.csv")
    # closing a deal writes its close date too, at the moment of its stage move
    rows = f"""
        select dates."OpportunityId", (dates."NewValue"::date - dates."OldValue"::date)::varchar
        from {history} as dates
        anti join (select "OpportunityId", "CreatedDate" from {history} where "Field" = 'StageName') as closings
            on closings."OpportunityId" = dates."OpportunityId" and closings."CreatedDate" = dates."CreatedDate"
        where dates."Field" = 'CloseDate'
    """
    planted = """
        select subject_id, expected from truth
        where fact in ('close_date_pushed', 'close_date_pulled_in') and source_system = 'salesforce' and (detail ->> 'recorded') = 'true'
    """
    assert company.differences(rows, planted) == []


def test_raised_and_lowered_amounts_are_those_of_field_history(company: Company) -> None:
    history = company.csv("salesforce/main/history/OpportunityFieldHistory_*.csv")
    rows = f"""select "OpportunityId", ("NewValue"::bigint - "OldValue"::bigint)::varchar from {history} where "Field" = 'Amount'"""
    planted = """
        select subject_id, expected from truth
        where fact in ('amount_raised', 'amount_lowered') and source_system = 'salesforce' and (detail ->> 'recorded') = 'true'
    """
    assert company.differences(rows, planted) == []


def test_every_change_of_a_deals_owner_is_told_once_though_history_has_two_rows_of_it(company: Company) -> None:
    history = company.csv("salesforce/main/history/OpportunityFieldHistory_*.csv")
    rows = f"""select "OpportunityId", "NewValue" from {history} where "Field" = 'Owner' and "DataType" = 'EntityId'"""
    planted = (
        "select subject_id, expected from truth where fact = 'deal_owner_changed' and (detail ->> 'recorded') = 'true'"
    )
    assert company.differences(rows, planted) == []
    assert company.value(f"select count(*) from {history} where \"Field\" = 'Owner'") == 2 * int(
        str(company.value(f"select count(*) from ({rows})"))
    )


def test_deals_that_never_changed_have_no_history(company: Company) -> None:
    history = company.csv("salesforce/main/history/OpportunityHistory_*.csv")
    assert (
        company.value(
            f"""select count(*) from truth where fact = 'deal_never_changed' and subject_id in (select "OpportunityId" from {history})"""
        )
        == 0
    )
    assert company.value("select count(*) from truth where fact = 'deal_never_changed'") >= 2


def test_two_changes_in_one_second_are_two_rows_of_history(company: Company) -> None:
    history = company.csv("salesforce/main/history/OpportunityHistory_*.csv")
    twice = f"""
        select "OpportunityId", replace("CreatedDate", '.000Z', 'Z') from {history}
        where "OpportunityId" is not null group by all having count(*) > 1
    """
    planted = "select subject_id, detail ->> 'at' from truth where fact = 'two_changes_in_one_second'"
    assert company.differences(twice, planted) == []


def test_the_renamed_stage_has_its_old_name_before_and_its_new_name_after(company: Company) -> None:
    ((old, new, renamed_on),) = company.rows(
        "select subject_id, expected, on_date from truth where fact = 'stage_renamed'"
    )
    history = company.csv("salesforce/main/history/OpportunityHistory_*.csv")
    found = company.rows(
        f"""select "StageName", min("CreatedDate"), max("CreatedDate") from {history} where "StageName" in ('{old}', '{new}') group by 1"""
    )
    spans = {name: (str(first), str(last)) for name, first, last in found}
    assert spans[old][1] < str(renamed_on) < spans[new][0]


def test_deals_wait_in_the_removed_stage_of_both_crms(company: Company) -> None:
    salesforce = company.csv(f"salesforce/main/Opportunity_{LAST}.csv")
    hubspot = company.records(f"hubspot/acquired/deals_{LAST}.json", "results")
    there = f"""
        select "Id" from {salesforce} where "StageName" = 'Budget Review' and "IsClosed" = 'false'
        union all select record ->> '$.id' from {hubspot} where record ->> '$.properties.dealstage' = '98112233'
    """
    assert company.differences(there, "select subject_id from truth where fact = 'deal_in_removed_stage'") == []
    stages = company.records(f"hubspot/acquired/pipeline_stages_{LAST}.json", "results")
    assert company.value(f"select count(*) from {stages} where record ->> '$.id' = '98112233'") == 0


# --- currency -------------------------------------------------------------------------------------------------------------


def test_deals_without_a_rate_are_those_for_which_the_rates_have_no_row(company: Company) -> None:
    rates = company.csv(f"salesforce/main/DatedConversionRate_{LAST}.csv")
    deals = company.csv(f"salesforce/main/Opportunity_{LAST}.csv")
    without = f"""
        select deals."Id" from {deals} as deals
        anti join {rates} as rates
            on rates."IsoCode" = deals."CurrencyIsoCode"
            and deals."CloseDate"[:10] >= rates."StartDate" and deals."CloseDate"[:10] < rates."NextStartDate"
        where deals."CloseDate" is not null
    """
    planted = f"""
        select subject_id from truth where fact = 'deal_without_rate' and source_system = 'salesforce'
            and subject_id in (select "Id" from {deals})
    """
    assert company.value(f"select count(*) from ({planted})") > 0
    assert company.differences(without, planted) == []


# --- identity -------------------------------------------------------------------------------------------------------------


def _accounts(company: Company) -> str:
    """Accounts of both CRMs: id, domain, and the id that a merged one has become."""
    salesforce = company.csv(f"{ACCOUNT}_{LAST}.csv")
    every = company.csv(f"{ACCOUNT}_*.csv")
    hubspot = company.records(f"hubspot/acquired/companies_{LAST}_part*.json", "results")
    return f"""
        merges as (
            select distinct "Id" as loser, "MasterRecordId" as winner from {every} where "MasterRecordId" is not null
        ),
        survivors as (
            select merges.loser, coalesce(later.winner, merges.winner) as account_id
            from merges left join merges as later on later.loser = merges.winner
        ),
        hubspot_only as (
            select record ->> '$.id' as id, record ->> '$.properties.domain' as domain from {hubspot}
            where (record ->> '$.id') not in (select subject_id from truth where fact = 'same_company' and source_system = 'hubspot')
        ),
        ids as (
            select "Id" as known_as, "Id" as account_id from {salesforce}
            union all select loser, account_id from survivors
            union all select id, id from hubspot_only
        ),
        domains as (
            select replace("Website", 'https://www.', '') as domain, "Id" as account_id from {salesforce}
            union all select domain, id from hubspot_only where domain is not null
        ),
        clear_domains as (select domain, any_value(account_id) as account_id from domains group by domain having count(*) = 1)
    """


@pytest.mark.parametrize(
    ("system", "organization", "external_id", "domain", "source"),
    [
        (
            "zendesk",
            "$.id",
            "$.external_id",
            "$.domain_names[0]",
            ("zendesk/main/organizations_{}.json", "organizations"),
        ),
        ("intercom", "$.id", "$.company_id", "$.website", ("intercom/acquired/companies_{}.json", "data")),
    ],
)
def test_exact_rules_find_the_planted_pairs_and_no_others(
    company: Company, system: str, organization: str, external_id: str, domain: str, source: tuple[str, str]
) -> None:
    organizations = company.records(source[0].format(LAST), source[1])
    found = f"""
        with {_accounts(company)},
        organizations as (
            select record ->> '{organization}' as id, record ->> '{external_id}' as external_id,
                replace(record ->> '{domain}', 'https://', '') as domain
            from {organizations}
        )
        select organizations.id, coalesce(by_id.account_id, by_domain.account_id) as account_id
        from organizations
        left join ids as by_id
            on by_id.known_as = organizations.external_id
            or (length(organizations.external_id) = 15 and by_id.known_as[:15] = organizations.external_id)
        left join clear_domains as by_domain on by_domain.domain = organizations.domain and organizations.external_id is null
        where coalesce(by_id.account_id, by_domain.account_id) is not null
    """
    planted = f"""
        select subject_id, expected from truth
        where fact = 'same_company' and source_system = '{system}' and (detail ->> 'rule') <> 'name_only'
    """
    assert company.value(f"select count(*) from ({planted})") > 5
    assert company.differences(found, planted) == []


def test_hubspot_companies_that_are_salesforce_accounts_can_be_found(company: Company) -> None:
    hubspot = company.records(f"hubspot/acquired/companies_{LAST}_part*.json", "results")
    salesforce = company.csv(f"{ACCOUNT}_{LAST}.csv")
    found = f"""
        with companies as (
            select record ->> '$.id' as id, record ->> '$.properties.salesforceaccountid' as external_id,
                record ->> '$.properties.domain' as domain
            from {hubspot}
        )
        select companies.id, accounts."Id"
        from companies inner join {salesforce} as accounts
            on accounts."Id"[:length(companies.external_id)] = companies.external_id
            or (companies.external_id is null and 'https://www.' || companies.domain = accounts."Website")
    """
    planted = """
        select subject_id, expected from truth
        where fact = 'same_company' and source_system = 'hubspot' and (detail ->> 'rule') <> 'name_only'
    """
    assert company.differences(found, planted) == []
    namesakes = "select subject_id from truth where fact = 'different_company_same_name'"
    assert company.value(f"select count(*) from ({found}) as pairs (id, account) where id in ({namesakes})") == 0


def test_every_rule_of_identity_occurs(company: Company) -> None:
    rules = {
        rule for (rule,) in company.rows("select distinct detail ->> 'rule' from truth where fact = 'same_company'")
    }
    assert rules == {"external_id", "external_id_18", "external_id_15", "domain", "name_only"}
    assert (
        company.value("select bool_or((detail ->> 'by_merged_record')::boolean) from truth where fact = 'same_company'")
        is True
    )


# --- usage ----------------------------------------------------------------------------------------------------------------


def _tracks(company: Company) -> str:
    tracks = company.lines("segment/main/tracks_2*.jsonl.gz")
    return f"""
        select distinct
            record ->> '$.messageId' as id, record ->> '$.context.groupId' as group_id, record ->> '$.userId' as user_id,
            (record ->> '$.timestamp')::timestamp as happened_at, (record ->> '$.receivedAt')::timestamp as received_at
        from {tracks}
    """


def test_usage_of_the_last_weeks_falls_for_those_of_whom_it_is_told(company: Company) -> None:
    counted = f"""
        with tracks as ({_tracks(company)}),
        companies as (select subject_id as group_id, expected as account_id from truth where subject_type = 'group' and source_system = 'segment'),
        domains as (select subject_id as domain, expected as account_id from truth where subject_type = 'user_domain' and source_system = 'segment'),
        weeks as (
            select coalesce(companies.account_id, domains.account_id) as account_id,
                count(*) filter (where happened_at::date between date '{LAST}' - 20 and date '{LAST}' - 14) as week_2,
                count(*) filter (where happened_at::date between date '{LAST}' - 13 and date '{LAST}' - 7) as week_1,
                count(*) filter (where happened_at::date between date '{LAST}' - 6 and date '{LAST}') as week_0
            from tracks
            left join companies using (group_id)
            left join domains on tracks.group_id is null and split_part(tracks.user_id, '@', 2) = domains.domain
            group by 1
        )
        select account_id, to_json([week_2, week_1, week_0])::varchar from weeks where week_2 + week_1 + week_0 > 0
    """
    planted = """
        select subject_id, (detail -> 'events_by_week')::varchar from truth
        where fact = 'usage_trend' and (detail ->> 'stream') = 'segment'
            and subject_id in (select expected from truth where fact = 'same_company' and subject_type in ('group', 'user_domain'))
    """
    only_counted = [row for row in company.differences(counted, planted) if row[0] == "only in the second"]
    assert only_counted == []
    trends = dict(company.rows("select expected, count(*) from truth where fact = 'usage_trend' group by 1"))
    assert trends["down_40_twice"] >= 3
    assert trends["down_20_twice"] >= 3


def test_falling_usage_belongs_to_stalling_and_churning_accounts_only(company: Company) -> None:
    stories = company.rows(
        """
        select distinct trends.expected, stories.expected from truth as trends
        inner join truth as stories on stories.fact = 'account_story' and stories.subject_id = trends.subject_id
        where trends.fact = 'usage_trend' and trends.expected <> 'steady'
        """
    )
    assert set(stories) == {("down_40_twice", "silent_churn"), ("down_20_twice", "stalling")}


def test_late_events_are_those_that_were_received_days_after_they_happened(company: Company) -> None:
    late = f"""
        with tracks as ({_tracks(company)})
        select count(*) from tracks where received_at::date > happened_at::date
    """
    planted = "select sum(expected::integer) from truth where fact = 'late_events' and source_system = 'segment'"
    ahead = """
        select count(*) from truth as ahead where fact = 'event_ahead_of_clock' and source_system = 'segment'
    """
    # an event that is both late and ahead of its clock may look like neither
    assert abs(int(str(company.value(late))) - int(str(company.value(planted)))) <= int(str(company.value(ahead)))
    assert (
        int(str(company.value("select max((detail ->> 'late_days')::integer) from truth where fact = 'late_events'")))
        > 60
    )


def test_events_sent_twice_are_told_by_their_ids(company: Company) -> None:
    tracks = company.lines("segment/main/tracks_2*.jsonl.gz")
    twice = f"select record ->> '$.messageId' from {tracks} group by 1 having count(*) > 1"
    planted = "select subject_id from truth where fact = 'event_sent_twice' and source_system = 'segment'"
    assert company.differences(twice, planted) == []


def test_events_from_the_future_are_told_by_their_ids(company: Company) -> None:
    ahead = f"with tracks as ({_tracks(company)}) select id from tracks where happened_at > received_at"
    planted = "select subject_id from truth where fact = 'event_ahead_of_clock' and source_system = 'segment'"
    assert company.differences(ahead, planted) == []
    assert (
        company.value("select count(*) from truth where fact = 'event_ahead_of_clock' and expected = 'after today'") > 0
    )


# --- revenue, support, coverage -------------------------------------------------------------------------------------------


def test_movements_of_revenue_follow_from_the_subscriptions(company: Company) -> None:
    subscriptions = company.subscriptions(LAST)
    news = f"""
        select customer_id, min(start_date), (12 * arg_min(mrr::integer, start_date))::varchar
        from {subscriptions} where product = 'Larkspur Platform' group by 1
    """
    planted = "select detail ->> 'customer', on_date, expected from truth where fact = 'arr_new'"
    assert company.differences(news, planted) == []
    churned = f"select distinct customer_id from {subscriptions} where status = 'cancelled'"
    told = """
        select distinct detail ->> 'customer' from truth
        where fact = 'arr_churn' and (subject_id in (select subject_id from truth where fact = 'churned'))
    """
    assert company.differences(churned, told) == []


def test_reopened_zendesk_tickets_are_those_with_a_reopen_in_their_metrics(company: Company) -> None:
    metrics = company.lines("zendesk/main/ticket_metrics_*.ndjson")
    reopened = (
        f"select record ->> '$.ticket_id' from {metrics} group by 1 having max((record ->> '$.reopens')::integer) > 0"
    )
    planted = "select subject_id from truth where fact = 'ticket_reopened' and source_system = 'zendesk'"
    assert company.differences(reopened, planted) == []


def test_committees_are_the_contact_roles_of_open_deals(company: Company) -> None:
    roles = company.csv(f"salesforce/main/OpportunityContactRole_{LAST}.csv")
    counted = f"""select "OpportunityId", count(*)::varchar from {roles} group by 1"""
    planted = "select subject_id, expected from truth where fact = 'deal_committee' and expected <> '0'"
    assert [row for row in company.differences(counted, planted) if row[0] == "only in the second"] == []


def test_archived_activities_are_in_no_export(company: Company) -> None:
    tasks = company.csv("salesforce/main/Task_*.csv", null="#N/A")
    oldest = company.value(f'select min("ActivityDate") from {tasks} where "ActivityDate" like \'20%\'')
    assert str(oldest) > "2025-04-30"
    assert str(company.value("select max(on_date) from truth where fact = 'activities_archived'")) <= "2025-04-30"


def test_missed_renewals_have_an_ended_subscription_that_is_not_cancelled(company: Company) -> None:
    subscriptions = company.subscriptions(LAST)
    overdue = f"select distinct customer_id from {subscriptions} where status = 'past_due'"
    planted = "select detail ->> 'customer' from truth where fact = 'arr_lapse'"
    assert company.differences(overdue, planted) == []
