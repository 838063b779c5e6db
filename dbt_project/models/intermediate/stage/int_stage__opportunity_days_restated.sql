{#
    One row per deal, day and column whose value had been reported and is another one now. Empty until that happens.

    It runs before fct_opportunity_days, which still holds what was said.
#}

{{ config(
    materialized='incremental' if target.type == 'duckdb' else 'table',
    incremental_strategy='delete+insert',
    unique_key=['subject_id', 'subject_date', 'column_name', 'corrected_by_file_id'],
    on_schema_change='fail',
    full_refresh=false
) }}

{%- set reported = reported_days('fct_opportunity_days') %}

{%- set columns = [
    'account_record_id', 'owner_record_id', 'pipeline', 'stage_name', 'policy_stage', 'record_status', 'is_open', 'is_won',
    'was_open', 'amount', 'currency_code', 'amount_corporate', 'rate_status', 'close_date', 'probability_ratio',
    'forecast_category', 'created_date', 'state_basis',
] %}

with

days as (

    select
        as_of_date,
        opportunity_id,
        {{ columns | join(',\n        ') }},
        known_file_id

    from {{ ref('int_stage__opportunity_days_spread') }}

),

observations as (  -- noqa: ST03, used once there are days to go on from

    select
        opportunity_id,
        latest_file_id

    from {{ ref('int_stage__opportunity_observations_ordered') }}

),

files as (  -- noqa: ST03, used once there are days to go on from

    select max(file_id) as known_file_id

    from {{ ref('stg_ledger__files') }}

),
{% if reported is not none %}

stale_opportunities as (

    {{ stale_opportunities(reported, 'observations') | trim | indent(4) }}

),

last_reported_day as (

    select max(as_of_date) as last_date

    from {{ reported }}

),

written_days as (

    select days.*

    from days

    cross join last_reported_day

    where days.as_of_date <= last_reported_day.last_date

),

reported_days as (

    -- Of deals that nothing new is known of, only the days that are written again are compared.
    select reported.*

    from {{ reported }} as reported

    left join stale_opportunities
        on reported.opportunity_id = stale_opportunities.opportunity_id

    left join written_days
        on
            reported.opportunity_id = written_days.opportunity_id
            and reported.as_of_date = written_days.as_of_date

    where
        reported.as_of_date <= {{ as_of_date() }}
        and (stale_opportunities.opportunity_id is not null or written_days.opportunity_id is not null)

),

paired_days as (

    select
        coalesce(reported_days.opportunity_id, written_days.opportunity_id) as subject_id,
        coalesce(reported_days.as_of_date, written_days.as_of_date) as subject_date,
        {% for column in columns -%}
        cast(reported_days.{{ column }} as string) as old_{{ column }},
        cast(written_days.{{ column }} as string) as new_{{ column }},
        {% endfor -%}
        cast(reported_days.opportunity_id is not null as string) as old_is_reported,
        cast(written_days.opportunity_id is not null as string) as new_is_reported

    from reported_days

    full outer join written_days
        on
            reported_days.opportunity_id = written_days.opportunity_id
            and reported_days.as_of_date = written_days.as_of_date

),

changed_values as (

    {% for column in ['is_reported'] + columns -%}
    select
        subject_id,
        subject_date,
        '{{ column }}' as column_name,
        old_{{ column }} as old_value,
        new_{{ column }} as new_value

    from paired_days

    where old_{{ column }} is distinct from new_{{ column }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

restated_values as (

    select
        'opportunity' as subject_type,
        changed_values.subject_id,
        changed_values.subject_date,
        changed_values.column_name,
        changed_values.old_value,
        changed_values.new_value,
        cast(files.known_file_id as integer) as corrected_by_file_id,
        {{ as_of_date() }} as detected_as_of

    from changed_values

    cross join files

)
{% else %}

restated_values as (

    -- Nothing was reported before, so nothing is corrected.
    select
        cast('opportunity' as string) as subject_type,
        days.opportunity_id as subject_id,
        days.as_of_date as subject_date,
        cast(null as string) as column_name,
        cast(null as string) as old_value,
        cast(null as string) as new_value,
        cast(days.known_file_id as integer) as corrected_by_file_id,
        {{ as_of_date() }} as detected_as_of

    from days

    where 1 = 0

)
{% endif %}
select * from restated_values
