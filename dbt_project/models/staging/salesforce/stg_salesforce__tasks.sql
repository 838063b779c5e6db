{# One row per task, which is also how calls and mails are logged. #}

with

renamed_tasks as (

    select
        'salesforce' as source_system,
        source_instance,
        id as task_id,
        who_id,
        what_id,
        account_id,
        owner_id,
        subject,
        type as task_type,
        task_subtype,
        call_type,
        call_disposition,
        call_duration_seconds,
        status as task_status,
        priority,
        is_closed,
        is_recurrence,
        is_archived,
        is_deleted,
        created_by_id,
        activity_date as due_date,
        completed_at,
        created_at,
        last_modified_at,
        system_modstamp_at as updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'salesforce__tasks') }}

)

select * from renamed_tasks
