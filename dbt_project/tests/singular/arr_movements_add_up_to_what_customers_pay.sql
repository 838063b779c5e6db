{#
    Yearly recurring revenue has no other source than its movements: for each customer, product and
    currency they add up to what the subscriptions in force on the day are worth. A failing row is a line
    for which they do not.
#}

with

movements as (

    select
        customer_id,
        product_name,
        currency_code,
        sum(arr_change) as moved_arr

    from {{ ref('fct_arr_movements') }}

    group by customer_id, product_name, currency_code

),

paid_subscriptions as (

    select
        customer_id,
        product_name,
        currency_code,
        sum(arr) as paid_arr

    from {{ ref('int_commercial__subscriptions_conformed') }}

    where subscription_status = 'active'

    group by customer_id, product_name, currency_code

),

compared_lines as (

    select
        coalesce(movements.customer_id, paid_subscriptions.customer_id) as customer_id,
        coalesce(movements.product_name, paid_subscriptions.product_name) as product_name,
        coalesce(movements.currency_code, paid_subscriptions.currency_code) as currency_code,
        coalesce(movements.moved_arr, 0) as moved_arr,
        coalesce(paid_subscriptions.paid_arr, 0) as paid_arr

    from movements

    full outer join paid_subscriptions
        on
            movements.customer_id = paid_subscriptions.customer_id
            and movements.product_name = paid_subscriptions.product_name
            and movements.currency_code = paid_subscriptions.currency_code

)

select * from compared_lines
where moved_arr <> paid_arr
