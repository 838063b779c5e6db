{# One row per version of the policy that was ever used, seed and row: what the policy said. #}

{{ config(
    materialized='incremental' if target.type == 'duckdb' else 'table',
    incremental_strategy='append',
    on_schema_change='fail',
    full_refresh=false,
) }}

with

policy_rows as (

    select
        seed,
        row_key,
        content

    from {{ ref('int_governance__policy_rows_listed') }}

),

used_rows as (

    select
        {{ policy_version() }} as policy_version,
        seed,
        row_key,
        content,
        {{ as_of_date() }} as first_used_as_of

    from policy_rows

    {% if is_incremental() %}
    -- Nothing is read where the version is known.
    where
        {{ policy_version() }} not in (
            select held_versions.policy_version

            from {{ this }} as held_versions
        )
    {% endif %}

)

select * from used_rows
