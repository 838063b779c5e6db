{# One row per conversation in its latest state. #}

with

renamed_conversations as (

    select
        'intercom' as source_system,
        source_instance,
        id as conversation_id,
        title as conversation_title,
        state as conversation_status,
        priority,
        source_type as channel,
        source_subject as subject,
        source_author_type as author_type,
        source_author_id as author_id,
        source_author_email as author_email,
        company_id,
        contacts,
        admin_assignee_id as assignee_id,
        team_assignee_id,
        tags,
        custom_attributes,
        rating as satisfaction_rating,
        rating_remark as satisfaction_comment,
        sla_name,
        sla_status,
        conversation_parts,
        time_to_assignment_seconds,
        time_to_admin_reply_seconds,
        time_to_first_close_seconds,
        time_to_last_close_seconds,
        median_time_to_reply_seconds,
        reopen_count,
        assignment_count,
        conversation_part_count,
        is_open,
        is_read,
        waiting_since_at,
        snoozed_until_at,
        rated_at,
        first_assignment_at,
        first_contact_reply_at,
        first_admin_reply_at,
        last_contact_reply_at,
        last_admin_reply_at,
        first_close_at,
        last_close_at,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'intercom__conversations') }}

)

select * from renamed_conversations
