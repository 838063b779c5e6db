{# One row per user of the CRM, past and present, the integration users too. #}

with

renamed_users as (

    select
        'salesforce' as source_system,
        source_instance,
        id as user_id,
        name as full_name,
        email,
        username,
        title as job_title,
        department,
        division,
        manager_id,
        user_role_id,
        user_role_name,
        profile_id,
        user_type,
        time_zone_sid_key as time_zone,
        is_active,
        last_login_at,
        created_at,
        last_modified_at,
        system_modstamp_at as updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'salesforce__users') }}

)

select * from renamed_users
