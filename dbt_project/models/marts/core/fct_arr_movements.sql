{#
    One row per customer, product, currency and day on which yearly recurring revenue changed, up to the
    day asked about.
#}

with

arr_movements as (

    select
        arr_movement_id,
        source_system,
        source_instance,
        customer_id,
        account_id,
        product_name,
        currency_code,
        moved_date,
        movement_type,
        opening_arr,
        arr_change,
        closing_arr,
        arr_change_corporate,
        corporate_currency_code,
        rate_status,
        subscription_id,
        is_after_notice

    from {{ ref('int_commercial__arr_movements_derived') }}

)

select * from arr_movements
