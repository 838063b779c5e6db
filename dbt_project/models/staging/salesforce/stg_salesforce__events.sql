{# One row per calendar event. #}

with

renamed_events as (

    select
        'salesforce' as source_system,
        source_instance,
        id as event_id,
        who_id,
        what_id,
        account_id,
        owner_id,
        subject,
        type as event_type,
        event_subtype,
        location,
        show_as,
        duration_minutes,
        is_all_day_event,
        is_child,
        is_group_event,
        is_recurrence,
        is_archived,
        is_deleted,
        created_by_id,
        activity_date,
        activity_at,
        starts_at,
        ends_at,
        created_at,
        last_modified_at,
        system_modstamp_at as updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'salesforce__events') }}

)

select * from renamed_events
