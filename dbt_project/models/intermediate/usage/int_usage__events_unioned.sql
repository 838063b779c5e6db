{#
    One row per usage event, whatever stream brought it. Not cut at the day asked about: who reads it
    cuts.

    A filter on file_id or occurred_at reaches the loaded tables, where it spares what lies before; hence
    a view, with nothing in it that has to see all rows.
#}

with

segment_tracks as (

    select
        source_system,
        source_instance,
        event_id,
        context_group_id as group_name,
        coalesce(user_id, anonymous_id) as user_key,
        event_name,
        occurred_at,
        received_at,
        file_id

    from {{ ref('stg_segment__tracks') }}

),

posthog_events as (

    select
        source_system,
        source_instance,
        event_id,
        {{ usage_group_text('posthog', 'event_properties') }} as group_name,
        coalesce(distinct_id, person_id) as user_key,
        event_name,
        occurred_at,
        received_at,
        file_id

    from {{ ref('stg_posthog__events') }}

),

amplitude_events as (

    select
        source_system,
        source_instance,
        event_id,
        {{ usage_group_text('amplitude', 'groups') }} as group_name,
        coalesce(user_id, device_id, person_id) as user_key,
        event_name,
        occurred_at,
        coalesce(received_at, server_upload_at) as received_at,
        file_id

    from {{ ref('stg_amplitude__events') }}

),

mixpanel_events as (

    select
        source_system,
        source_instance,
        event_id,
        {{ usage_group_text('mixpanel', 'event_properties') }} as group_name,
        coalesce(user_id, distinct_id, device_id) as user_key,
        event_name,
        occurred_at,
        coalesce(received_at, processed_at) as received_at,
        file_id

    from {{ ref('stg_mixpanel__events') }}

),

unioned_events as (

    select * from segment_tracks
    union all
    select * from posthog_events
    union all
    select * from amplitude_events
    union all
    select * from mixpanel_events

),

usage_features as (

    select
        event_name,
        feature_name

    from {{ ref('usage_features') }}

),

located_events as (

    select
        source_system,
        source_instance,
        event_id,
        nullif(trim(group_name), '') as group_name,
        -- People are known by their address in some streams. Who is no address belongs to nobody
        -- we could find.
        case when contains(user_key, '@') then {{ web_domain('user_key') }} end as user_domain,
        user_key,
        event_name,
        occurred_at,
        received_at,
        file_id

    from unioned_events

),

described_events as (

    select
        located_events.source_system,
        located_events.source_instance,
        located_events.event_id,
        case
            when located_events.group_name is not null then 'group'
            when located_events.user_domain is not null then 'user_domain'
            else 'unattributed'
        end as workspace_object_type,
        coalesce(
            located_events.group_name, located_events.user_domain, 'unattributed'
        ) as workspace_object_id,
        located_events.user_key,
        located_events.event_name,
        coalesce(usage_features.feature_name, located_events.event_name, 'unnamed') as feature_name,
        located_events.occurred_at,
        located_events.received_at,
        {{ business_date('located_events.occurred_at') }} as activity_date,
        located_events.file_id,
        {{ seconds_between('located_events.received_at', 'located_events.occurred_at') }}
        > {{ usage_threshold('clock_tolerance') }} as is_ahead_of_clock,
        {{ seconds_between('located_events.occurred_at', 'located_events.received_at') }}
        >= {{ usage_threshold('late_after') }} as is_late

    from located_events

    -- A left join: what has no feature is its own.
    left join usage_features
        on located_events.event_name = usage_features.event_name

)

select * from described_events
