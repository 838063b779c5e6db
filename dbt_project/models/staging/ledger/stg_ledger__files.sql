{# One row per file that was examined, whatever became of it. #}

with

renamed_files as (

    select
        file_id,
        run_id,
        source_system,
        source_instance,
        table_name,
        path as file_path,
        delivery,
        delivered_at,
        size_bytes,
        modified_at as file_modified_at,
        sha256,
        format as file_format,
        encoding as file_encoding,
        status as load_status,
        reason_code as load_reason_code,
        reason as load_reason,
        repeats_file_id,
        rows_in as row_count,
        rows_loaded as loaded_row_count,
        rows_quarantined as quarantined_row_count,
        rows_superseded as superseded_row_count,
        rows_repeated as repeated_row_count,
        rows_corrected as corrected_row_count,
        footer_lines as footer_line_count,
        contract_version,
        loaded_at

    from {{ known_rows('ledger', 'files') }}

)

select * from renamed_files
