{# One row per YAML document or canvas of the InfoHub. #}

with

renamed_documents as (

    select
        'infohub' as source_system,
        source_instance,
        path as file_path,
        document_index,
        realm,
        node,
        fields,
        body,
        content_date,
        content_at,
        content_date_key,
        is_content_date_inferred,
        _loaded_at as loaded_at,
        _run_id as run_id

    from {{ known_rows('raw', 'infohub__documents') }}

)

select * from renamed_documents
