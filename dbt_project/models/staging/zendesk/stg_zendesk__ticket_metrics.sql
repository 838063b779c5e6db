{# One row per ticket with the times and counts that the vendor computes for it. #}

with

renamed_ticket_metrics as (

    select
        'zendesk' as source_system,
        source_instance,
        cast(ticket_id as string) as ticket_id,
        cast(id as string) as ticket_metric_id,
        reopen_count,
        reply_count,
        assignee_station_count,
        group_station_count,
        first_reply_calendar_minutes,
        first_reply_business_minutes,
        first_resolution_calendar_minutes,
        first_resolution_business_minutes,
        full_resolution_calendar_minutes,
        full_resolution_business_minutes,
        agent_wait_calendar_minutes,
        agent_wait_business_minutes,
        requester_wait_calendar_minutes,
        requester_wait_business_minutes,
        on_hold_calendar_minutes,
        on_hold_business_minutes,
        initially_assigned_at,
        assigned_at,
        solved_at,
        latest_comment_added_at,
        requester_updated_at,
        assignee_updated_at,
        status_updated_at,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'zendesk__ticket_metrics') }}

)

select * from renamed_ticket_metrics
