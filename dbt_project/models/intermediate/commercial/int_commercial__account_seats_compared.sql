{# One row per account that pays for seats or has users in seats as of the day: how many of each. #}
{{ config(materialized='table') }}

with

subscriptions as (

    select
        account_id,
        product_name,
        seat_count

    from {{ ref('int_commercial__subscriptions_conformed') }}

    where
        account_id is not null
        and subscription_status = 'active'

),

seats as (

    select
        account_id,
        user_key,
        seat_id,
        seat_status

    from {{ ref('int_commercial__seats_conformed') }}

    where account_id is not null

),

entitlements as (

    select
        account_id,
        product_name,
        quantity

    from {{ ref('int_commercial__entitlements_conformed') }}

    where
        account_id is not null
        and unit = 'seat'
        and entitlement_status = 'in_force'

),

product_seats as (

    select
        account_id,
        product_name,
        'subscription' as paid_seat_basis,
        sum(seat_count) as seat_count

    from subscriptions

    group by account_id, product_name

    union all

    select
        account_id,
        product_name,
        'entitlement' as paid_seat_basis,
        sum(quantity) as seat_count

    from entitlements

    group by account_id, product_name

),

-- An add-on is bought for people who have a seat in the main product: seats of several products are not
-- added up.
paid_seats as (

    select
        account_id,
        cast(max(case when paid_seat_basis = 'subscription' then seat_count end) as bigint)
            as subscribed_seat_count,
        cast(max(case when paid_seat_basis = 'entitlement' then seat_count end) as bigint)
            as entitled_seat_count

    from product_seats

    group by account_id

),

assigned_seats as (

    select
        account_id,
        cast(
            count(distinct case when seat_status = 'assigned' then coalesce(user_key, seat_id) end) as bigint
        )
            as assigned_seat_count

    from seats

    group by account_id

),

-- What the product lets an account use stands in where its contract could not be tied to it.
counted_seats as (

    select
        coalesce(paid_seats.account_id, assigned_seats.account_id) as account_id,
        coalesce(paid_seats.subscribed_seat_count, paid_seats.entitled_seat_count) as paid_seat_count,
        case
            when paid_seats.subscribed_seat_count is not null then 'subscription'
            when paid_seats.entitled_seat_count is not null then 'entitlement'
        end as paid_seat_basis,
        assigned_seats.assigned_seat_count

    from paid_seats

    full outer join assigned_seats
        on paid_seats.account_id = assigned_seats.account_id

),

compared_seats as (

    select
        account_id,
        paid_seat_count,
        paid_seat_basis,
        assigned_seat_count,
        case
            when paid_seat_count >= assigned_seat_count then paid_seat_count - assigned_seat_count
            when paid_seat_count < assigned_seat_count then cast(0 as bigint)
        end as unused_seat_count,
        cast(100.0 * assigned_seat_count / nullif(paid_seat_count, 0) as double) as seats_used_pct

    from counted_seats

)

select * from compared_seats
