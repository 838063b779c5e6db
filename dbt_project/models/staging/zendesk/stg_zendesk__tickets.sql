{# One row per ticket in its latest state. #}

with

renamed_tickets as (

    select
        'zendesk' as source_system,
        source_instance,
        cast(id as string) as ticket_id,
        external_id,
        subject,
        description,
        status as ticket_status,
        cast(custom_status_id as string) as custom_status_id,
        priority,
        type as ticket_type,
        via_channel as channel,
        cast(organization_id as string) as organization_id,
        organization_name,
        cast(requester_id as string) as requester_id,
        requester_name,
        requester_email,
        requester_external_id,
        cast(submitter_id as string) as submitter_id,
        cast(assignee_id as string) as assignee_id,
        assignee_name,
        cast(group_id as string) as group_id,
        group_name,
        cast(brand_id as string) as brand_id,
        cast(ticket_form_id as string) as ticket_form_id,
        cast(problem_id as string) as problem_id,
        tags,
        custom_fields,
        satisfaction_score as satisfaction_rating,
        reopen_count,
        reply_count,
        first_reply_calendar_minutes,
        first_reply_business_minutes,
        first_resolution_calendar_minutes,
        first_resolution_business_minutes,
        full_resolution_calendar_minutes,
        full_resolution_business_minutes,
        has_incidents,
        is_public,
        due_at,
        assigned_at,
        initially_assigned_at,
        solved_at,
        created_at,
        updated_at,
        generated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'zendesk__tickets') }}

)

select * from renamed_tickets
