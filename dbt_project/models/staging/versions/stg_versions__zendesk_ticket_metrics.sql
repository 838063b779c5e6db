{# One row per version of a ticket's metrics, the current one too. #}

with

renamed_versions as (

    select
        'zendesk' as source_system,
        source_instance,
        cast(ticket_id as string) as ticket_id,
        first_reply_calendar_minutes,
        solved_at,
        created_at,
        updated_at,
        _file_id as file_id

    from {{ known_versions('raw', 'zendesk__ticket_metrics') }}

)

select * from renamed_versions
