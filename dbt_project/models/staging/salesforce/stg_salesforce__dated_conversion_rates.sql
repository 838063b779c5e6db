{# One row per currency and period, with the rate that held in it. #}

with

renamed_dated_conversion_rates as (

    select
        'salesforce' as source_system,
        source_instance,
        iso_code as currency_code,
        start_date,
        id as dated_conversion_rate_id,
        conversion_rate,
        next_start_date,
        created_at,
        last_modified_at,
        system_modstamp_at as updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'salesforce__dated_conversion_rates') }}

)

select * from renamed_dated_conversion_rates
