{# One row per node and day of a scan: the five dimensions, the score, and whether the scan may close gaps. #}

{{ config(
    materialized='incremental' if target.type == 'duckdb' else 'table',
    incremental_strategy='delete+insert',
    unique_key=['as_of_date', 'node_id'],
    on_schema_change='append_new_columns',
    full_refresh=false,
    pre_hook="{{ delete_scan_of_the_day() }}"
) }}

{%- set dimensions = ['engagement', 'blueprints', 'assets', 'checklist', 'cadence'] %}

with

nodes as (

    select
        node_id,
        source_instance,
        realm,
        node,
        account_id,
        opportunity_id,
        archetype,
        track,
        track_basis,
        track_reason,
        is_ended

    from {{ ref('int_infohub__nodes_resolved') }}

),

weighed_nodes as (

    select
        node_id,
        is_scope_known

    from {{ ref('int_governance__nodes_weighed') }}

),

dimensions as (

    select
        node_id,
        dimension,
        status,
        pass_count,
        fail_count,
        manual_count,
        insufficient_data_count,
        too_early_count,
        waived_count,
        applicable_count,
        assessed_count,
        rated_count,
        pass_rate_pct,
        minimum_pass_rate_pct,
        maximum_points,
        points

    from {{ ref('int_governance__dimensions_scored') }}

),

gaps as (

    select
        node_id,
        gap_state,
        severity

    from {{ ref('int_governance__gaps_found') }}

),

official_scan_days as (

    select
        node_id,
        is_official_scan_day

    from {{ ref('int_governance__official_scan_days_flagged') }}

),

gap_scan_settings as (

    select
        max(case when setting_name = 'minimum_assessed_pct' then setting_value end) as minimum_assessed_pct,
        max(case when setting_name = 'minimum_assessed_nodes_pct' then setting_value end)
            as minimum_assessed_nodes_pct

    from {{ ref('gap_scan_settings') }}

),

count_gaps as (

    select
        node_id,
        count(case when gap_state = 'open' then 1 end) as open_gap_count,
        count(case when gap_state = 'open' and severity = 'error' then 1 end) as error_gap_count,
        count(case when gap_state = 'open' and severity = 'warn' then 1 end) as warn_gap_count,
        count(case when gap_state = 'open' and severity = 'minimal' then 1 end) as minimal_gap_count,
        count(case when gap_state = 'waived' then 1 end) as waived_gap_count

    from gaps

    group by node_id

),

spread_dimensions as (

    select
        node_id,
        {% for dimension in dimensions -%}
        max(case when dimension = '{{ dimension }}' then status end) as {{ dimension }}_status,
        max(case when dimension = '{{ dimension }}' then pass_count end) as {{ dimension }}_pass_count,
        max(case when dimension = '{{ dimension }}' then fail_count + manual_count end) as {{ dimension }}_fail_count,
        max(case when dimension = '{{ dimension }}' then insufficient_data_count end)
            as {{ dimension }}_insufficient_data_count,
        max(case when dimension = '{{ dimension }}' then too_early_count + waived_count end)
            as {{ dimension }}_set_aside_count,
        max(case when dimension = '{{ dimension }}' then maximum_points end) as {{ dimension }}_maximum_points,
        max(case when dimension = '{{ dimension }}' then points end) as {{ dimension }}_points,
        {% endfor -%}
        max(case when dimension = 'checklist' then rated_count end) as checklist_rated_count,
        max(case when dimension = 'checklist' then pass_rate_pct end) as checklist_pass_rate_pct,
        max(minimum_pass_rate_pct) as minimum_pass_rate_pct,
        sum(points) as governance_score,
        100 * cast(sum(applicable_count - insufficient_data_count) as double) / sum(applicable_count)
            as data_coverage_pct,
        100 * cast(sum(assessed_count) as double) / sum(applicable_count) as assessed_pct

    from dimensions

    group by node_id

),

judge_nodes as (

    select
        nodes.node_id,
        case
            when not weighed_nodes.is_scope_known then 'scope_unknown'
            when spread_dimensions.assessed_pct < gap_scan_settings.minimum_assessed_pct then 'mostly_unassessed'
        end as node_stop_reason

    from nodes

    inner join weighed_nodes on nodes.node_id = weighed_nodes.node_id
    inner join spread_dimensions on nodes.node_id = spread_dimensions.node_id
    cross join gap_scan_settings

),

-- Where most engagements could not be assessed, the rest is no more to be trusted: the InfoHub itself is broken.
judge_scans as (

    select
        nodes.source_instance,
        100 * cast(count(case when judge_nodes.node_stop_reason is null then 1 end) as double) / count(*)
            as assessed_nodes_pct

    from nodes

    inner join judge_nodes on nodes.node_id = judge_nodes.node_id

    group by nodes.source_instance

),

join_scans as (

    select
        {{ as_of_date() }} as as_of_date,
        nodes.node_id,
        nodes.source_instance,
        nodes.realm,
        nodes.node,
        nodes.account_id,
        nodes.opportunity_id,
        nodes.archetype,
        nodes.track,
        nodes.track_basis,
        nodes.track_reason,
        nodes.is_ended,
        coalesce(official_scan_days.is_official_scan_day, false) as is_official_scan_day,
        judge_nodes.node_stop_reason is null
        and judge_scans.assessed_nodes_pct >= gap_scan_settings.minimum_assessed_nodes_pct as is_conclusive,
        case
            when judge_nodes.node_stop_reason is not null then judge_nodes.node_stop_reason
            when judge_scans.assessed_nodes_pct < gap_scan_settings.minimum_assessed_nodes_pct
                then 'most_nodes_unassessed'
        end as stop_reason,
        {% for dimension in dimensions -%}
        spread_dimensions.{{ dimension }}_status,
        cast(spread_dimensions.{{ dimension }}_pass_count as bigint) as {{ dimension }}_pass_count,
        cast(spread_dimensions.{{ dimension }}_fail_count as bigint) as {{ dimension }}_fail_count,
        cast(spread_dimensions.{{ dimension }}_insufficient_data_count as bigint)
            as {{ dimension }}_insufficient_data_count,
        cast(spread_dimensions.{{ dimension }}_set_aside_count as bigint) as {{ dimension }}_set_aside_count,
        case when judge_nodes.node_stop_reason is null then spread_dimensions.{{ dimension }}_maximum_points end
            as {{ dimension }}_maximum_points,
        case when judge_nodes.node_stop_reason is null then spread_dimensions.{{ dimension }}_points end
            as {{ dimension }}_points,
        {% endfor -%}
        cast(spread_dimensions.checklist_rated_count as bigint) as checklist_rated_count,
        spread_dimensions.checklist_pass_rate_pct,
        cast(spread_dimensions.minimum_pass_rate_pct as double) as minimum_pass_rate_pct,
        case
            when judge_nodes.node_stop_reason is null
                then cast(spread_dimensions.governance_score as decimal(18, 2))
        end as governance_score,
        round(spread_dimensions.data_coverage_pct, 2) as data_coverage_pct,
        round(spread_dimensions.assessed_pct, 2) as assessed_pct,
        cast(coalesce(count_gaps.open_gap_count, 0) as bigint) as open_gap_count,
        cast(coalesce(count_gaps.error_gap_count, 0) as bigint) as error_gap_count,
        cast(coalesce(count_gaps.warn_gap_count, 0) as bigint) as warn_gap_count,
        cast(coalesce(count_gaps.minimal_gap_count, 0) as bigint) as minimal_gap_count,
        cast(coalesce(count_gaps.waived_gap_count, 0) as bigint) as waived_gap_count,
        {{ policy_version() }} as policy_version

    from nodes

    inner join spread_dimensions on nodes.node_id = spread_dimensions.node_id
    inner join judge_nodes on nodes.node_id = judge_nodes.node_id
    inner join judge_scans on nodes.source_instance = judge_scans.source_instance
    cross join gap_scan_settings

    -- left: a node may have no gap, and without a rhythm no day is an official one
    left join count_gaps on nodes.node_id = count_gaps.node_id
    left join official_scan_days on nodes.node_id = official_scan_days.node_id

)

select * from join_scans
