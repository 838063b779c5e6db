{{ config(materialized='table') }}
{# One row per claim of int_identity__claims_unioned and account of a CRM that the claim fits. #}

with

claims as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        claim_kind,
        claim_value,
        mention_count,
        {{ salesforce_id_18('claim_value') }} as salesforce_id

    from {{ ref('int_identity__claims_unioned') }}

),

account_records as (

    select
        account_record_id,
        source_system,
        source_account_id,
        account_id

    from {{ ref('int_accounts__records_resolved') }}

),

opportunities as (

    select
        source_opportunity_id,
        account_record_id

    from {{ ref('int_identity__opportunity_accounts_unioned') }}

),

domain_holders as (

    select
        account_record_id,
        domain

    from {{ ref('int_accounts__domain_holders_counted') }}

),

named_records as (

    select
        account_record_id,
        company_name_key

    from {{ ref('int_accounts__names_compared') }}

),

legal_forms as (

    select legal_form

    from {{ ref('legal_forms') }}

),

free_mail_domains as (

    select mail_domain

    from {{ ref('free_mail_domains') }}

),

id_matches as (

    select
        claims.source_system,
        claims.source_instance,
        claims.object_type,
        claims.object_id,
        claims.claim_kind,
        claims.claim_value,
        case
            when claims.claim_kind <> 'external_id' then claims.claim_kind
            when account_records.source_system = 'salesforce'
                then 'external_id_' || cast(length(claims.claim_value) as string)
            else 'external_id'
        end as match_rule,
        account_records.account_id

    from claims

    inner join account_records
        on
            case
                when account_records.source_system = 'salesforce' then claims.salesforce_id else
                    claims.claim_value
            end
            = account_records.source_account_id

    where claims.claim_kind in ('external_id', 'subscription_account_id', 'workspace_account_id')

),

opportunity_matches as (

    select
        claims.source_system,
        claims.source_instance,
        claims.object_type,
        claims.object_id,
        claims.claim_kind,
        claims.claim_value,
        claims.claim_kind as match_rule,
        account_records.account_id

    from claims

    inner join
        opportunities
        on coalesce(claims.salesforce_id, claims.claim_value) = opportunities.source_opportunity_id

    inner join account_records on opportunities.account_record_id = account_records.account_record_id

    where claims.claim_kind = 'opportunity_id'

),

telling_domains as (

    -- Of the people's domains only the one that most of them share: among a company's users are consultants
    -- and partners.
    select
        claims.source_system,
        claims.source_instance,
        claims.object_type,
        claims.object_id,
        claims.claim_kind,
        claims.claim_value

    from claims

    -- An address there says nothing about the company.
    left join free_mail_domains on claims.claim_value = free_mail_domains.mail_domain

    where
        claims.claim_kind in ('domain', 'people_domain')
        and free_mail_domains.mail_domain is null

    qualify
        claims.claim_kind = 'domain'
        or claims.mention_count = max(claims.mention_count) over (
            partition by
                claims.source_system,
                claims.source_instance,
                claims.object_type,
                claims.object_id,
                claims.claim_kind
        )

),

domain_matches as (

    select
        telling_domains.source_system,
        telling_domains.source_instance,
        telling_domains.object_type,
        telling_domains.object_id,
        telling_domains.claim_kind,
        telling_domains.claim_value,
        telling_domains.claim_kind as match_rule,
        account_records.account_id

    from telling_domains

    inner join domain_holders on telling_domains.claim_value = domain_holders.domain

    inner join account_records on domain_holders.account_record_id = account_records.account_record_id

),

objects_with_domains as (

    select distinct
        source_system,
        source_instance,
        object_type,
        object_id

    from telling_domains

    where claim_kind = 'domain'

),

accounts_with_domains as (

    select distinct account_records.account_id

    from domain_holders

    inner join account_records on domain_holders.account_record_id = account_records.account_record_id

),

plain_names as (

    select
        source_system,
        source_instance,
        object_type,
        object_id,
        claim_value,
        {{ name_words('claim_value') }} as plain_name

    from claims

    where claim_kind = 'name' and {{ name_words('claim_value') }} is not null

),

compared_names as (

    {{ names_without_legal_form(
        'plain_names',
        ['source_system', 'source_instance', 'object_type', 'object_id', 'claim_value'],
        'plain_name',
        'legal_forms',
    ) }}

),

name_matches as (

    select
        compared_names.source_system,
        compared_names.source_instance,
        compared_names.object_type,
        compared_names.object_id,
        'name' as claim_kind,
        compared_names.claim_value,
        'name' as match_rule,
        account_records.account_id,
        -- Two companies of one name with domains of their own are two companies.
        objects_with_domains.object_id is not null
        and accounts_with_domains.account_id is not null as has_domain_on_both_sides

    from compared_names

    inner join named_records on compared_names.company_name_key = named_records.company_name_key

    inner join account_records on named_records.account_record_id = account_records.account_record_id

    left join objects_with_domains
        on
            compared_names.source_system = objects_with_domains.source_system
            and compared_names.source_instance = objects_with_domains.source_instance
            and compared_names.object_type = objects_with_domains.object_type
            and compared_names.object_id = objects_with_domains.object_id

    left join accounts_with_domains on account_records.account_id = accounts_with_domains.account_id

),

all_matches as (

    select
        *,
        cast(null as boolean) as has_domain_on_both_sides

    from id_matches

    union

    select
        *,
        cast(null as boolean) as has_domain_on_both_sides

    from opportunity_matches

    union

    select
        *,
        cast(null as boolean) as has_domain_on_both_sides

    from domain_matches

    union

    select * from name_matches

)

select * from all_matches
