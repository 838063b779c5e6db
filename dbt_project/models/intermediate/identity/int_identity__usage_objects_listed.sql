{{ config(materialized='table') }}
{# One row per group, or domain of users without a group, that a usage stream has events of, up to the day asked about. #}

with

segment_tracks as (

    select
        source_system,
        source_instance,
        context_group_id as group_name,
        coalesce(user_id, anonymous_id) as user_key

    from {{ ref('stg_segment__tracks') }}

    where occurred_at < {{ as_of_end() }}

),

posthog_events as (

    select
        source_system,
        source_instance,
        {{ json_text('event_properties', '$groups.company') }} as group_name,
        coalesce(distinct_id, person_id) as user_key

    from {{ ref('stg_posthog__events') }}

    where occurred_at < {{ as_of_end() }}

),

amplitude_events as (

    select
        source_system,
        source_instance,
        -- A group type can hold several groups; exports list them even where there is one.
        trim(split_part(translate({{ json_text('groups', 'company') }}, '[]"', ''), ',', 1)) as group_name,
        coalesce(user_id, device_id, person_id) as user_key

    from {{ ref('stg_amplitude__events') }}

    where occurred_at < {{ as_of_end() }}

),

mixpanel_events as (

    select
        source_system,
        source_instance,
        {{ json_text('event_properties', 'company_id') }} as group_name,
        coalesce(user_id, distinct_id, device_id) as user_key

    from {{ ref('stg_mixpanel__events') }}

    where occurred_at < {{ as_of_end() }}

),

all_events as (

    select * from segment_tracks

    union all

    select * from posthog_events

    union all

    select * from amplitude_events

    union all

    select * from mixpanel_events

),

located_events as (

    select
        source_system,
        source_instance,
        nullif(trim(group_name), '') as group_name,
        case when contains(user_key, '@') then {{ web_domain('user_key') }} end as user_domain

    from all_events

),

listed_objects as (

    select distinct
        source_system,
        source_instance,
        case when group_name is not null then 'group' else 'user_domain' end as object_type,
        coalesce(group_name, user_domain) as object_id

    from located_events

    where coalesce(group_name, user_domain) is not null

)

select * from listed_objects
