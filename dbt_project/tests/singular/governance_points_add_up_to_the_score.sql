{# A scan whose points are not its score, or whose dimensions could not have given 100 points together. #}

with

scans as (

    select
        as_of_date,
        node_id,
        governance_score,
        engagement_points + blueprints_points + assets_points + checklist_points + cadence_points as points,
        engagement_maximum_points + blueprints_maximum_points + assets_maximum_points + checklist_maximum_points
        + cadence_maximum_points as maximum_points

    from {{ ref('fct_node_scans') }}

),

find_wrong_sums as (

    select
        as_of_date,
        node_id,
        governance_score,
        points,
        maximum_points

    from scans

    where
        governance_score is distinct from points
        or maximum_points <> 100

)

select * from find_wrong_sums
