{# One row per company that at least one contact belongs to. #}

with

renamed_companies as (

    select
        'intercom' as source_system,
        source_instance,
        id as company_id,
        company_id as external_id,
        name as company_name,
        plan_name,
        size as employee_count,
        industry,
        website,
        monthly_spend,
        session_count,
        user_count,
        tags,
        custom_attributes,
        remote_created_at,
        last_request_at,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'intercom__companies') }}

)

select * from renamed_companies
