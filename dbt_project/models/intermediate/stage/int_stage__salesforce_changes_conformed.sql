{#
    One row per Salesforce opportunity, attribute and moment at which its history tells a value.

    Two histories tell of the same changes: field history has the value before and after, opportunity history the whole deal
    after each change. Where field history tells of an attribute in some second, it alone is taken for it.
#}

{{ config(materialized='table') }}

with

field_histories as (

    select
        source_system,
        source_instance,
        opportunity_id,
        opportunity_field_history_id,
        lower(field_name) as field_name,
        old_value,
        new_value,
        changed_by_id,
        changed_at,
        file_id

    from {{ ref('stg_salesforce__opportunity_field_histories') }}

),

histories as (

    select
        source_system,
        source_instance,
        opportunity_id,
        opportunity_history_id,
        stage_name,
        amount,
        previous_amount,
        probability_pct,
        forecast_category,
        currency_code,
        close_date,
        previous_close_date,
        changed_by_id,
        changed_at,
        file_id

    from {{ ref('stg_salesforce__opportunity_histories') }}

),

attributes as (

    select
        lower(field_name) as field_name,
        attribute

    from {{ ref('opportunity_attributes') }}

    where source_system = 'salesforce'

),

forecast_categories as (

    select
        lower(source_name) as source_name,
        forecast_category

    from {{ ref('forecast_categories') }}

),

named_field_changes as (

    -- A changed lookup leaves a row with ids and one with names; a name is no value of a column that holds ids.
    select
        field_histories.*,
        attributes.attribute

    from field_histories

    inner join attributes
        on field_histories.field_name = attributes.field_name

    where
        attributes.attribute not in ('owner_record_id', 'account_record_id')
        or {{ matches("coalesce(field_histories.new_value, field_histories.old_value)", "'^(005|00G|001)[0-9A-Za-z]{12}([A-Z0-5]{3})?$'") }}

),

spelled_field_changes as (

    {%- set spell %}
        case changes.attribute
            when 'amount' then {{ amount_text('changes.VALUE') }}
            when 'close_date' then {{ close_date_text('changes.VALUE') }}
            when 'probability' then {{ probability_text('changes.source_system', 'try_cast(changes.VALUE as double)') }}
            when 'forecast_category' then coalesce(VALUE_categories.forecast_category, changes.VALUE)
            when 'owner_record_id' then {{ conformed_id('changes.source_system', 'changes.source_instance', 'changes.VALUE') }}
            when 'account_record_id' then {{ conformed_id('changes.source_system', 'changes.source_instance', 'changes.VALUE') }}
            else changes.VALUE
        end
    {%- endset %}

    select
        changes.source_system,
        changes.source_instance,
        changes.opportunity_id,
        changes.attribute,
        changes.changed_at as observed_at,
        {{ spell | replace('VALUE', 'old_value') | trim }} as old_value,
        {{ spell | replace('VALUE', 'new_value') | trim }} as new_value,
        true as has_old_value,
        'field_history' as change_source,
        changes.opportunity_field_history_id as source_row_id,
        changes.changed_by_id,
        changes.file_id

    from named_field_changes as changes

    left join forecast_categories as old_value_categories
        on lower(changes.old_value) = old_value_categories.source_name

    left join forecast_categories as new_value_categories
        on lower(changes.new_value) = new_value_categories.source_name

),

spelled_histories as (

    select
        histories.source_system,
        histories.source_instance,
        histories.opportunity_id,
        histories.opportunity_history_id,
        histories.stage_name,
        {{ amount_text('histories.amount') }} as amount,
        {{ amount_text('histories.previous_amount') }} as previous_amount,
        {{ probability_text('histories.source_system', 'histories.probability_pct') }} as probability,
        coalesce(forecast_categories.forecast_category, histories.forecast_category) as forecast_category,
        histories.currency_code,
        cast(histories.close_date as string) as close_date,
        cast(histories.previous_close_date as string) as previous_close_date,
        histories.changed_by_id,
        histories.changed_at,
        histories.file_id,
        row_number() over each_deal as place,
        lag(histories.stage_name) over each_deal as stage_name_before,
        lag({{ amount_text('histories.amount') }}) over each_deal as amount_before,
        lag({{ probability_text('histories.source_system', 'histories.probability_pct') }}) over each_deal
            as probability_before,
        lag(coalesce(forecast_categories.forecast_category, histories.forecast_category)) over each_deal
            as forecast_category_before,
        lag(histories.currency_code) over each_deal as currency_code_before,
        lag(cast(histories.close_date as string)) over each_deal as close_date_before

    from histories

    left join forecast_categories
        on lower(histories.forecast_category) = forecast_categories.source_name

    window each_deal as (
        partition by histories.source_instance, histories.opportunity_id
        order by histories.changed_at nulls first, histories.opportunity_history_id nulls first
    )

),

compared_histories as (

    {%- set snapshot_attributes = {
        'stage_name': none, 'amount': 'previous_amount', 'close_date': 'previous_close_date', 'probability': none,
        'forecast_category': none, 'currency_code': none,
    } %}
    {% for attribute, previous in snapshot_attributes.items() %}
    select
        source_system,
        source_instance,
        opportunity_id,
        '{{ attribute }}' as attribute,
        changed_at as observed_at,
        {{ 'case when place = 1 then ' ~ previous ~ ' else ' ~ attribute ~ '_before end' if previous else attribute ~ '_before' }}
            as old_value,
        {{ attribute }} as new_value,
        {{ '(place > 1 or ' ~ previous ~ ' is not null)' if previous else 'place > 1' }} as has_old_value,
        'opportunity_history' as change_source,
        opportunity_history_id as source_row_id,
        changed_by_id,
        file_id

    from spelled_histories

    where place = 1 or {{ attribute }} is distinct from {{ attribute }}_before
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

untold_history_changes as (

    select compared_histories.*

    from compared_histories

    where not exists (
        select 1
        from spelled_field_changes
        where
            spelled_field_changes.source_instance = compared_histories.source_instance
            and spelled_field_changes.opportunity_id = compared_histories.opportunity_id
            and spelled_field_changes.attribute = compared_histories.attribute
            and spelled_field_changes.observed_at = compared_histories.observed_at
    )

),

conformed_changes as (

    select * from spelled_field_changes

    union all

    select * from untold_history_changes

),

identified_changes as (

    select
        {{ conformed_id('source_system', 'source_instance', 'opportunity_id') }} as opportunity_id,
        attribute,
        observed_at,
        old_value,
        new_value,
        has_old_value,
        change_source,
        source_row_id,
        {{ conformed_id('source_system', 'source_instance', 'changed_by_id') }} as changed_by_record_id,
        file_id

    from conformed_changes

)

select * from identified_changes
