{# One row per thing that an account may use, as of the day. #}

with

entitlements as (

    select
        source_system,
        source_instance,
        entitlement_id as source_entitlement_id,
        product_account_id,
        subscription_id as source_subscription_id,
        product_name,
        feature_name,
        quantity,
        used_quantity,
        unit,
        is_enabled,
        start_date,
        end_date,
        is_later_version,
        file_id

    from {{ ref('stg_product__entitlements') }}

),

account_links as (

    select
        source_system,
        source_instance,
        object_id,
        account_id

    from {{ ref('int_identity__account_links_matched') }}

    where object_type = 'workspace'

),

bounded_entitlements as (

    select
        *,
        case
            when end_date < {{ commercial_rule('open_ended_from', 'date_value') }} then end_date
        end as last_valid_date

    from entitlements

),

conformed_entitlements as (

    select
        {{ conformed_id(
            'bounded_entitlements.source_system',
            'bounded_entitlements.source_instance',
            'bounded_entitlements.source_entitlement_id',
        ) }} as entitlement_id,
        bounded_entitlements.source_system,
        bounded_entitlements.source_instance,
        bounded_entitlements.source_entitlement_id,
        {{ conformed_id(
            'bounded_entitlements.source_system',
            'bounded_entitlements.source_instance',
            'bounded_entitlements.product_account_id',
        ) }} as workspace_id,
        account_links.account_id,
        bounded_entitlements.source_subscription_id,
        coalesce(bounded_entitlements.product_name, 'unnamed') as product_name,
        bounded_entitlements.feature_name,
        case
            when bounded_entitlements.start_date > {{ as_of_date() }} then 'scheduled'
            when bounded_entitlements.last_valid_date < {{ as_of_date() }} then 'ended'
            when
                not bounded_entitlements.is_enabled and not bounded_entitlements.is_later_version
                then 'switched_off'
            else 'in_force'
        end as entitlement_status,
        bounded_entitlements.quantity,
        bounded_entitlements.used_quantity,
        bounded_entitlements.unit,
        bounded_entitlements.start_date,
        bounded_entitlements.last_valid_date,
        bounded_entitlements.file_id

    from bounded_entitlements

    -- A left join: a workspace that no rule ties to an account is entitled all the same.
    left join account_links
        on
            bounded_entitlements.source_system = account_links.source_system
            and bounded_entitlements.source_instance = account_links.source_instance
            and bounded_entitlements.product_account_id = account_links.object_id

)

select * from conformed_entitlements
