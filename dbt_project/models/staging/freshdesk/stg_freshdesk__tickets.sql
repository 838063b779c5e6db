{# One row per ticket in its latest state. #}

with

renamed_tickets as (

    select
        'freshdesk' as source_system,
        source_instance,
        cast(id as string) as ticket_id,
        subject,
        status as ticket_status,
        priority,
        source as channel,
        type as ticket_type,
        cast(requester_id as string) as requester_id,
        requester_name,
        requester_email,
        cast(company_id as string) as company_id,
        company_name,
        cast(responder_id as string) as assignee_id,
        responder_name as assignee_name,
        cast(group_id as string) as group_id,
        group_name,
        cast(product_id as string) as product_id,
        product_name,
        tags,
        custom_fields,
        agent_reply_count,
        customer_reply_count,
        first_response_status,
        resolution_status,
        survey_result as satisfaction_rating,
        is_escalated,
        is_first_response_escalated,
        is_spam,
        is_deleted,
        due_at,
        first_response_due_at,
        first_responded_at,
        agent_responded_at,
        requester_responded_at,
        status_updated_at,
        pending_since_at,
        reopened_at,
        resolved_at,
        closed_at,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'freshdesk__tickets') }}

)

select * from renamed_tickets
