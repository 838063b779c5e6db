{# One row per contact, a person known to us, usually at an account. #}

with

renamed_contacts as (

    select
        'salesforce' as source_system,
        source_instance,
        id as contact_id,
        account_id,
        name as full_name,
        first_name,
        last_name,
        email,
        phone,
        title as job_title,
        department,
        reports_to_id as reports_to_contact_id,
        owner_id,
        lead_source,
        master_record_id as merged_into_contact_id,
        has_opted_out_of_email,
        is_email_bounced,
        email_bounced_at,
        is_deleted,
        last_activity_date,
        created_at,
        last_modified_at,
        system_modstamp_at as updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'salesforce__contacts') }}

)

select * from renamed_contacts
