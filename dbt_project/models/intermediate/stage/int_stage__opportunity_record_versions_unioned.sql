{#
    One row per version of a deal's record up to the day asked about: what it said of itself, and when that was. A deal of
    which only later versions are known has the first of those.
#}

{{ config(materialized='table') }}

with

salesforce_versions as (

    select
        source_system,
        source_instance,
        opportunity_id,
        account_id,
        owner_id,
        stage_name,
        amount,
        probability_pct,
        close_date,
        coalesce(forecast_category, forecast_category_name) as forecast_category_name,
        is_closed,
        is_deleted,
        next_step,
        loss_reason,
        currency_code,
        last_stage_change_at,
        created_at,
        updated_at,
        file_id,
        last_seen_file_id

    from {{ ref('stg_versions__salesforce_opportunities') }}

),

hubspot_versions as (

    select
        source_system,
        source_instance,
        deal_id,
        deal_stage,
        pipeline,
        amount,
        currency_code,
        stage_probability,
        forecast_category,
        owner_id,
        associated_company_id,
        associated_company_ids,
        associated_companies,
        next_step,
        loss_reason,
        is_closed,
        is_archived,
        closes_at,
        created_at,
        updated_at,
        archived_at,
        file_id,
        last_seen_file_id

    from {{ ref('stg_versions__hubspot_deals') }}

),

files as (

    select
        file_id,
        delivered_at

    from {{ ref('stg_ledger__files') }}

),

forecast_categories as (

    select
        lower(source_name) as source_name,
        forecast_category

    from {{ ref('forecast_categories') }}

),

listed_companies as (

    {{ json_array_items(
        'hubspot_versions', 'associated_companies', ['source_instance', 'deal_id', 'file_id', 'updated_at'], 'company'
    ) }}

),

first_companies as (

    -- The API lists the primary company first. An item is an id, or an object that has one.
    select
        source_instance,
        deal_id,
        file_id,
        updated_at,
        coalesce({{ json_text('company', 'id') }}, replace(company, '"', '')) as company_id

    from listed_companies

    where item_index = 1

),

placed_hubspot_versions as (

    select
        hubspot_versions.*,
        coalesce(
            hubspot_versions.associated_company_id,
            first_companies.company_id,
            nullif(trim(split_part(hubspot_versions.associated_company_ids, ';', 1)), '')
        ) as company_id

    from hubspot_versions

    left join first_companies
        on
            hubspot_versions.source_instance = first_companies.source_instance
            and hubspot_versions.deal_id = first_companies.deal_id
            and hubspot_versions.file_id = first_companies.file_id
            and hubspot_versions.updated_at is not distinct from first_companies.updated_at

),

unioned_versions as (

    select
        {{ conformed_id('source_system', 'source_instance', 'opportunity_id') }} as opportunity_id,
        source_system,
        source_instance,
        opportunity_id as source_opportunity_id,
        stage_name,
        cast(null as string) as pipeline,
        {{ amount_text('amount') }} as amount,
        currency_code,
        cast(close_date as string) as close_date,
        {{ probability_text('source_system', 'probability_pct') }} as probability,
        forecast_category_name,
        {{ conformed_id('source_system', 'source_instance', 'owner_id') }} as owner_record_id,
        {{ conformed_id('source_system', 'source_instance', 'account_id') }} as account_record_id,
        next_step,
        loss_reason,
        case when is_deleted then 'deleted' else 'active' end as record_status,
        is_closed,
        last_stage_change_at,
        -- Noon is on that day in nearly every time zone.
        cast(close_date as timestamp) + interval 12 hours as closes_at,
        cast(null as timestamp) as archived_at,
        created_at,
        updated_at,
        file_id,
        last_seen_file_id

    from salesforce_versions

    union all

    select
        {{ conformed_id('source_system', 'source_instance', 'deal_id') }} as opportunity_id,
        source_system,
        source_instance,
        deal_id as source_opportunity_id,
        deal_stage as stage_name,
        pipeline,
        {{ amount_text('amount') }} as amount,
        currency_code,
        cast({{ close_date_of('closes_at') }} as string) as close_date,
        {{ probability_text('source_system', 'stage_probability') }} as probability,
        forecast_category as forecast_category_name,
        {{ conformed_id('source_system', 'source_instance', 'owner_id') }} as owner_record_id,
        {{ conformed_id('source_system', 'source_instance', 'company_id') }} as account_record_id,
        next_step,
        loss_reason,
        -- Archiving does not move updated_at: what the version said at that moment is that it was not archived yet.
        case when is_archived and archived_at is null then 'archived' else 'active' end as record_status,
        is_closed,
        cast(null as timestamp) as last_stage_change_at,
        case
            when closes_at = cast(cast(closes_at as date) as timestamp) then closes_at + interval 12 hours
            else closes_at
        end as closes_at,
        archived_at,
        created_at,
        updated_at,
        file_id,
        last_seen_file_id

    from placed_hubspot_versions

),

dated_versions as (

    select
        unioned_versions.opportunity_id,
        unioned_versions.source_system,
        unioned_versions.source_instance,
        unioned_versions.source_opportunity_id,
        unioned_versions.stage_name,
        unioned_versions.pipeline,
        unioned_versions.amount,
        unioned_versions.currency_code,
        unioned_versions.close_date,
        unioned_versions.probability,
        coalesce(
            forecast_categories.forecast_category, unioned_versions.forecast_category_name
        ) as forecast_category,
        unioned_versions.owner_record_id,
        unioned_versions.account_record_id,
        unioned_versions.next_step,
        unioned_versions.loss_reason,
        unioned_versions.record_status,
        unioned_versions.is_closed,
        unioned_versions.last_stage_change_at,
        unioned_versions.closes_at,
        unioned_versions.archived_at,
        unioned_versions.created_at,
        -- An export without a stamp says what was so when it was taken.
        coalesce(unioned_versions.updated_at, files.delivered_at, unioned_versions.created_at) as observed_at,
        unioned_versions.file_id,
        unioned_versions.last_seen_file_id

    from unioned_versions

    left join files
        on unioned_versions.file_id = files.file_id

    left join forecast_categories
        on lower(unioned_versions.forecast_category_name) = forecast_categories.source_name

),

marked_versions as (

    select
        dated_versions.*,
        observed_at < {{ as_of_end() }} as is_up_to_the_day,
        row_number() over (
            partition by opportunity_id order by observed_at nulls last, file_id nulls last
        ) as place,
        lead(file_id) over (
            partition by opportunity_id order by file_id nulls last, observed_at nulls last
        ) as next_version_file_id

    from dated_versions

),

versions_up_to_the_day as (

    select
        opportunity_id,
        source_system,
        source_instance,
        source_opportunity_id,
        stage_name,
        pipeline,
        amount,
        currency_code,
        close_date,
        probability,
        forecast_category,
        owner_record_id,
        account_record_id,
        next_step,
        loss_reason,
        record_status,
        is_closed,
        last_stage_change_at,
        closes_at,
        archived_at,
        created_at,
        observed_at,
        file_id,
        last_seen_file_id,
        case when next_version_file_id <> file_id then next_version_file_id end as next_version_file_id

    from marked_versions

    where
        (is_up_to_the_day or place = 1)
        and coalesce(created_at, observed_at) < {{ as_of_end() }}

)

select * from versions_up_to_the_day
