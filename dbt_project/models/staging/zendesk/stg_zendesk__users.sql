{# One row per user, both the people who ask and the agents who answer. #}

with

renamed_users as (

    select
        'zendesk' as source_system,
        source_instance,
        cast(id as string) as user_id,
        name as full_name,
        email,
        phone,
        external_id,
        role as user_role,
        cast(organization_id as string) as organization_id,
        cast(default_group_id as string) as default_group_id,
        tags,
        user_fields,
        time_zone,
        locale,
        is_active,
        is_suspended,
        is_permanently_deleted,
        last_login_at,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'zendesk__users') }}

)

select * from renamed_users
