{# One row per contact, a person who asks. #}

with

renamed_contacts as (

    select
        'freshdesk' as source_system,
        source_instance,
        cast(id as string) as contact_id,
        name as full_name,
        email,
        phone,
        mobile,
        job_title,
        cast(company_id as string) as company_id,
        other_companies,
        unique_external_id as external_id,
        tags,
        custom_fields,
        time_zone,
        language,
        is_active,
        is_deleted,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'freshdesk__contacts') }}

)

select * from renamed_contacts
