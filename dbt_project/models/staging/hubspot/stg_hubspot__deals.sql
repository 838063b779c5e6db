{# One row per deal as it stands at the time of the export; archived ones only where they were asked for. #}

with

renamed_deals as (

    select
        'hubspot' as source_system,
        source_instance,
        cast(id as string) as deal_id,
        deal_name,
        deal_stage,
        pipeline,
        deal_type,
        amount,
        amount_in_home_currency,
        currency_code,
        stage_probability,
        forecast_category,
        forecast_amount,
        forecast_probability,
        annual_contract_value,
        annual_recurring_revenue,
        total_contract_value,
        cast(owner_id as string) as owner_id,
        owner_name,
        cast(associated_company_id as string) as associated_company_id,
        associated_company_ids,
        associated_company_name,
        associated_companies,
        associated_contact_ids,
        associated_contacts,
        merged_object_ids,
        next_step,
        engagement_track,
        source as lead_source,
        closed_lost_reason as loss_reason,
        closed_won_reason as win_reason,
        priority,
        description,
        is_closed,
        is_closed_won as is_won,
        is_archived,
        closes_at,
        last_activity_at,
        last_contacted_at,
        created_at,
        updated_at,
        archived_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version,
        _is_restored as is_restored

    from {{ known_rows('raw', 'hubspot__deals') }}

)

select * from renamed_deals
