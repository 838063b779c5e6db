"""Who is who: every planted pair is found by the rule that can find it, and no exact match is wrong."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.dbt_project.conftest import SampleCompany
from tests.dbt_project.test_accounts import record_id

Key = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def links(company_built: SampleCompany) -> dict[Key, dict[str, Any]]:
    """What every object was found to be. Jira's organizations are planted by name; HubSpot's companies are accounts themselves."""
    found = company_built.rows(
        """
        select
            source_system, source_instance, object_type,
            case when source_system = 'jira_service_management' then object_name else object_id end as object_id,
            account_id, match_rule, match_confidence, match_evidence, suggested_account_id
        from intermediate.int_identity__account_links_matched

        union all

        select
            records.source_system, records.source_instance, 'company', records.source_account_id,
            records.account_id, records.resolution_rule, links.match_confidence, links.match_evidence,
            links.suggested_record_id
        from intermediate.int_accounts__records_resolved as records
        inner join intermediate.int_accounts__crm_links_matched as links
            on records.account_record_id = links.account_record_id
        where records.source_system = 'hubspot'
        """
    )
    return {(row["source_system"], row["source_instance"], row["object_type"], row["object_id"]): row for row in found}


def key_of(fact: dict[str, Any]) -> Key:
    return fact["source_system"], fact["source_instance"], fact["subject_type"], fact["subject_id"]


def same_companies(company: SampleCompany) -> dict[Key, dict[str, Any]]:
    return {key_of(fact): fact for fact in company.truth("identity", "same_company")}


def test_every_pair_is_found_by_the_rule_that_can_find_it(
    company_built: SampleCompany, links: dict[Key, dict[str, Any]]
) -> None:
    found: Counter[str] = Counter()
    for key, fact in same_companies(company_built).items():
        rule = fact["detail"]["rule"]
        if rule == "name_only":
            continue
        assert links[key]["account_id"] == record_id(fact["expected"]), (key, links[key])
        assert links[key]["match_confidence"] == "exact"
        # A Jira organization is a name and no more: its domain is that of its people.
        is_jira = key[0] == "jira_service_management"
        assert links[key]["match_rule"] == ("people_domain" if is_jira else rule), (key, links[key])
        found[rule] += 1
    assert found == {"external_id": 64, "external_id_15": 117, "external_id_18": 262, "domain": 71}


def test_ids_of_records_that_lost_a_merge_lead_to_the_survivor(
    company_built: SampleCompany, links: dict[Key, dict[str, Any]]
) -> None:
    merged = [fact for fact in same_companies(company_built).values() if fact["detail"]["by_merged_record"]]

    assert merged
    for fact in merged:
        assert fact["detail"]["link"][:15] != fact["expected"][:15]
        assert links[key_of(fact)]["account_id"] == record_id(fact["expected"])


def test_a_name_is_a_suggestion_and_no_more(company_built: SampleCompany, links: dict[Key, dict[str, Any]]) -> None:
    """Billing's customers without a link have another: the deal that each of their subscriptions came from."""
    found: Counter[str] = Counter()
    for key, fact in same_companies(company_built).items():
        if fact["detail"]["rule"] != "name_only":
            continue
        link = links[key]
        if key[0] == "billing":
            assert (link["account_id"], link["match_rule"]) == (record_id(fact["expected"]), "opportunity_id")
        else:
            assert link["suggested_account_id"] == record_id(fact["expected"])
            assert link["match_confidence"] == "suggested"
            # A company of HubSpot stays the account that it is; everything else stays without one.
            assert link["account_id"] == (record_id(key[3]) if key[0] == "hubspot" else None)
        found[key[0]] += 1
    assert found == {"billing": 17, "zendesk": 9, "freshdesk": 2, "intercom": 1, "hubspot": 1}


def test_no_exact_match_is_wrong(company_built: SampleCompany, links: dict[Key, dict[str, Any]]) -> None:
    """What is matched and not among the planted pairs is known by number: workspace and customer of a company share it."""
    planted = {key: record_id(fact["expected"]) for key, fact in same_companies(company_built).items()}
    unplanted = []
    for key, link in links.items():
        if link["match_confidence"] != "exact" or key in planted:
            continue
        assert key[:3] == ("product", "main", "workspace"), (key, link)
        assert link["account_id"] == planted[("billing", "main", "customer", key[3].replace("ws_", "CUS-"))]
        unplanted.append(key)
    wrong = [key for key in planted if links[key]["account_id"] not in (None, planted[key]) and key[0] != "hubspot"]

    assert wrong == []
    assert len(unplanted) == 34


def test_a_domain_of_two_companies_is_listed_and_not_guessed(
    company_built: SampleCompany, links: dict[Key, dict[str, Any]]
) -> None:
    doubtful = {key for key, link in links.items() if link["match_confidence"] == "ambiguous"}

    assert doubtful == {key_of(fact) for fact in company_built.truth("identity", "ambiguous_domain")}
    for fact in company_built.truth("identity", "ambiguous_domain"):
        link = links[key_of(fact)]
        assert link["account_id"] is None
        assert link["match_evidence"] == f"domain {fact['detail']['domain']}, of 2 accounts"


def test_namesakes_and_strangers_are_nobody_else(
    company_built: SampleCompany, links: dict[Key, dict[str, Any]]
) -> None:
    for fact in company_built.truth("identity", "different_company_same_name"):
        link = links[key_of(fact)]
        assert (link["account_id"], link["suggested_account_id"]) == (record_id(fact["subject_id"]), None)
    for fact in company_built.truth("identity", "no_company"):
        link = links[key_of(fact)]
        assert (link["account_id"], link["suggested_account_id"], link["match_confidence"]) == (None, None, "none")


def test_every_object_of_every_system_is_judged_once(company_built: SampleCompany) -> None:
    (counted,) = company_built.rows(
        """
        select
            (select count(*) from raw.zendesk__organizations) + (select count(*) from raw.freshdesk__companies)
            + (select count(*) from raw.intercom__companies)
            + (select count(distinct organizations) from raw.jira_service_management__issues)
            + (select count(distinct account_id) from raw.billing__subscriptions)
            + (select count(*) from (
                select account_id from raw.product__seats union select account_id from raw.product__entitlements
            ))
            + (select count(*) from intermediate.int_identity__usage_objects_listed) as objects,
            (select count(*) from intermediate.int_identity__account_links_matched) as judged
        """
    )
    assert counted["objects"] == counted["judged"]
