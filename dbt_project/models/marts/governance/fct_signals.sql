{# One row per signal that is on at the end of the day asked about, and its subject. #}

with

union_detections as (

    {% for detection in signal_detections() -%}
    select
        blueprint,
        signal,
        subject_type,
        subject_id,
        account_id,
        opportunity_id,
        node_id,
        fired_date,
        evidence,
        evidence_source,
        observed_value,
        threshold

    from {{ ref(detection) }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

signals as (

    select
        blueprint,
        signal,
        signal_name,
        playbook

    from {{ ref('signals') }}

),

playbooks as (

    select
        playbook,
        owner_role

    from {{ ref('playbooks') }}

),

signal_windows as (

    select
        blueprint,
        signal,
        days

    from {{ ref('signal_windows') }}

),

-- An event is news for some days, and one whose day is unknown cannot be; what has no window is on as long as it holds.
select_current as (

    select
        detections.blueprint,
        detections.signal,
        detections.subject_type,
        detections.subject_id,
        detections.account_id,
        detections.opportunity_id,
        detections.node_id,
        detections.fired_date,
        detections.evidence,
        detections.evidence_source,
        detections.observed_value,
        detections.threshold

    from union_detections as detections

    -- left: only events have a window
    left join signal_windows
        on
            detections.blueprint = signal_windows.blueprint
            and detections.signal = signal_windows.signal

    where
        signal_windows.signal is null
        or detections.fired_date between {{ add_days(as_of_date(), '-signal_windows.days') }} and {{ as_of_date() }}

),

describe_signals as (

    select
        {{ as_of_date() }} as as_of_date,
        current_signals.blueprint || '/' || current_signals.signal as signal_key,
        current_signals.blueprint,
        current_signals.signal,
        signals.signal_name,
        current_signals.subject_type,
        current_signals.subject_id,
        current_signals.account_id,
        current_signals.opportunity_id,
        current_signals.node_id,
        current_signals.fired_date,
        current_signals.evidence,
        current_signals.evidence_source,
        current_signals.observed_value,
        current_signals.threshold,
        signals.playbook,
        playbooks.owner_role,
        {{ policy_version() }} as policy_version

    from select_current as current_signals

    inner join signals
        on
            current_signals.blueprint = signals.blueprint
            and current_signals.signal = signals.signal
    inner join playbooks on signals.playbook = playbooks.playbook

)

select * from describe_signals
