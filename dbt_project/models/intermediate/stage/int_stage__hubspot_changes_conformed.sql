{#
    One row per HubSpot deal, attribute and moment at which its history tells a value.

    HubSpot keeps values, not changes: what a value replaced is the value before it, and nothing is known before the first.
#}

{{ config(materialized='view') }}

with

property_histories as (

    select
        source_system,
        source_instance,
        object_id,
        lower(property_name) as property_name,
        changed_at,
        nullif(property_value, '') as property_value,
        changed_by_id,
        file_id

    from {{ ref('stg_hubspot__property_histories') }}

    -- The object's name, its plural, or the number that the interface gives it.
    where lower(object_type) in ('deal', 'deals', '0-3')

),

attributes as (

    select
        lower(field_name) as property_name,
        attribute

    from {{ ref('opportunity_attributes') }}

    where source_system = 'hubspot'

),

forecast_categories as (

    select
        lower(source_name) as source_name,
        forecast_category

    from {{ ref('forecast_categories') }}

),

spelled_values as (

    select
        histories.source_system,
        histories.source_instance,
        histories.object_id,
        histories.property_name,
        attributes.attribute,
        histories.changed_at,
        case attributes.attribute
            when 'amount' then {{ amount_text('histories.property_value') }}
            when 'close_date' then {{ close_date_text('histories.property_value') }}
            when 'probability'
                then
                    {{ probability_text('histories.source_system', 'try_cast(histories.property_value as double)') }}
            when
                'forecast_category'
                then coalesce(forecast_categories.forecast_category, histories.property_value)
            when 'owner_record_id'
                then
                    {{ conformed_id('histories.source_system', 'histories.source_instance', 'histories.property_value') }}
            else histories.property_value
        end as new_value,
        histories.changed_by_id,
        histories.file_id

    from property_histories as histories

    inner join attributes
        on histories.property_name = attributes.property_name

    left join forecast_categories
        on lower(histories.property_value) = forecast_categories.source_name

),

compared_values as (

    select
        {{ conformed_id('source_system', 'source_instance', 'object_id') }} as opportunity_id,
        attribute,
        changed_at as observed_at,
        lag(new_value) over each_property as old_value,
        new_value,
        row_number() over each_property > 1 as has_old_value,
        'property_history' as change_source,
        property_name || '@' || cast(changed_at as string) as source_row_id,
        {{ conformed_id('source_system', 'source_instance', 'changed_by_id') }} as changed_by_record_id,
        file_id

    from spelled_values

    window each_property as (
        partition by source_instance, object_id, property_name
        order by changed_at nulls first, file_id nulls first
    )

)

select * from compared_values
