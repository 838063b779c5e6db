{# One row per value that a property of a record has had. #}

with

renamed_property_histories as (

    select
        'hubspot' as source_system,
        source_instance,
        object_type,
        cast(object_id as string) as object_id,
        property as property_name,
        changed_at,
        value as property_value,
        source_type,
        source_id,
        source_label,
        cast(updated_by_user_id as string) as changed_by_id,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_rows('raw', 'hubspot__property_histories') }}

)

select * from renamed_property_histories
