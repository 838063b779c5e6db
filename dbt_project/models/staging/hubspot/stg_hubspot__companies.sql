{# One row per company; archived ones only where they were asked for. #}

with

renamed_companies as (

    select
        'hubspot' as source_system,
        source_instance,
        cast(id as string) as company_id,
        name as company_name,
        domain,
        website,
        industry,
        type as company_type,
        lifecycle_stage,
        lead_status,
        number_of_employees as employee_count,
        annual_revenue,
        country,
        engagement_track,
        state,
        city,
        salesforce_account_id,
        cast(parent_company_id as string) as parent_company_id,
        cast(owner_id as string) as owner_id,
        owner_name,
        merged_object_ids,
        source as lead_source,
        is_target_account,
        is_archived,
        last_activity_at,
        last_contacted_at,
        created_at,
        updated_at,
        archived_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'hubspot__companies') }}

)

select * from renamed_companies
