{# Detections that the mart lost although nothing ended them, and rows of it that are on past their window or before their day. #}

with

union_detections as (

    {% for detection in signal_detections() -%}
    select
        blueprint,
        signal,
        subject_type,
        subject_id,
        fired_date

    from {{ ref(detection) }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

signal_windows as (

    select
        blueprint,
        signal,
        days

    from {{ ref('signal_windows') }}

),

found_signals as (

    select
        blueprint,
        signal,
        subject_type,
        subject_id,
        fired_date

    from {{ ref('fct_signals') }}

),

find_lost_detections as (

    select
        detections.blueprint,
        detections.signal,
        detections.subject_id,
        'lost' as problem

    from union_detections as detections

    -- left: only events have a window, and what is not found is looked for
    left join signal_windows
        on
            detections.blueprint = signal_windows.blueprint
            and detections.signal = signal_windows.signal
    left join found_signals
        on
            detections.blueprint = found_signals.blueprint
            and detections.signal = found_signals.signal
            and detections.subject_type = found_signals.subject_type
            and detections.subject_id = found_signals.subject_id

    where
        found_signals.subject_id is null
        and coalesce({{ days_between('detections.fired_date', as_of_date()) }} <= signal_windows.days, signal_windows.days is null)

),

find_untimely_signals as (

    select
        found_signals.blueprint,
        found_signals.signal,
        found_signals.subject_id,
        'untimely' as problem

    from found_signals

    -- left: only events have a window
    left join signal_windows
        on
            found_signals.blueprint = signal_windows.blueprint
            and found_signals.signal = signal_windows.signal

    where
        found_signals.fired_date > {{ as_of_date() }}
        or {{ days_between('found_signals.fired_date', as_of_date()) }} > signal_windows.days
        or signal_windows.signal is not null and found_signals.fired_date is null

),

union_problems as (

    select
        blueprint,
        signal,
        subject_id,
        problem

    from find_lost_detections

    union all

    select
        blueprint,
        signal,
        subject_id,
        problem

    from find_untimely_signals

)

select * from union_problems
