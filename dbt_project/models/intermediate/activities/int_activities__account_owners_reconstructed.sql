{#
    One row per interval in which an account of the CRM had the same owner, as far as exports show it, up to the day.

    An export shows who owns an account at the moment it was last changed. What was before the oldest version is carried back
    from it and marked: the owner may have been another.
#}

{{ config(materialized='table') }}

with

versions as (

    select
        source_system,
        source_instance,
        account_id,
        owner_id,
        file_id,
        coalesce(updated_at, created_at) as updated_at

    from {{ ref('stg_versions__salesforce_accounts') }}

),

numbered_versions as (

    select
        {{ conformed_id('source_system', 'source_instance', 'account_id') }} as account_record_id,
        {{ conformed_id('source_system', 'source_instance', 'owner_id') }} as owner_record_id,
        updated_at,
        row_number() over (
            partition by source_system, source_instance, account_id
            order by updated_at asc nulls first, file_id asc nulls last
        ) as version_number

    from versions

),

evidence as (

    -- before the oldest version
    select
        account_record_id,
        owner_record_id,
        cast(null as timestamp) as valid_from_at,
        0 as version_number,
        'carried_back' as owner_basis

    from numbered_versions

    where version_number = 1

    union all

    select
        account_record_id,
        owner_record_id,
        updated_at as valid_from_at,
        version_number,
        'observed' as owner_basis

    from numbered_versions

    where updated_at < {{ as_of_end() }}

),

compared_evidence as (

    select
        *,
        lag(version_number) over versions_in_order as previous_version_number,
        lag(owner_record_id) over versions_in_order as previous_owner_record_id,
        lag(owner_basis) over versions_in_order as previous_owner_basis

    from evidence

    window versions_in_order as (partition by account_record_id order by version_number asc nulls last)

),

changed_evidence as (

    select *

    from compared_evidence

    where
        previous_version_number is null
        or owner_record_id is distinct from previous_owner_record_id
        or owner_basis <> previous_owner_basis

),

intervals as (

    select
        account_record_id,
        cast(
            row_number() over (
                partition by account_record_id order by version_number asc nulls last
            ) as bigint
        ) as interval_number,
        valid_from_at,
        owner_record_id,
        owner_basis,
        lead(valid_from_at) over (
            partition by account_record_id order by version_number asc nulls last
        ) as valid_to_at

    from changed_evidence

)

select * from intervals
