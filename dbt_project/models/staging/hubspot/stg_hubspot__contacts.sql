{# One row per contact, a person; archived ones only where they were asked for. #}

with

renamed_contacts as (

    select
        'hubspot' as source_system,
        source_instance,
        cast(id as string) as contact_id,
        first_name,
        last_name,
        email,
        phone,
        job_title,
        company_name,
        cast(associated_company_id as string) as associated_company_id,
        associated_company_ids,
        associated_companies,
        buying_role,
        lifecycle_stage,
        lead_status,
        hubspot_score,
        source as lead_source,
        country,
        cast(owner_id as string) as owner_id,
        owner_name,
        merged_object_ids,
        has_opted_out_of_email,
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

    from {{ known_rows('raw', 'hubspot__contacts') }}

)

select * from renamed_contacts
