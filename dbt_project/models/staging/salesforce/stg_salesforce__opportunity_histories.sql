{# One row per change of a deal, with its stage, amount, probability and close date as they were after it. #}

with

renamed_opportunity_histories as (

    select
        'salesforce' as source_system,
        source_instance,
        id as opportunity_history_id,
        opportunity_id,
        created_by_id as changed_by_id,
        stage_name,
        amount,
        previous_amount,
        expected_revenue,
        probability as probability_pct,
        forecast_category,
        currency_iso_code as currency_code,
        is_deleted,
        close_date,
        previous_close_date,
        created_at as changed_at,
        system_modstamp_at as updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_rows('raw', 'salesforce__opportunity_histories') }}

)

select * from renamed_opportunity_histories
