{# One row per opportunity, a deal, as it stands at the time of the export. #}

with

renamed_opportunities as (

    select
        'salesforce' as source_system,
        source_instance,
        id as opportunity_id,
        account_id,
        account_name,
        owner_id,
        owner_name,
        name as opportunity_name,
        stage_name,
        amount,
        probability as probability_pct,
        expected_revenue,
        close_date,
        type as opportunity_type,
        forecast_category,
        forecast_category_name,
        is_closed,
        is_won,
        is_deleted,
        is_private,
        next_step,
        lead_source,
        loss_reason,
        main_competitors,
        engagement_track,
        campaign_id,
        contact_id,
        record_type_id,
        record_type_name,
        currency_iso_code as currency_code,
        description,
        push_count,
        last_activity_date,
        last_stage_change_at,
        created_by_id,
        last_modified_by_id,
        created_at,
        last_modified_at,
        system_modstamp_at as updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'salesforce__opportunities') }}

)

select * from renamed_opportunities
