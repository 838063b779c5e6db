"""People, their roles in deals, and leads of the sample company, against what was planted."""

from __future__ import annotations

from tests.dbt_project.conftest import SampleCompany
from tests.dbt_project.test_accounts import record_id


def test_every_committee_has_the_roles_that_were_planted(company_built: SampleCompany) -> None:
    roles: dict[str, set[str]] = {}
    for row in company_built.rows(
        "select * from intermediate.int_people__committee_roles_conformed where source_system = 'salesforce'"
    ):
        roles.setdefault(row["opportunity_id"], set()).add(row["crm_role"])

    for fact in company_built.truth("coverage", "deal_committee"):
        found = roles.get(f"salesforce:main:{fact['subject_id']}", set())
        assert found == set(fact["detail"]["roles"]), fact
        assert len(found) == int(fact["expected"])


def test_every_wording_of_the_sample_is_in_the_policy(company_built: SampleCompany) -> None:
    wordings = company_built.rows("select * from intermediate.int_people__committee_wordings_counted")

    assert {row["committee_role"] for row in wordings} == {
        "champion", "economic_buyer", "executive_sponsor", "it_security", "procurement", "legal", "users", "other",
    }  # fmt: skip


def test_every_converted_lead_leads_to_its_deal_and_no_other_lead_does(company_built: SampleCompany) -> None:
    converted = {
        row["source_lead_id"]: row["converted_opportunity_id"]
        for row in company_built.rows("select * from intermediate.int_leads__leads_conformed where is_converted")
    }

    assert converted == {
        fact["subject_id"]: f"salesforce:main:{fact['expected']}"
        for fact in company_built.truth("coverage", "lead_converted")
    }


def test_champions_who_left_have_bouncing_mail_and_their_account(company_built: SampleCompany) -> None:
    people = {row["email"]: row for row in company_built.rows("select * from core.dim_people where email is not null")}

    for fact in company_built.truth("account", "champion_left"):
        person = people[fact["detail"]["email"]]
        assert person["account_id"] == record_id(fact["expected"])
        if fact["source_system"] == "salesforce":
            assert person["is_email_bounced"]


def test_contacts_of_both_crms_and_desks_with_one_address_are_one_person(company_built: SampleCompany) -> None:
    (counted,) = company_built.rows(
        """
        with addresses as (
            select lower(email) as email from raw.salesforce__contacts
            union select lower(email) from raw.hubspot__contacts
            union select lower(email) from raw.zendesk__users where role = 'end-user'
            union select lower(email) from raw.freshdesk__contacts
            union select lower(email) from raw.intercom__contacts
        )
        select
            (select count(*) from addresses) as addresses,
            (select count(*) from core.dim_people) as people,
            (select count(distinct email) from core.dim_people) as people_addresses,
            (select cast(sum(record_count) as bigint) from core.dim_people) as records,
            (select count(*) from intermediate.int_people__people_unioned) as unioned
        """
    )
    assert counted["addresses"] == counted["people"] == counted["people_addresses"]
    assert counted["records"] == counted["unioned"]


def test_every_owner_of_an_account_is_a_user_with_a_name(company_built: SampleCompany) -> None:
    assert (
        company_built.rows(
            "select account_id from core.dim_accounts where owner_record_id is not null and owner_name is null"
        )
        == []
    )
