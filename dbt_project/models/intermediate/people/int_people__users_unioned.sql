{{ config(materialized='table') }}
{# One row per user or owner of a CRM, past and present: who accounts, deals and activities belong to. #}

with

salesforce_users as (

    select
        source_system,
        source_instance,
        user_id as source_user_id,
        full_name,
        lower(trim(email)) as email,
        job_title,
        user_role_name,
        manager_id as source_manager_id,
        is_active,
        created_at,
        updated_at,
        file_id

    from {{ ref('stg_salesforce__users') }}

),

hubspot_owners as (

    select
        source_system,
        source_instance,
        owner_id as source_user_id,
        nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '') as full_name,
        lower(trim(email)) as email,
        -- The export of owners has neither titles nor roles nor managers.
        cast(null as string) as job_title,
        cast(null as string) as user_role_name,
        cast(null as string) as source_manager_id,
        not is_archived as is_active,
        created_at,
        updated_at,
        file_id

    from {{ ref('stg_hubspot__owners') }}

),

all_users as (

    select * from salesforce_users

    union all

    select * from hubspot_owners

),

named_users as (

    select
        {{ conformed_id('source_system', 'source_instance', 'source_user_id') }} as user_record_id,
        source_system,
        source_instance,
        source_user_id,
        full_name,
        email,
        job_title,
        user_role_name,
        {{ conformed_id('source_system', 'source_instance', 'source_manager_id') }} as manager_record_id,
        is_active,
        created_at,
        updated_at,
        file_id

    from all_users

),

managed_users as (

    select
        named_users.user_record_id,
        named_users.source_system,
        named_users.source_instance,
        named_users.source_user_id,
        named_users.full_name,
        named_users.email,
        named_users.job_title,
        named_users.user_role_name,
        managers.user_record_id as manager_record_id,
        managers.full_name as manager_name,
        named_users.is_active,
        named_users.created_at,
        named_users.updated_at,
        named_users.file_id

    from named_users

    -- Not everybody has a manager, and a manager can be missing from the export.
    left join named_users as managers on named_users.manager_record_id = managers.user_record_id

)

select * from managed_users
