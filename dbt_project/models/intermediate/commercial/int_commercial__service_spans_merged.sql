{#
    One row per account and span of days that its subscriptions cover without a gap, for those that had
    begun by the day.
#}
{{ config(materialized='table') }}

with

subscriptions as (

    select
        account_id,
        subscription_id,
        first_service_date,
        last_service_date

    from {{ ref('int_commercial__subscriptions_conformed') }}

    where
        account_id is not null
        and not is_never_started
        and first_service_date <= {{ as_of_date() }}
        and (last_service_date is null or first_service_date <= last_service_date)

),

-- What has no end lasts as long as anyone can ask about.
bounded_terms as (

    select
        account_id,
        subscription_id,
        first_service_date,
        least(coalesce(last_service_date, {{ as_of_date() }}), {{ as_of_date() }}) as last_service_date,
        last_service_date is null or last_service_date >= {{ as_of_date() }} as is_running

    from subscriptions

),

reached_terms as (

    select
        *,
        max(last_service_date) over (
            partition by account_id
            order by first_service_date asc nulls last, subscription_id asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as reached_date

    from bounded_terms

),

numbered_terms as (

    select
        *,
        sum(case when first_service_date <= {{ add_days('reached_date', 1) }} then 0 else 1 end) over (
            partition by account_id
            order by first_service_date asc nulls last, subscription_id asc nulls last
            rows between unbounded preceding and current row
        ) as span_no

    from reached_terms

),

merged_spans as (

    select
        account_id,
        cast(span_no as integer) as span_no,
        min(first_service_date) as first_service_date,
        max(last_service_date) as last_service_date,
        max(case when is_running then 1 else 0 end) = 1 as is_running

    from numbered_terms

    group by account_id, span_no

)

select * from merged_spans
