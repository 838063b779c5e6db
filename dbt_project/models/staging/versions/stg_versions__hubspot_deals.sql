{# One row per version of a HubSpot deal that an export held, in exports of every day. #}

with

renamed_deal_versions as (

    select
        'hubspot' as source_system,
        source_instance,
        cast(id as string) as deal_id,
        deal_stage,
        pipeline,
        amount,
        currency_code,
        stage_probability,
        forecast_category,
        cast(owner_id as string) as owner_id,
        cast(associated_company_id as string) as associated_company_id,
        associated_company_ids,
        associated_companies,
        merged_object_ids,
        next_step,
        closed_lost_reason as loss_reason,
        is_closed,
        is_archived,
        closes_at,
        created_at,
        updated_at,
        archived_at,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id

    from {{ known_versions('raw', 'hubspot__deals') }}

)

select * from renamed_deal_versions
