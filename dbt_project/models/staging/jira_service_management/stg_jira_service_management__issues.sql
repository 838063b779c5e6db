{# One row per issue, a customer's request among others, in its latest state. #}

with

renamed_issues as (

    select
        'jira_service_management' as source_system,
        source_instance,
        cast(id as string) as issue_id,
        key as issue_key,
        project_key,
        project_name,
        issue_type,
        request_type,
        summary as subject,
        status as issue_status,
        status_category,
        priority,
        resolution,
        organizations,
        reporter_id as requester_id,
        reporter_name as requester_name,
        reporter_email as requester_email,
        assignee_id,
        assignee_name,
        labels,
        components,
        satisfaction_rating,
        time_to_first_response as first_response_sla,
        time_to_resolution as resolution_sla,
        changelog,
        due_date,
        status_category_changed_at,
        resolved_at,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'jira_service_management__issues') }}

)

select * from renamed_issues
