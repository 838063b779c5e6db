{# One row per rating that a requester gave, or was asked for. #}

with

renamed_satisfaction_ratings as (

    select
        'zendesk' as source_system,
        source_instance,
        cast(id as string) as satisfaction_rating_id,
        cast(ticket_id as string) as ticket_id,
        score as satisfaction_rating,
        reason as satisfaction_reason,
        cast(reason_code as string) as satisfaction_reason_code,
        comment as satisfaction_comment,
        cast(requester_id as string) as requester_id,
        cast(assignee_id as string) as assignee_id,
        cast(group_id as string) as group_id,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'zendesk__satisfaction_ratings') }}

)

select * from renamed_satisfaction_ratings
