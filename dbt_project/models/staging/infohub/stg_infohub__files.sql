{# One row per file of the InfoHub, read or not. #}

with

renamed_files as (

    select
        'infohub' as source_system,
        source_instance,
        path as file_path,
        realm,
        node,
        area,
        asset_path,
        kind as file_kind,
        size_bytes,
        modified_at as file_modified_at,
        sha256,
        status as reading_status,
        reason_code as reading_reason_code,
        reason as reading_reason,
        line as reason_line,
        document_count,
        _loaded_at as loaded_at,
        _run_id as run_id,
        _is_removed_since as is_removed_since

    from {{ known_rows('raw', 'infohub__files') }}

)

select * from renamed_files
