{# One row per node: whether the day asked about is one on which its track makes the gap scan official. #}

with

nodes as (

    select
        node_id,
        archetype,
        track,
        ended_date,
        is_ended

    from {{ ref('int_infohub__nodes_resolved') }}

),

scan_cadences as (

    select
        archetype,
        track,
        rhythm

    from {{ ref('cadences') }}

    where duty = 'gap_scan'

),

rhythms as (

    select
        rhythm,
        rhythm_name,
        duty_kind

    from {{ ref('rhythms') }}

),

scan_days as (

    select
        rhythm,
        scan_day

    from {{ ref('scan_days') }}

),

days as (

    select
        day,
        is_business_day,
        is_first_business_day_of_week,
        is_last_day_of_month

    from {{ ref('int_governance__business_days_numbered') }}

    where day = {{ as_of_date() }}

),

join_rhythms as (

    select
        nodes.node_id,
        nodes.archetype,
        nodes.track,
        nodes.ended_date,
        nodes.is_ended,
        scan_cadences.rhythm,
        rhythms.rhythm_name,
        rhythms.duty_kind,
        scan_days.scan_day,
        days.is_business_day,
        days.is_first_business_day_of_week,
        days.is_last_day_of_month

    from nodes

    cross join days

    -- left: without archetype and track there is no rhythm, and not each rhythm has a day
    left join scan_cadences
        on
            nodes.archetype = scan_cadences.archetype
            and nodes.track = scan_cadences.track
    left join rhythms on scan_cadences.rhythm = rhythms.rhythm
    left join scan_days on scan_cadences.rhythm = scan_days.rhythm

),

flag_days as (

    select
        node_id,
        rhythm,
        scan_day,
        case
            when duty_kind = 'recurring' and is_ended then false
            when scan_day = 'each_business_day' then is_business_day
            when scan_day = 'first_business_day_of_week' then is_first_business_day_of_week
            when scan_day = 'last_day_of_month' then is_last_day_of_month
            when scan_day = 'day_of_the_end' then coalesce(ended_date = {{ as_of_date() }}, false)
            else false
        end as is_official_scan_day,
        case
            when archetype is null then 'It is unknown what governs the engagement, so no rhythm is known.'
            when track is null then 'It is unknown which track is in force, so no rhythm is known.'
            when scan_day is null then 'Policy names no day for the rhythm of the track.'
            when duty_kind = 'recurring' and is_ended then 'The engagement has ended.'
            when scan_day = 'day_of_the_end' and is_ended and ended_date is null
                then 'The engagement has ended, and nobody says on which day.'
            else
                rhythm_name || ': official on '
                || case scan_day
                    when 'each_business_day' then 'each business day'
                    when 'first_business_day_of_week' then 'the first business day of a week'
                    when 'last_day_of_month' then 'the last day of a month'
                    else 'the day on which the engagement ends'
                end || '.'
        end as reason

    from join_rhythms

)

select * from flag_days
