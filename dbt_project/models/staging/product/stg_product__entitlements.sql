{# One row per thing that an account may use, with its limit and period. #}

with

renamed_entitlements as (

    select
        'product' as source_system,
        source_instance,
        id as entitlement_id,
        account_id as product_account_id,
        crm_account_id,
        subscription_id,
        product as product_name,
        feature as feature_name,
        quantity,
        used_quantity,
        unit,
        is_enabled,
        start_date,
        end_date,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'product__entitlements') }}

)

select * from renamed_entitlements
