{# One row per version of a Salesforce opportunity that an export held, in exports of every day. #}

with

renamed_opportunity_versions as (

    select
        'salesforce' as source_system,
        source_instance,
        id as opportunity_id,
        account_id,
        owner_id,
        stage_name,
        amount,
        probability as probability_pct,
        close_date,
        forecast_category,
        forecast_category_name,
        is_closed,
        is_deleted,
        next_step,
        loss_reason,
        currency_iso_code as currency_code,
        last_stage_change_at,
        created_at,
        system_modstamp_at as updated_at,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_versions('raw', 'salesforce__opportunities') }}

)

select * from renamed_opportunity_versions
