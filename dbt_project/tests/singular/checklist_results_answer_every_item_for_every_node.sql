{# A node and item of policy without exactly one row in the checklist, or one that does not say why. #}

with

nodes as (

    select node_id

    from {{ ref('int_infohub__nodes_resolved') }}

),

checklist_items as (

    select
        blueprint,
        item

    from {{ ref('checklist_items') }}

),

results as (

    select
        node_id,
        blueprint,
        item,
        reason

    from {{ ref('fct_checklist_results') }}

),

list_expected_rows as (

    select
        nodes.node_id,
        checklist_items.blueprint,
        checklist_items.item

    from nodes

    cross join checklist_items

),

find_wrong_rows as (

    select
        coalesce(list_expected_rows.node_id, results.node_id) as node_id,
        coalesce(list_expected_rows.blueprint, results.blueprint) as blueprint,
        coalesce(list_expected_rows.item, results.item) as item,
        results.reason

    from list_expected_rows

    -- full: a row can be missing, and a row can be of something that nobody asked
    full outer join results
        on
            list_expected_rows.node_id = results.node_id
            and list_expected_rows.blueprint = results.blueprint
            and list_expected_rows.item = results.item

    where
        list_expected_rows.node_id is null
        or results.node_id is null
        or coalesce(trim(results.reason), '') = ''

)

select * from find_wrong_rows
