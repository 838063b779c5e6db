{#
    One row per customer, product, currency and day on which yearly recurring revenue changed, up to the
    day asked about.

    Each product of a customer is a line. Lines are added up day by day, so that overlapping and seamless
    terms, upgrades in mid-term and gaps are all read the same way: as the difference to the day before.
#}
{{ config(materialized='table') }}

with

subscriptions as (

    select
        subscription_id,
        source_system,
        source_instance,
        customer_id,
        account_id,
        product_name,
        currency_code,
        arr,
        first_service_date,
        last_service_date,
        trial_end_date,
        cancelled_at,
        is_never_started,
        is_unpaid_trial

    from {{ ref('int_commercial__subscriptions_conformed') }}

),

rates as (

    select
        currency_code,
        rate_date,
        conversion_rate

    from {{ ref('int_stage__conversion_rates_spread') }}

),

corporate_currency as (

    select corporate_currency_code

    from {{ ref('corporate_currency') }}

),

paid_terms as (

    select
        *,
        case
            when trial_end_date >= first_service_date then {{ add_days('trial_end_date', 1) }}
            else first_service_date
        end as first_paid_date,
        {{ add_days('last_service_date', 1) }} as first_unpaid_date

    from subscriptions

    where
        arr <> 0
        and not is_never_started
        and not is_unpaid_trial

),

term_ends as (

    select
        subscription_id,
        source_system,
        source_instance,
        customer_id,
        account_id,
        product_name,
        currency_code,
        first_paid_date as moved_date,
        arr as arr_change,
        true as is_start,
        false as is_after_notice

    from paid_terms

    where first_unpaid_date is null or first_paid_date < first_unpaid_date

    union all

    select
        subscription_id,
        source_system,
        source_instance,
        customer_id,
        account_id,
        product_name,
        currency_code,
        first_unpaid_date as moved_date,
        -arr as arr_change,
        false as is_start,
        cancelled_at is not null as is_after_notice

    from paid_terms

    where first_paid_date < first_unpaid_date

),

daily_changes as (

    select
        source_system,
        source_instance,
        customer_id,
        max(account_id) as account_id,
        product_name,
        currency_code,
        moved_date,
        sum(arr_change) as arr_change,
        coalesce(
            max(case when is_start then subscription_id end),
            max(subscription_id)
        ) as subscription_id,
        max(case when is_after_notice then 1 else 0 end) = 1 as is_after_notice

    from term_ends

    where moved_date <= {{ as_of_date() }}

    group by source_system, source_instance, customer_id, product_name, currency_code, moved_date

),

line_levels as (

    select
        *,
        sum(arr_change) over (
            partition by customer_id, product_name, currency_code
            order by moved_date asc nulls last
            rows between unbounded preceding and current row
        ) as closing_arr

    from daily_changes

),

moved_lines as (

    select
        *,
        closing_arr - arr_change as opening_arr,
        case
            when closing_arr = arr_change then 1
            when closing_arr = 0 then -1
            else 0
        end as line_count_change

    from line_levels

    where arr_change <> 0

),

customer_days as (

    select
        customer_id,
        moved_date,
        sum(sum(line_count_change)) over (
            partition by customer_id
            order by moved_date asc nulls last
            rows between unbounded preceding and current row
        ) as closing_line_count,
        sum(line_count_change) as line_count_change,
        min(moved_date) over (partition by customer_id) as first_moved_date

    from moved_lines

    group by customer_id, moved_date

),

customer_levels as (

    select
        customer_id,
        moved_date,
        closing_line_count - line_count_change as opening_line_count,
        closing_line_count,
        first_moved_date,
        max(case when closing_line_count > 0 and closing_line_count = line_count_change then moved_date end)
            over (
                partition by customer_id
            ) as last_return_date

    from customer_days

),

placed_lines as (

    select
        moved_lines.source_system,
        moved_lines.source_instance,
        moved_lines.customer_id,
        moved_lines.account_id,
        moved_lines.product_name,
        moved_lines.currency_code,
        moved_lines.moved_date,
        moved_lines.arr_change,
        moved_lines.opening_arr,
        moved_lines.closing_arr,
        moved_lines.line_count_change,
        moved_lines.subscription_id,
        moved_lines.is_after_notice,
        customer_levels.opening_line_count,
        customer_levels.closing_line_count,
        customer_levels.first_moved_date,
        customer_levels.last_return_date,
        -- Of the products that a customer begins with, the largest is the new business and the
        -- others were sold on top.
        row_number() over (
            partition by moved_lines.customer_id, moved_lines.moved_date
            order by
                moved_lines.line_count_change desc nulls last,
                moved_lines.closing_arr desc nulls last,
                moved_lines.product_name asc nulls last,
                moved_lines.currency_code asc nulls last
        ) as line_place

    from moved_lines

    inner join customer_levels
        on
            moved_lines.customer_id = customer_levels.customer_id
            and moved_lines.moved_date = customer_levels.moved_date

),

named_movements as (

    select
        customer_id
        || ':'
        || product_name
        || ':'
        || currency_code
        || ':'
        || cast(moved_date as string) as arr_movement_id,
        source_system,
        source_instance,
        customer_id,
        account_id,
        product_name,
        currency_code,
        moved_date,
        case
            when opening_line_count = 0 and line_place = 1 and moved_date = first_moved_date then 'new'
            when opening_line_count = 0 and line_place = 1 then 'reactivation'
            when line_count_change = -1 and closing_line_count = 0 and is_after_notice then 'churn'
            -- Who came back had left; who did not, and said nothing, may still sign.
            when
                line_count_change = -1 and closing_line_count = 0 and last_return_date > moved_date
                then 'churn'
            when line_count_change = -1 and closing_line_count = 0 then 'lapse'
            when arr_change > 0 then 'expansion'
            else 'contraction'
        end as movement_type,
        cast(opening_arr as decimal(18, 2)) as opening_arr,
        cast(arr_change as decimal(18, 2)) as arr_change,
        cast(closing_arr as decimal(18, 2)) as closing_arr,
        subscription_id,
        is_after_notice

    from placed_lines

),

-- At the rate of the day of the movement, so that what was reported of a day stays as it was. No rate is
-- a gap, never 1.
valued_movements as (

    select
        named_movements.*,
        case
            when named_movements.currency_code = corporate_currency.corporate_currency_code
                then named_movements.arr_change
            else cast(cast(named_movements.arr_change as double) / rates.conversion_rate as decimal(18, 2))
        end as arr_change_corporate,
        corporate_currency.corporate_currency_code,
        case
            when named_movements.currency_code = corporate_currency.corporate_currency_code then 'corporate'
            when rates.conversion_rate is not null then 'dated'
            else 'missing'
        end as rate_status

    from named_movements

    cross join corporate_currency

    left join rates
        on
            named_movements.currency_code = rates.currency_code
            and named_movements.moved_date = rates.rate_date

)

select * from valued_movements
