{#
    The revenue that a movement starts from is what the one before it left. A failing row is a movement
    for which it is not.
#}

with

followed_movements as (

    select
        arr_movement_id,
        opening_arr,
        arr_change,
        closing_arr,
        lag(closing_arr) over (
            partition by customer_id, product_name, currency_code
            order by moved_date asc nulls last
        ) as left_arr

    from {{ ref('fct_arr_movements') }}

)

select * from followed_movements
where
    opening_arr <> coalesce(left_arr, 0)
    or opening_arr + arr_change <> closing_arr
