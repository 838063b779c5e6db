{# One row per event, one thing that somebody did. #}

with

renamed_events as (

    select
        'amplitude' as source_system,
        source_instance,
        insert_id as event_id,
        uuid as delivery_id,
        event_id as device_event_number,
        event_type as event_name,
        user_id,
        device_id,
        cast(amplitude_id as string) as person_id,
        cast(session_id as string) as session_id,
        cast(app as string) as project_id,
        platform,
        version_name,
        library,
        country,
        ip_address,
        groups,
        group_properties,
        event_properties,
        user_properties,
        occurred_at,
        client_event_at,
        client_upload_at,
        server_received_at as received_at,
        server_upload_at,
        processed_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_rows('raw', 'amplitude__events') }}

)

select * from renamed_events
