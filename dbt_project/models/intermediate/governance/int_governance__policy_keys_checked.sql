{# One row per key that occurs more than once in a seed of the policy. #}

with

policy_rows as (

    select
        seed,
        row_key

    from {{ ref('int_governance__policy_rows_listed') }}

),

count_keys as (

    select
        seed,
        row_key,
        count(*) as row_count

    from policy_rows

    group by seed, row_key

),

name_repeated_keys as (

    select
        'duplicate_key' as check_name,
        'error' as severity,
        seed,
        row_key,
        seed || ' has ' || cast(row_count as string) || ' rows called ' || row_key || '.' as finding,
        'Leave one of them, or tell them apart by their key.' as resolution

    from count_keys

    where row_count > 1

)

select * from name_repeated_keys
