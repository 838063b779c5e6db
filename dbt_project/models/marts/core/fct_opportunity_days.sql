{# One row per deal and day at the end of which it was open, or on which it stopped being so or changed while closed. #}

{{ config(
    materialized='incremental' if target.type == 'duckdb' else 'table',
    incremental_strategy='delete+insert',
    unique_key=['opportunity_id', 'as_of_date'],
    on_schema_change='fail',
    pre_hook="{{ delete_stale_opportunity_days() }}"
) }}

-- depends_on: {{ ref('int_stage__opportunity_days_restated') }}
-- depends_on: {{ ref('int_stage__opportunity_observations_ordered') }}

with

days as (

    select
        as_of_date,
        opportunity_id,
        source_system,
        source_instance,
        account_record_id,
        owner_record_id,
        pipeline,
        stage_name,
        policy_stage,
        record_status,
        is_open,
        is_won,
        was_open,
        amount,
        currency_code,
        amount_corporate,
        rate_status,
        close_date,
        probability_ratio,
        forecast_category,
        created_date,
        state_basis,
        known_file_id

    from {{ ref('int_stage__opportunity_days_spread') }}

)

select * from days
