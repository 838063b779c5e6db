{#
    One row per entry of Salesforce's opportunity history: whether it says anything that neither the entry before it nor field
    history says. For the control totals, which must not ask the model that they check.
#}

{%- set attributes = ['stage_name', 'amount', 'probability', 'forecast_category', 'currency_code', 'close_date'] %}

{{ config(materialized='table') }}

with

histories as (

    select
        source_system,
        source_instance,
        opportunity_id,
        opportunity_history_id,
        stage_name,
        amount,
        probability_pct,
        forecast_category,
        currency_code,
        close_date,
        changed_at

    from {{ ref('stg_salesforce__opportunity_histories') }}

),

field_histories as (

    select
        source_instance,
        opportunity_id,
        lower(field_name) as field_name,
        changed_at

    from {{ ref('stg_salesforce__opportunity_field_histories') }}

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

told_moments as (

    select
        field_histories.source_instance,
        field_histories.opportunity_id,
        attributes.attribute,
        field_histories.changed_at

    from field_histories

    inner join attributes
        on field_histories.field_name = attributes.field_name

),

spelled_histories as (

    select
        histories.source_instance,
        histories.opportunity_id,
        histories.opportunity_history_id,
        histories.changed_at,
        histories.stage_name,
        {{ amount_text('histories.amount') }} as amount,
        {{ probability_text('histories.source_system', 'histories.probability_pct') }} as probability,
        coalesce(forecast_categories.forecast_category, histories.forecast_category) as forecast_category,
        histories.currency_code,
        cast(histories.close_date as string) as close_date

    from histories

    left join forecast_categories
        on lower(histories.forecast_category) = forecast_categories.source_name

),

ordered_histories as (

    select
        source_instance,
        opportunity_id,
        opportunity_history_id,
        changed_at,
        {% for attribute in attributes -%}
        {{ attribute }},
        lag({{ attribute }}) over each_deal as {{ attribute }}_before,
        {% endfor -%}
        row_number() over each_deal as place

    from spelled_histories

    window each_deal as (
        partition by source_instance, opportunity_id
        order by changed_at nulls first, opportunity_history_id nulls first
    )

),

new_values as (

    -- The first entry of a deal says all of its values for the first time, the empty ones too.
    {% for attribute in attributes -%}
    select
        source_instance,
        opportunity_id,
        opportunity_history_id,
        changed_at,
        '{{ attribute }}' as attribute

    from ordered_histories

    where place = 1 or {{ attribute }} is distinct from {{ attribute }}_before
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

untold_values as (

    select
        new_values.source_instance,
        new_values.opportunity_history_id

    from new_values

    where not exists (
        select 1
        from told_moments
        where
            told_moments.source_instance = new_values.source_instance
            and told_moments.opportunity_id = new_values.opportunity_id
            and told_moments.attribute = new_values.attribute
            and told_moments.changed_at = new_values.changed_at
    )

),

judged_histories as (

    select
        histories.source_instance,
        histories.opportunity_history_id,
        not exists (
            select 1
            from new_values
            where
                new_values.source_instance = histories.source_instance
                and new_values.opportunity_history_id = histories.opportunity_history_id
        ) as is_repetition,
        not exists (
            select 1
            from untold_values
            where
                untold_values.source_instance = histories.source_instance
                and untold_values.opportunity_history_id = histories.opportunity_history_id
        ) as is_told_by_field_history

    from histories

)

select * from judged_histories
