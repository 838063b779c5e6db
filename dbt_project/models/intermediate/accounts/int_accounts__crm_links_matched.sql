{{ config(materialized='table') }}
{#
    One row per surviving account record, with the record of another CRM (or another instance) that is the
    same company.

    Each link leads to a record that comes earlier in one order: Salesforce before the others, then by
    instance. So links followed from record to record come to an end.
#}

with

records as (

    select
        account_record_id,
        source_system,
        source_instance,
        source_account_id,
        account_name,
        domain,
        salesforce_account_id

    from {{ ref('int_accounts__records_unioned') }}

),

account_merges as (

    select
        account_record_id,
        surviving_account_record_id

    from {{ ref('int_accounts__merges_resolved') }}

),

domain_holders as (

    select
        account_record_id,
        domain,
        is_unique_domain,
        is_in_other_instance,
        leading_record_id

    from {{ ref('int_accounts__domain_holders_counted') }}

),

named_records as (

    select
        account_record_id,
        company_name_key

    from {{ ref('int_accounts__names_compared') }}

),

survivors_records as (

    -- A record that lost a merge keeps its ids, and they speak for the survivor.
    select
        records.source_system,
        records.source_instance,
        records.source_account_id,
        records.domain,
        records.salesforce_account_id,
        coalesce(account_merges.surviving_account_record_id, records.account_record_id) as account_record_id,
        {{ salesforce_id_18('records.salesforce_account_id') }} as salesforce_id_18

    from records

    left join account_merges on records.account_record_id = account_merges.account_record_id

),

survivors as (

    select
        account_record_id,
        max(domain) as domain,
        max(source_system) as source_system,
        max(source_instance) as source_instance

    from survivors_records

    group by account_record_id

),

id_matches as (

    select
        claiming_records.account_record_id,
        min(salesforce_records.account_record_id) as linked_record_id,
        count(distinct salesforce_records.account_record_id) as linked_record_count,
        max(length(claiming_records.salesforce_account_id)) as id_length,
        max(claiming_records.salesforce_account_id) as salesforce_account_id

    from survivors_records as claiming_records

    inner join survivors_records as salesforce_records
        on
            claiming_records.salesforce_id_18 = salesforce_records.source_account_id
            and salesforce_records.source_system = 'salesforce'

    group by claiming_records.account_record_id

),

domain_matches as (

    select
        account_record_id,
        min(leading_record_id) as linked_record_id,
        count(distinct leading_record_id) as linked_record_count,
        min(domain) as domain

    from domain_holders

    where is_unique_domain and leading_record_id <> account_record_id

    group by account_record_id

),

shared_domains as (

    select
        account_record_id,
        min(domain) as domain

    from domain_holders

    -- Two records of one CRM that share a domain are no link between CRMs.
    where not is_unique_domain and is_in_other_instance and leading_record_id <> account_record_id

    group by account_record_id

),

name_matches as (

    -- Two companies of one name with domains of their own are two companies.
    select
        survivors.account_record_id,
        min(salesforce_survivors.account_record_id) as linked_record_id,
        count(distinct salesforce_survivors.account_record_id) as linked_record_count,
        min(own_names.company_name_key) as company_name_key

    from survivors

    inner join named_records as own_names on survivors.account_record_id = own_names.account_record_id

    inner join named_records as other_names on own_names.company_name_key = other_names.company_name_key

    inner join survivors as salesforce_survivors
        on
            other_names.account_record_id = salesforce_survivors.account_record_id
            and salesforce_survivors.source_system = 'salesforce'

    where
        survivors.source_system <> 'salesforce'
        and (survivors.domain is null or salesforce_survivors.domain is null)

    group by survivors.account_record_id

),

judged_links as (

    select
        survivors.account_record_id,
        survivors.source_system,
        survivors.source_instance,
        case
            when id_matches.linked_record_count = 1 then id_matches.linked_record_id
            when id_matches.linked_record_count is null and domain_matches.linked_record_count = 1
                then domain_matches.linked_record_id
        end as linked_record_id,
        case
            when
                id_matches.account_record_id is not null
                then 'external_id_' || cast(id_matches.id_length as string)
            when
                coalesce(domain_matches.account_record_id, shared_domains.account_record_id) is not null
                then 'domain'
            when name_matches.account_record_id is not null then 'name'
        end as match_rule,
        case
            when coalesce(id_matches.linked_record_count, domain_matches.linked_record_count) = 1 then 'exact'
            when
                coalesce(
                    id_matches.account_record_id,
                    domain_matches.account_record_id,
                    shared_domains.account_record_id
                )
                is not null
                then 'ambiguous'
            when name_matches.linked_record_count = 1 then 'suggested'
            when name_matches.account_record_id is not null then 'ambiguous'
            else 'none'
        end as match_confidence,
        case
            when id_matches.account_record_id is not null
                then 'salesforce_account_id ' || id_matches.salesforce_account_id
            when domain_matches.account_record_id is not null then 'domain ' || domain_matches.domain
            when shared_domains.account_record_id is not null then 'shared domain ' || shared_domains.domain
            when name_matches.account_record_id is not null then 'name ' || name_matches.company_name_key
        end as match_evidence,
        case
            when
                coalesce(
                    id_matches.account_record_id,
                    domain_matches.account_record_id,
                    shared_domains.account_record_id
                )
                is null
                and name_matches.linked_record_count = 1
                then name_matches.linked_record_id
        end as suggested_record_id

    from survivors

    -- Each rule finds nothing for most records, and the first one that finds something decides.
    left join id_matches on survivors.account_record_id = id_matches.account_record_id

    left join domain_matches on survivors.account_record_id = domain_matches.account_record_id

    left join shared_domains on survivors.account_record_id = shared_domains.account_record_id

    left join name_matches on survivors.account_record_id = name_matches.account_record_id

)

select * from judged_links
