{#
    One row per subscription and term as of the day, with what its dates say about it and the account it
    belongs to.
#}
{{ config(materialized='table') }}

with

subscriptions as (

    select
        source_system,
        source_instance,
        subscription_id as source_subscription_id,
        billing_account_id,
        previous_subscription_id as source_previous_subscription_id,
        crm_opportunity_id,
        product_name,
        plan_name,
        subscription_status,
        seat_count,
        mrr,
        arr,
        discount_pct,
        currency_code,
        term_months,
        notice_days,
        cancellation_reason,
        is_auto_renewing,
        start_date,
        end_date,
        renewal_date,
        trial_end_date,
        cancelled_at,
        created_at,
        updated_at,
        file_id

    from {{ ref('stg_billing__subscriptions') }}

),

subscription_statuses as (

    select
        source_status,
        subscription_state

    from {{ ref('subscription_statuses') }}

),

account_links as (

    select
        source_system,
        source_instance,
        object_id,
        account_id

    from {{ ref('int_identity__account_links_matched') }}

    where object_type = 'customer'

),

known_subscriptions as (

    select
        {{ conformed_id(
            'subscriptions.source_system',
            'subscriptions.source_instance',
            'subscriptions.source_subscription_id',
        ) }} as subscription_id,
        subscriptions.*,
        subscription_statuses.subscription_state,
        case
            when subscriptions.cancelled_at < {{ as_of_end() }} then subscriptions.cancelled_at
        end as known_cancelled_at,
        case
            -- The end was moved by a cancellation that nobody knew of yet: what was agreed is the term.
            when subscriptions.cancelled_at >= {{ as_of_end() }} and subscriptions.term_months is not null
                then {{ add_days(add_months('subscriptions.start_date', 'subscriptions.term_months'), -1) }}
            when
                subscriptions.end_date >= {{ commercial_rule('open_ended_from', 'date_value') }}
                then cast(null as date)
            else subscriptions.end_date
        end as known_end_date

    from subscriptions

    left join subscription_statuses
        on {{ source_word('subscriptions.subscription_status') }} = subscription_statuses.source_status

),

served_subscriptions as (

    select
        *,
        coalesce(start_date, {{ business_date('created_at') }}) as first_service_date,
        case
            when
                known_cancelled_at is not null
                and {{ commercial_rule('cancelled_end_is_served', 'number_value') }} = 0
                then {{ add_days('known_end_date', -1) }}
            else known_end_date
        end as last_service_date

    from known_subscriptions

),

followed_subscriptions as (

    select
        *,
        lead(first_service_date) over (
            partition by source_system, source_instance, billing_account_id, product_name
            order by first_service_date asc nulls last, source_subscription_id asc nulls last
        ) as next_service_date

    from served_subscriptions

),

conformed_subscriptions as (

    select
        followed_subscriptions.subscription_id,
        followed_subscriptions.source_system,
        followed_subscriptions.source_instance,
        followed_subscriptions.source_subscription_id,
        {{ conformed_id(
            'followed_subscriptions.source_system',
            'followed_subscriptions.source_instance',
            'followed_subscriptions.billing_account_id',
        ) }} as customer_id,
        account_links.account_id,
        followed_subscriptions.source_previous_subscription_id,
        followed_subscriptions.crm_opportunity_id as source_opportunity_id,
        coalesce(followed_subscriptions.product_name, 'unnamed') as product_name,
        followed_subscriptions.plan_name,
        case
            when followed_subscriptions.subscription_state = 'never_started' then 'scheduled'
            when followed_subscriptions.first_service_date > {{ as_of_date() }} then 'scheduled'
            when
                followed_subscriptions.last_service_date < {{ as_of_date() }}
                and followed_subscriptions.known_cancelled_at is not null
                then 'cancelled'
            when followed_subscriptions.last_service_date < {{ as_of_date() }} then 'ended'
            when followed_subscriptions.trial_end_date >= {{ as_of_date() }} then 'trial'
            when
                followed_subscriptions.trial_end_date is null
                and followed_subscriptions.subscription_state = 'trial'
                then 'trial'
            else 'active'
        end as subscription_status,
        followed_subscriptions.subscription_status as source_subscription_status,
        coalesce(followed_subscriptions.subscription_state = 'never_started', false) as is_never_started,
        coalesce(
            followed_subscriptions.subscription_state = 'trial'
            and followed_subscriptions.trial_end_date is null,
            false
        ) as is_unpaid_trial,
        followed_subscriptions.seat_count,
        cast(coalesce(followed_subscriptions.mrr, followed_subscriptions.arr / 12) as decimal(18, 2)) as mrr,
        cast(coalesce(followed_subscriptions.arr, followed_subscriptions.mrr * 12) as decimal(18, 2)) as arr,
        coalesce(followed_subscriptions.currency_code, 'unknown') as currency_code,
        followed_subscriptions.discount_pct,
        followed_subscriptions.term_months,
        followed_subscriptions.first_service_date,
        followed_subscriptions.last_service_date,
        followed_subscriptions.known_end_date is null as is_open_ended,
        followed_subscriptions.trial_end_date,
        followed_subscriptions.renewal_date,
        followed_subscriptions.notice_days,
        {{ add_days(
            'followed_subscriptions.renewal_date',
            '-coalesce(followed_subscriptions.notice_days, 0)',
        ) }}
            as notice_due_date,
        followed_subscriptions.is_auto_renewing,
        followed_subscriptions.known_cancelled_at as cancelled_at,
        case
            when
                followed_subscriptions.known_cancelled_at is not null
                then followed_subscriptions.cancellation_reason
        end
            as cancellation_reason,
        followed_subscriptions.next_service_date,
        coalesce(
            followed_subscriptions.next_service_date
            <= {{ add_days('followed_subscriptions.last_service_date', 1) }},
            false
        ) as is_renewed,
        followed_subscriptions.created_at,
        followed_subscriptions.updated_at,
        followed_subscriptions.file_id

    from followed_subscriptions

    -- A left join: a customer that no rule ties to an account pays all the same.
    left join account_links
        on
            followed_subscriptions.source_system = account_links.source_system
            and followed_subscriptions.source_instance = account_links.source_instance
            and followed_subscriptions.billing_account_id = account_links.object_id

)

select * from conformed_subscriptions
