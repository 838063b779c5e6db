{# One row per owner, a user that records can be assigned to. #}

with

renamed_owners as (

    select
        'hubspot' as source_system,
        source_instance,
        cast(id as string) as owner_id,
        cast(user_id as string) as user_id,
        email,
        first_name,
        last_name,
        type as owner_type,
        teams,
        is_archived,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'hubspot__owners') }}

)

select * from renamed_owners
