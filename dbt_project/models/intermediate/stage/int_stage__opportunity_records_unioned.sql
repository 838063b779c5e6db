{# One row per deal of a CRM as its record is on the day asked about, also a deleted, merged or archived one. #}

with

salesforce_opportunities as (

    select
        source_system,
        source_instance,
        opportunity_id,
        opportunity_name,
        opportunity_type,
        lead_source,
        main_competitors,
        contact_id,
        created_at,
        is_later_version,
        file_id

    from {{ ref('stg_salesforce__opportunities') }}

),

hubspot_deals as (

    select
        source_system,
        source_instance,
        deal_id,
        deal_name,
        deal_type,
        lead_source,
        created_at,
        is_later_version,
        file_id

    from {{ ref('stg_hubspot__deals') }}

),

unioned_records as (

    select
        {{ conformed_id('source_system', 'source_instance', 'opportunity_id') }} as opportunity_id,
        source_system,
        source_instance,
        opportunity_id as source_opportunity_id,
        opportunity_name,
        opportunity_type,
        lead_source,
        main_competitors,
        {{ conformed_id('source_system', 'source_instance', 'contact_id') }} as primary_person_id,
        created_at,
        is_later_version,
        file_id

    from salesforce_opportunities

    union all

    select
        {{ conformed_id('source_system', 'source_instance', 'deal_id') }} as opportunity_id,
        source_system,
        source_instance,
        deal_id as source_opportunity_id,
        deal_name as opportunity_name,
        deal_type as opportunity_type,
        lead_source,
        cast(null as string) as main_competitors,
        cast(null as string) as primary_person_id,
        created_at,
        is_later_version,
        file_id

    from hubspot_deals

)

select * from unioned_records
