{{ config(materialized='table') }}
{#
    One row per account record of a CRM: a Salesforce account or a HubSpot company, also a deleted, merged or
    vanished one.
#}

with

salesforce_accounts as (

    select
        source_system,
        source_instance,
        account_id as source_account_id,
        account_name,
        website,
        {{ web_domain('website') }} as domain,
        account_type,
        industry,
        billing_country as country,
        employee_count,
        annual_revenue,
        currency_code,
        owner_id as source_owner_id,
        parent_account_id as source_parent_account_id,
        -- The sync's link between two CRMs is kept on the side of HubSpot.
        cast(null as string) as salesforce_account_id,
        is_deleted,
        cast(null as boolean) as is_archived,
        is_later_version,
        is_restored,
        created_at,
        updated_at,
        file_id,
        last_seen_file_id

    from {{ ref('stg_salesforce__accounts') }}

),

hubspot_companies as (

    select
        source_system,
        source_instance,
        company_id as source_account_id,
        company_name as account_name,
        coalesce(website, domain) as website,
        coalesce({{ web_domain('domain') }}, {{ web_domain('website') }}) as domain,
        company_type as account_type,
        industry,
        country,
        employee_count,
        annual_revenue,
        -- A portal has one currency for its companies, which exports do not name.
        cast(null as string) as currency_code,
        owner_id as source_owner_id,
        parent_company_id as source_parent_account_id,
        salesforce_account_id,
        cast(null as boolean) as is_deleted,
        is_archived,
        is_later_version,
        is_restored,
        created_at,
        updated_at,
        file_id,
        last_seen_file_id

    from {{ ref('stg_hubspot__companies') }}

),

account_merges as (

    select
        account_record_id,
        merged_into_record_id

    from {{ ref('int_accounts__merges_listed') }}

),

exports as (

    select
        source_system,
        source_instance,
        exported_at

    from {{ ref('int_accounts__exports_dated') }}

),

files as (

    select
        file_id,
        delivered_at

    from {{ ref('stg_ledger__files') }}

),

all_records as (

    select * from salesforce_accounts

    union all

    select * from hubspot_companies

),

named_records as (

    select
        *,
        {{ conformed_id('source_system', 'source_instance', 'source_account_id') }} as account_record_id,
        {{ conformed_id('source_system', 'source_instance', 'source_owner_id') }} as owner_record_id,
        {{ conformed_id(
            'source_system', 'source_instance', 'source_parent_account_id'
        ) }} as parent_account_record_id

    from all_records

),

judged_records as (

    select
        named_records.account_record_id,
        named_records.source_system,
        named_records.source_instance,
        named_records.source_account_id,
        named_records.account_name,
        named_records.website,
        named_records.domain,
        named_records.account_type,
        named_records.industry,
        named_records.country,
        named_records.employee_count,
        named_records.annual_revenue,
        named_records.currency_code,
        named_records.owner_record_id,
        named_records.parent_account_record_id,
        named_records.salesforce_account_id,
        account_merges.merged_into_record_id,
        named_records.is_restored,
        named_records.is_later_version,
        named_records.created_at,
        named_records.updated_at,
        named_records.file_id,
        -- The loser of a merge is flagged as deleted, and both vanish from exports in time: the cause
        -- outranks its traces.
        case
            when account_merges.merged_into_record_id is not null then 'merged'
            when named_records.is_deleted and not named_records.is_later_version then 'deleted'
            when named_records.is_archived and not named_records.is_later_version then 'archived'
            -- An export that was delivered in parts has one date. What a later file showed again has no
            -- date, and is not absent.
            when files.delivered_at < exports.exported_at then 'absent'
            else 'active'
        end as record_status

    from named_records

    -- Most records were never merged.
    left join account_merges on named_records.account_record_id = account_merges.account_record_id

    -- A day before the first export has none.
    left join exports
        on
            named_records.source_system = exports.source_system
            and named_records.source_instance = exports.source_instance

    -- Under known_at, the file that saw a record last may not be known yet.
    left join files on named_records.last_seen_file_id = files.file_id

)

select * from judged_records
