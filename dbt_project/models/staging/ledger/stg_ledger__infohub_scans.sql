{# One row per scan of an InfoHub. #}

with

renamed_infohub_scans as (

    select
        'infohub' as source_system,
        source_instance,
        scan_id,
        run_id,
        root as root_name,
        status as scan_status,
        reason_code as scan_reason_code,
        reason as scan_reason,
        files_seen as file_count,
        files_parsed as parsed_file_count,
        files_unchanged as unchanged_file_count,
        files_removed as removed_file_count,
        files_unreadable as unreadable_file_count,
        files_refused as refused_file_count,
        files_not_parsed as not_parsed_file_count,
        documents as document_count,
        realms as realm_count,
        nodes as node_count,
        is_drop_accepted,
        loaded_at

    from {{ known_rows('ledger', 'infohub_scans') }}

)

select * from renamed_infohub_scans
