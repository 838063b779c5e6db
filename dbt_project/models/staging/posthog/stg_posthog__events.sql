{# One row per event, one thing that somebody did, autocaptured and page events too. #}

with

renamed_events as (

    select
        'posthog' as source_system,
        source_instance,
        uuid as event_id,
        event as event_name,
        distinct_id,
        person_id,
        cast(team_id as string) as project_id,
        properties as event_properties,
        person_properties as user_properties,
        ip as ip_address,
        occurred_at,
        created_at as received_at,
        inserted_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_rows('raw', 'posthog__events') }}

)

select * from renamed_events
