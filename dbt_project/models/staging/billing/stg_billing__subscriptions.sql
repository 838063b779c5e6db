{# One row per subscription and term in its latest state. #}

with

renamed_subscriptions as (

    select
        'billing' as source_system,
        source_instance,
        id as subscription_id,
        account_id as billing_account_id,
        account_name as billing_account_name,
        crm_account_id,
        crm_opportunity_id,
        previous_subscription_id,
        product as product_name,
        plan as plan_name,
        status as subscription_status,
        seats as seat_count,
        mrr,
        arr,
        list_mrr,
        discount_pct,
        currency as currency_code,
        billing_period,
        term_months,
        notice_days,
        cancellation_reason,
        is_auto_renewing,
        is_cancelled_at_period_end,
        start_date,
        end_date,
        renewal_date,
        trial_end_date,
        cancelled_at,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'billing__subscriptions') }}

)

select * from renamed_subscriptions
