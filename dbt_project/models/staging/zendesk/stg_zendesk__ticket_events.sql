{# One row per audit of a ticket, or per single change where the export takes audits apart. #}

with

renamed_ticket_events as (

    select
        'zendesk' as source_system,
        source_instance,
        cast(id as string) as ticket_event_id,
        cast(ticket_id as string) as ticket_id,
        cast(author_id as string) as changed_by_id,
        via_channel as channel,
        event_type,
        field_name,
        value as new_value,
        previous_value as old_value,
        events as child_events,
        created_at as changed_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_rows('raw', 'zendesk__ticket_events') }}

)

select * from renamed_ticket_events
