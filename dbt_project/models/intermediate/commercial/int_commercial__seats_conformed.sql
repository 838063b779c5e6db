{# One row per seat that was given, or offered, to a user by the day. #}

with

seats as (

    select
        source_system,
        source_instance,
        seat_id as source_seat_id,
        product_account_id,
        product_name,
        user_id,
        user_role,
        seat_status,
        invited_at,
        assigned_at,
        released_at,
        last_active_at,
        is_later_version,
        file_id

    from {{ ref('stg_product__seats') }}

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

conformed_seats as (

    select
        {{ conformed_id('seats.source_system', 'seats.source_instance', 'seats.source_seat_id') }} as seat_id,
        seats.source_system,
        seats.source_instance,
        seats.source_seat_id,
        {{ conformed_id(
            'seats.source_system',
            'seats.source_instance',
            'seats.product_account_id',
        ) }} as workspace_id,
        account_links.account_id,
        coalesce(seats.product_name, 'unnamed') as product_name,
        seats.user_id as user_key,
        seats.user_role,
        case
            when seats.released_at < {{ as_of_end() }} then 'released'
            when
                seats.released_at is null
                and not seats.is_later_version
                and lower(seats.seat_status) = 'released'
                then 'released'
            when not seats.is_later_version and lower(seats.seat_status) = 'suspended' then 'suspended'
            when seats.assigned_at < {{ as_of_end() }} then 'assigned'
            when seats.assigned_at is null and lower(seats.seat_status) = 'active' then 'assigned'
            else 'invited'
        end as seat_status,
        seats.invited_at,
        case when seats.assigned_at < {{ as_of_end() }} then seats.assigned_at end as assigned_at,
        case when seats.released_at < {{ as_of_end() }} then seats.released_at end as released_at,
        case when seats.last_active_at < {{ as_of_end() }} then seats.last_active_at end as last_active_at,
        seats.file_id

    from seats

    -- A left join: a workspace that no rule ties to an account has users all the same.
    left join account_links
        on
            seats.source_system = account_links.source_system
            and seats.source_instance = account_links.source_instance
            and seats.product_account_id = account_links.object_id

    -- Somebody who was neither invited nor seated by the day has no seat yet.
    where coalesce(least(seats.assigned_at, seats.invited_at) < {{ as_of_end() }}, true)

)

select * from conformed_seats
