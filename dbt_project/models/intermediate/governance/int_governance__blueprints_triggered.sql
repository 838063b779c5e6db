{{ config(materialized='table') }}
{#
    One row per node and conditional blueprint of its track that one of the blueprint's signals calls for: the signal that fired
    first, and the day.

    A signal fires for the node that it is about, or that tells it; what is about a deal or an account fires for all their nodes that
    go on. Whatever its window, an event calls for ever. A state calls from the day on which it began for as long as it holds: files do
    not keep what they said before, and a day has to be answered alike whether or not the days before it were built.

    What is asked of a node depends on this model, so it reads no signal that follows from what is asked: none of the results of items
    and duties.
#}

with

nodes as (

    select
        node_id,
        account_id,
        opportunity_id,
        archetype,
        track,
        coalesce(is_ended, false) as is_ended

    from {{ ref('int_infohub__nodes_resolved') }}

    where
        archetype is not null
        and track is not null

),

blueprints as (

    select
        blueprint,
        archetype

    from {{ ref('blueprints') }}

    where blueprint_status = 'active'

),

blueprint_tracks as (

    select
        blueprint,
        track

    from {{ ref('blueprint_tracks') }}

    where requirement = 'conditional'

),

signals as (

    select
        blueprint,
        signal,
        subject

    from {{ ref('signals') }}

),

signal_windows as (

    select
        blueprint,
        signal

    from {{ ref('signal_windows') }}

),

deal_folders as (

    select
        node_id,
        account_id,
        opportunity_id,
        trial_state,
        poc_starts_date

    from {{ ref('int_governance__deal_folders_described') }}

),

deal_folder_signals as (

    {% for detection in independent_deal_detections() -%}
    select
        node_id,
        blueprint,
        signal_word,
        fired_date

    from {{ ref(detection) }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

opportunity_signals as (

    select
        blueprint,
        signal,
        subject_type,
        account_id,
        opportunity_id,
        node_id,
        fired_date

    from {{ ref('int_governance__opportunity_signals_detected') }}

),

customer_signals as (

    select
        blueprint,
        signal,
        subject_type,
        account_id,
        opportunity_id,
        node_id,
        fired_date

    from {{ ref('int_governance__customer_service_signals_detected') }}

),

-- Once a trial has begun, that it is wanted is no news any more. It was asked for by then at the latest.
trace_wanted_trials as (

    select
        'B07' as blueprint,
        'poc_requested' as signal_word,
        node_id,
        poc_starts_date as fired_date

    from deal_folders

    where trial_state in ('running', 'over')

),

union_folder_signals as (

    select
        blueprint,
        signal_word,
        node_id,
        fired_date

    from deal_folder_signals

    union all

    select
        blueprint,
        signal_word,
        node_id,
        fired_date

    from trace_wanted_trials

),

name_folder_subjects as (

    select
        signals.blueprint,
        signals.signal,
        signals.subject as subject_type,
        deal_folders.account_id,
        deal_folders.opportunity_id,
        deal_folders.node_id,
        folder_signals.fired_date

    from union_folder_signals as folder_signals

    inner join deal_folders on folder_signals.node_id = deal_folders.node_id
    inner join signals
        on
            folder_signals.blueprint = signals.blueprint
            and folder_signals.signal_word = signals.signal

),

union_signals as (

    {% for told in ['name_folder_subjects', 'opportunity_signals', 'customer_signals'] -%}
    select
        blueprint,
        signal,
        subject_type,
        account_id,
        opportunity_id,
        node_id,
        fired_date

    from {{ told }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

-- An event whose day is unknown is no event of the day asked about, and calls for nothing. A state without a day counts from today.
date_signals as (

    select
        union_signals.blueprint,
        union_signals.signal,
        union_signals.subject_type,
        union_signals.account_id,
        union_signals.opportunity_id,
        union_signals.node_id,
        union_signals.fired_date,
        coalesce(union_signals.fired_date, {{ as_of_date() }}) as required_from_date

    from union_signals

    -- left: only events have a window
    left join signal_windows
        on
            union_signals.blueprint = signal_windows.blueprint
            and union_signals.signal = signal_windows.signal

    where
        union_signals.fired_date <= {{ as_of_date() }}
        or (union_signals.fired_date is null and signal_windows.signal is null)

),

ask_nodes as (

    select
        nodes.node_id,
        nodes.account_id,
        nodes.opportunity_id,
        nodes.is_ended,
        blueprints.blueprint

    from nodes

    inner join blueprint_tracks on nodes.track = blueprint_tracks.track
    inner join blueprints
        on
            blueprint_tracks.blueprint = blueprints.blueprint
            and nodes.archetype = blueprints.archetype

),

match_own_signals as (

    select
        ask_nodes.node_id,
        ask_nodes.blueprint,
        date_signals.signal,
        date_signals.fired_date,
        date_signals.required_from_date

    from ask_nodes

    inner join date_signals
        on
            ask_nodes.blueprint = date_signals.blueprint
            and ask_nodes.node_id = date_signals.node_id

),

-- What has ended owes nothing for what its deal or account does later.
match_deal_signals as (

    select
        ask_nodes.node_id,
        ask_nodes.blueprint,
        date_signals.signal,
        date_signals.fired_date,
        date_signals.required_from_date

    from ask_nodes

    inner join date_signals
        on
            ask_nodes.blueprint = date_signals.blueprint
            and ask_nodes.opportunity_id = date_signals.opportunity_id
            and date_signals.subject_type = 'opportunity'

    where not ask_nodes.is_ended

),

match_account_signals as (

    select
        ask_nodes.node_id,
        ask_nodes.blueprint,
        date_signals.signal,
        date_signals.fired_date,
        date_signals.required_from_date

    from ask_nodes

    inner join date_signals
        on
            ask_nodes.blueprint = date_signals.blueprint
            and ask_nodes.account_id = date_signals.account_id
            and date_signals.subject_type = 'account'

    where not ask_nodes.is_ended

),

union_matches as (

    {% for matched in ['match_own_signals', 'match_deal_signals', 'match_account_signals'] -%}
    select
        node_id,
        blueprint,
        signal,
        fired_date,
        required_from_date

    from {{ matched }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

-- The first to fire; on one day, one whose day is known, then by name.
choose_first_signals as (

    select
        node_id,
        blueprint,
        signal,
        fired_date,
        required_from_date

    from union_matches

    qualify
        row_number() over (
            partition by node_id, blueprint
            order by required_from_date asc nulls last, fired_date asc nulls last, signal asc nulls last
        ) = 1

),

explain_demands as (

    select
        node_id,
        blueprint,
        signal,
        fired_date,
        required_from_date,
        blueprint || '/' || signal
        || case
            when fired_date is null then ' is on, and nobody wrote down since when'
            else ' fired on ' || cast(fired_date as string)
        end as trigger_reason

    from choose_first_signals

)

select * from explain_demands
