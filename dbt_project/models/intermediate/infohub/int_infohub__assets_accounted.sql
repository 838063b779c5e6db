{#
    One row per node and asset of policy that the node holds a file for, or has customised away for a reason. What has no row is
    missing, whether it is asked for or not.
#}

with

matched_assets as (

    select
        node_id,
        asset_path

    from {{ ref('int_infohub__assets_matched') }}

),

dropped_assets as (

    select
        node_id,
        asset_path

    from {{ ref('int_infohub__customisations_parsed') }}

    where
        customisation_kind = 'dropped'
        and customisation_status = 'accepted'

),

-- union: who holds a file and drops it, or drops it twice, has one row
union_assets as (

    select
        node_id,
        asset_path

    from matched_assets

    union distinct

    select
        node_id,
        asset_path

    from dropped_assets

)

select * from union_assets
