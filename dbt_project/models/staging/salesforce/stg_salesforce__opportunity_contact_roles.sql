{# One row per contact who plays a role in a deal. #}

with

renamed_opportunity_contact_roles as (

    select
        'salesforce' as source_system,
        source_instance,
        id as opportunity_contact_role_id,
        opportunity_id,
        contact_id,
        role as contact_role,
        is_primary,
        is_deleted,
        created_by_id,
        created_at,
        last_modified_at,
        system_modstamp_at as updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'salesforce__opportunity_contact_roles') }}

)

select * from renamed_opportunity_contact_roles
