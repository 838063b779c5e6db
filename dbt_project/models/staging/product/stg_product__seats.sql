{# One row per seat that was ever given to a user. #}

with

renamed_seats as (

    select
        'product' as source_system,
        source_instance,
        id as seat_id,
        account_id as product_account_id,
        crm_account_id,
        product as product_name,
        user_id,
        user_email,
        role as user_role,
        status as seat_status,
        invited_at,
        assigned_at,
        released_at,
        last_active_at,
        created_at,
        updated_at,
        _extra as extra_fields,
        _file_id as file_id,
        _last_seen_file_id as last_seen_file_id,
        _is_later_version as is_later_version

    from {{ known_rows('raw', 'product__seats') }}

)

select * from renamed_seats
