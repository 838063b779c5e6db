{# One row per version of an issue, the current one too. #}

with

renamed_versions as (

    select
        'jira_service_management' as source_system,
        source_instance,
        cast(id as string) as issue_id,
        key as issue_key,
        status as issue_status,
        status_category,
        priority,
        assignee_id,
        changelog,
        resolved_at,
        created_at,
        updated_at,
        _file_id as file_id

    from {{ known_versions('raw', 'jira_service_management__issues') }}

)

select * from renamed_versions
