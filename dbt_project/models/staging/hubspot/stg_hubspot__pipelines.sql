{# One row per pipeline, with its stages inside as the API lists them. #}

with

renamed_pipelines as (

    select
        'hubspot' as source_system,
        source_instance,
        id as pipeline_id,
        object_type,
        label as pipeline_label,
        display_order,
        stages,
        is_active,
        is_archived,
        created_at,
        updated_at,
        archived_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'hubspot__pipelines') }}

)

select * from renamed_pipelines
