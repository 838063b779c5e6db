{# One row per event, one thing that somebody did. #}

with

renamed_events as (

    select
        'mixpanel' as source_system,
        source_instance,
        insert_id as event_id,
        event as event_name,
        distinct_id,
        user_id,
        device_id,
        properties as event_properties,
        occurred_at,
        received_at,
        processed_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_rows('raw', 'mixpanel__events') }}

)

select * from renamed_events
