{# One row per change of a tracked field of a deal. #}

with

renamed_opportunity_field_histories as (

    select
        'salesforce' as source_system,
        source_instance,
        id as opportunity_field_history_id,
        opportunity_id,
        field as field_name,
        data_type,
        old_value,
        new_value,
        created_by_id as changed_by_id,
        is_deleted,
        created_at as changed_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_rows('raw', 'salesforce__opportunity_field_histories') }}

)

select * from renamed_opportunity_field_histories
