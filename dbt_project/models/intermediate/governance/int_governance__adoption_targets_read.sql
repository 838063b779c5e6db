{{ config(materialized='table') }}
{#
    One row per customer folder with a target for adoption and a number of seats: how much of it the measurements reach.

    The day on which it was reached is known only if the list holds a measurement below the target before it.
#}

with

evidence as (

    select
        node_id,
        file_path,
        fields_text

    from {{ ref('int_governance__item_evidence_chosen') }}

    where
        blueprint = 'C02'
        and item = 'CHK_CS_002'

),

nodes as (

    select
        node_id,
        account_id

    from {{ ref('int_infohub__nodes_resolved') }}

    where
        archetype = 'post_sales_governance'
        and not is_ended

),

read_targets as (

    select
        nodes.node_id,
        nodes.account_id,
        evidence.file_path,
        {{ text_number(json_text('evidence.fields_text', 'target_active_pct')) }} as target_pct,
        {{ text_number(json_text('evidence.fields_text', 'seats')) }} as seat_count,
        {{ json_part('evidence.fields_text', 'measurements') }} as measurements

    from evidence

    inner join nodes on evidence.node_id = nodes.node_id

),

list_measurements as (

    {{ json_array_items('read_targets', 'measurements', ['node_id'], 'entry') }}

),

read_measurements as (

    select
        read_targets.node_id,
        read_targets.target_pct,
        {{ json_past_date('list_measurements.entry', 'date') }} as measured_date,
        {{ text_number(json_text('list_measurements.entry', 'active_users')) }} * 100 / read_targets.seat_count as active_pct

    from read_targets

    inner join list_measurements on read_targets.node_id = list_measurements.node_id

    where
        read_targets.target_pct is not null
        and read_targets.seat_count > 0

),

-- Two measurements of a day count as the lower of them.
merge_days as (

    select
        node_id,
        target_pct,
        measured_date,
        min(active_pct) as active_pct

    from read_measurements

    where
        measured_date is not null
        and active_pct is not null

    group by node_id, target_pct, measured_date

),

find_last as (

    select
        node_id,
        max(measured_date) as measured_date,
        max(case when active_pct < target_pct then measured_date end) as below_date

    from merge_days

    group by node_id

),

find_reaching as (

    select
        find_last.node_id,
        find_last.measured_date,
        max(case when merge_days.measured_date = find_last.measured_date then merge_days.active_pct end) as active_pct,
        min(case when merge_days.measured_date > find_last.below_date then merge_days.measured_date end) as reached_date

    from find_last

    inner join merge_days on find_last.node_id = merge_days.node_id

    group by find_last.node_id, find_last.measured_date

),

join_targets as (

    select
        read_targets.node_id,
        read_targets.account_id,
        read_targets.file_path,
        read_targets.target_pct,
        find_reaching.measured_date,
        find_reaching.active_pct,
        find_reaching.active_pct >= read_targets.target_pct as is_reached,
        find_reaching.reached_date

    from read_targets

    inner join find_reaching on read_targets.node_id = find_reaching.node_id

)

select * from join_targets
