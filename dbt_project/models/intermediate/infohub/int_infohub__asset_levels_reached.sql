{#
    One row per node and asset that can be read: the highest level whose fields are all filled, as are those of the levels
    below.
#}

with

checked_fields as (

    select
        node_id,
        asset_path,
        asset_level,
        field_path,
        is_filled

    from {{ ref('int_infohub__asset_fields_checked') }}

),

asset_levels as (

    select
        asset_level,
        level_rank,
        is_reached_by_fields,
        is_addition

    from {{ ref('asset_levels') }}

),

summarise_fields as (

    select
        checked_fields.node_id,
        checked_fields.asset_path,
        min(
            case
                when not asset_levels.is_addition and not checked_fields.is_filled
                    then asset_levels.level_rank
            end
        ) as first_open_rank,
        count(case when asset_levels.is_addition then 1 end) as addition_field_count,
        count(case when asset_levels.is_addition and checked_fields.is_filled then 1 end)
            as filled_addition_field_count

    from checked_fields

    inner join asset_levels on checked_fields.asset_level = asset_levels.asset_level

    group by checked_fields.node_id, checked_fields.asset_path

),

choose_levels as (

    select
        summarise_fields.node_id,
        summarise_fields.asset_path,
        asset_levels.asset_level,
        asset_levels.level_rank,
        summarise_fields.addition_field_count > 0
        and summarise_fields.filled_addition_field_count = summarise_fields.addition_field_count
            as has_addition

    from summarise_fields

    -- left: a file that lacks what the lowest level asks for reaches none
    left join asset_levels
        on
            asset_levels.is_reached_by_fields
            and not asset_levels.is_addition
            and (
                summarise_fields.first_open_rank is null
                or summarise_fields.first_open_rank > asset_levels.level_rank
            )

    qualify
        row_number() over (
            partition by summarise_fields.node_id, summarise_fields.asset_path
            order by asset_levels.level_rank desc nulls last
        ) = 1

)

select * from choose_levels
