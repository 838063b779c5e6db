{# One row per stage of a pipeline. #}

with

renamed_pipeline_stages as (

    select
        'hubspot' as source_system,
        source_instance,
        pipeline_id,
        id as pipeline_stage_id,
        pipeline_label,
        object_type,
        label as pipeline_stage_label,
        display_order,
        probability as probability_ratio,
        is_closed,
        is_closed_won as is_won,
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

    from {{ known_rows('raw', 'hubspot__pipeline_stages') }}

)

select * from renamed_pipeline_stages
