{#
    Two CTEs for a `with recursive`: walked_chains, and followed_merges with one row per record that lost a
    merge. They read a CTE `listed_merges` with the columns record_id and merged_into_record_id, one row per
    record_id.

    Damaged data can name a circle of losers. None of them survived: each stands for itself, and so does what
    leads there.
#}
{% macro followed_merges() -%}
walked_chains as (

    select
        record_id,
        merged_into_record_id as reached_record_id,
        1 as merge_depth,
        '>' || record_id || '>' || merged_into_record_id || '>' as merge_path,
        record_id = merged_into_record_id as is_merge_cycle

    from listed_merges

    union all

    select
        walked_chains.record_id,
        listed_merges.merged_into_record_id as reached_record_id,
        walked_chains.merge_depth + 1 as merge_depth,
        walked_chains.merge_path || listed_merges.merged_into_record_id || '>' as merge_path,
        contains(walked_chains.merge_path, '>' || listed_merges.merged_into_record_id || '>') as is_merge_cycle

    from walked_chains

    inner join listed_merges on walked_chains.reached_record_id = listed_merges.record_id

    where not walked_chains.is_merge_cycle

),

followed_merges as (

    select
        record_id,
        case when is_merge_cycle then record_id else reached_record_id end as surviving_record_id,
        merge_depth,
        merge_path,
        is_merge_cycle

    from walked_chains

    qualify row_number() over (partition by record_id order by merge_depth desc nulls last) = 1

)
{%- endmacro %}
