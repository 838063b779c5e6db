{# One row per version of a ticket, the current one too. #}

with

renamed_versions as (

    select
        'freshdesk' as source_system,
        source_instance,
        cast(id as string) as ticket_id,
        status as ticket_status,
        priority,
        cast(responder_id as string) as assignee_id,
        is_deleted,
        first_responded_at,
        status_updated_at,
        pending_since_at,
        reopened_at,
        resolved_at,
        closed_at,
        created_at,
        updated_at,
        _file_id as file_id

    from {{ known_versions('raw', 'freshdesk__tickets') }}

)

select * from renamed_versions
