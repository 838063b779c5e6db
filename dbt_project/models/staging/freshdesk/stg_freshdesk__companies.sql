{# One row per company, the organisation behind contacts. #}

with

renamed_companies as (

    select
        'freshdesk' as source_system,
        source_instance,
        cast(id as string) as company_id,
        name as company_name,
        domains as domain_names,
        industry,
        account_tier,
        health_score as health_band,
        custom_fields,
        renewal_date,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'freshdesk__companies') }}

)

select * from renamed_companies
