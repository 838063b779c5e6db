{# One row per realm, track, blueprint and owner role, and one for all engagements: what the day's scan says of them together. #}

with

scans as (

    select
        node_id,
        realm,
        track,
        is_conclusive,
        governance_score

    from {{ ref('fct_node_scans') }}

    where as_of_date = {{ as_of_date() }}

),

results as (

    select
        node_id,
        realm,
        track,
        blueprint,
        owner_role,
        is_required,
        status

    from {{ ref('fct_checklist_results') }}

),

gaps as (

    select
        node_id,
        realm,
        track,
        blueprint,
        owner_role,
        gap_status,
        severity,
        is_overdue

    from {{ ref('fct_gaps') }}

    -- What became of the gaps of engagements that are gone nobody knows.
    where
        is_node_scanned
        and gap_status in ('open', 'waived')

),

status_words as (

    select
        status,
        counts_in_pass_rate

    from {{ ref('status_words') }}

),

-- An engagement is counted with a blueprint or a role if that is asked of it, or it has a gap of its.
group_nodes as (

    select
        'all' as grouping_name,
        'all' as grouping_value,
        node_id

    from scans

    union

    select
        'realm' as grouping_name,
        realm as grouping_value,
        node_id

    from scans

    union

    select
        'track' as grouping_name,
        coalesce(track, 'unknown') as grouping_value,
        node_id

    from scans

    union

    select
        'blueprint' as grouping_name,
        blueprint as grouping_value,
        node_id

    from results

    where is_required

    union

    select
        'blueprint' as grouping_name,
        coalesce(blueprint, 'none') as grouping_value,
        node_id

    from gaps

    union

    select
        'owner_role' as grouping_name,
        owner_role as grouping_value,
        node_id

    from results

    where is_required

    union

    select
        'owner_role' as grouping_name,
        owner_role as grouping_value,
        node_id

    from gaps

),

group_results as (

    {% for name, value in [
        ('all', "'all'"), ('realm', 'results.realm'), ('track', "coalesce(results.track, 'unknown')"),
        ('blueprint', 'results.blueprint'), ('owner_role', 'results.owner_role'),
    ] -%}
    select
        '{{ name }}' as grouping_name,
        {{ value }} as grouping_value,
        count(case when results.status = 'pass' then 1 end) as pass_count,
        count(*) as rated_count

    from results

    inner join status_words on results.status = status_words.status

    where
        results.is_required
        and status_words.counts_in_pass_rate

    group by {{ value }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

group_gaps as (

    {% for name, value in [
        ('all', "'all'"), ('realm', 'realm'), ('track', "coalesce(track, 'unknown')"),
        ('blueprint', "coalesce(blueprint, 'none')"), ('owner_role', 'owner_role'),
    ] -%}
    select
        '{{ name }}' as grouping_name,
        {{ value }} as grouping_value,
        count(case when gap_status = 'open' then 1 end) as open_gap_count,
        count(case when gap_status = 'open' and severity = 'error' then 1 end) as error_gap_count,
        count(case when gap_status = 'open' and severity = 'warn' then 1 end) as warn_gap_count,
        count(case when gap_status = 'open' and severity = 'minimal' then 1 end) as minimal_gap_count,
        count(case when is_overdue then 1 end) as overdue_gap_count,
        count(case when gap_status = 'waived' then 1 end) as waived_gap_count

    from gaps

    group by {{ value }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

average_scores as (

    select
        group_nodes.grouping_name,
        group_nodes.grouping_value,
        count(*) as node_count,
        count(case when not scans.is_conclusive then 1 end) as unassessed_node_count,
        -- Twice: the sum of doubles depends on their order, and a half must not.
        round(round(avg(cast(scans.governance_score as double)), 6), 2) as mean_governance_score

    from group_nodes

    inner join scans on group_nodes.node_id = scans.node_id

    group by
        group_nodes.grouping_name,
        group_nodes.grouping_value

),

join_figures as (

    select
        {{ as_of_date() }} as as_of_date,
        average_scores.grouping_name,
        average_scores.grouping_value,
        cast(average_scores.node_count as bigint) as node_count,
        cast(average_scores.unassessed_node_count as bigint) as unassessed_node_count,
        cast(coalesce(group_gaps.open_gap_count, 0) as bigint) as open_gap_count,
        cast(coalesce(group_gaps.error_gap_count, 0) as bigint) as error_gap_count,
        cast(coalesce(group_gaps.warn_gap_count, 0) as bigint) as warn_gap_count,
        cast(coalesce(group_gaps.minimal_gap_count, 0) as bigint) as minimal_gap_count,
        cast(coalesce(group_gaps.overdue_gap_count, 0) as bigint) as overdue_gap_count,
        cast(coalesce(group_gaps.waived_gap_count, 0) as bigint) as waived_gap_count,
        average_scores.mean_governance_score,
        cast(coalesce(group_results.rated_count, 0) as bigint) as rated_item_count,
        round(cast(100 as double) * group_results.pass_count / group_results.rated_count, 2) as pass_rate_pct

    from average_scores

    -- left: a group may have no gap, and no item that counts
    left join group_gaps
        on
            average_scores.grouping_name = group_gaps.grouping_name
            and average_scores.grouping_value = group_gaps.grouping_value
    left join group_results
        on
            average_scores.grouping_name = group_results.grouping_name
            and average_scores.grouping_value = group_results.grouping_value

)

select * from join_figures
