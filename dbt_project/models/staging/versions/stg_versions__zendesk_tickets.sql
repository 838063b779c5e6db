{# One row per version of a ticket, the current one too. #}

with

renamed_versions as (

    select
        'zendesk' as source_system,
        source_instance,
        cast(id as string) as ticket_id,
        status as ticket_status,
        priority,
        cast(assignee_id as string) as assignee_id,
        first_reply_calendar_minutes,
        solved_at,
        created_at,
        updated_at,
        _file_id as file_id

    from {{ known_versions('raw', 'zendesk__tickets') }}

)

select * from renamed_versions
