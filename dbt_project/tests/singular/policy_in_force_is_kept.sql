{# Rows of the policy that its version of today does not hold, and rows that it holds and the policy does not have. #}

{{ config(meta={'owner': 'revenue_operations'}) }}

with

policy_rows as (

    select
        seed,
        row_key,
        content

    from {{ ref('int_governance__policy_rows_listed') }}

),

held_rows as (

    select
        seed,
        row_key,
        content

    from {{ ref('fct_policy_versions') }}

    where policy_version = {{ policy_version() }}

),

differing_rows as (

    select
        coalesce(policy_rows.seed, held_rows.seed) as seed,
        coalesce(policy_rows.row_key, held_rows.row_key) as row_key

    from policy_rows

    full outer join held_rows
        on
            policy_rows.seed = held_rows.seed
            and policy_rows.row_key = held_rows.row_key
            and policy_rows.content = held_rows.content

    where policy_rows.seed is null or held_rows.seed is null

)

select * from differing_rows
