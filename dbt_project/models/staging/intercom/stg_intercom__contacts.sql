{# One row per contact, a user or a lead. #}

with

renamed_contacts as (

    select
        'intercom' as source_system,
        source_instance,
        id as contact_id,
        external_id,
        role as contact_role,
        name as full_name,
        email,
        phone,
        owner_id,
        companies,
        tags,
        custom_attributes,
        has_hard_bounced,
        has_unsubscribed_from_emails,
        signed_up_at,
        last_seen_at,
        last_replied_at,
        last_contacted_at,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'intercom__contacts') }}

)

select * from renamed_contacts
