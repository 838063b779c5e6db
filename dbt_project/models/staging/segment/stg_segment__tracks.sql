{# One row per track call, one thing that somebody did. #}

with

renamed_tracks as (

    select
        'segment' as source_system,
        source_instance,
        id as event_id,
        event as event_name,
        event_text,
        user_id,
        anonymous_id,
        context_group_id,
        properties as event_properties,
        occurred_at,
        original_at,
        sent_at,
        received_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_rows('raw', 'segment__tracks') }}

)

select * from renamed_tracks
