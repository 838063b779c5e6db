{# One row per entry of an issue's changelog, a set of fields that one person changed at one moment. #}

with

renamed_issue_changes as (

    select
        'jira_service_management' as source_system,
        source_instance,
        cast(id as string) as issue_change_id,
        cast(issue_id as string) as issue_id,
        issue_key,
        author_id as changed_by_id,
        author_name as changed_by_name,
        items,
        created_at as changed_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_rows('raw', 'jira_service_management__issue_changes') }}

)

select * from renamed_issue_changes
