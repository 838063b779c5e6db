{{ config(materialized='table') }}
{#
    One row per signal that a deal's folder tells, and its subject. What is about the deal has the deal as its subject, or the
    node if nobody knows the deal.
#}

{% set detections = independent_deal_detections() + ['int_governance__deal_duty_signals_detected'] %}

with

union_detections as (

    {% for detection in detections -%}
    select
        node_id,
        blueprint,
        signal_word,
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

deal_folders as (

    select
        node_id,
        account_id,
        opportunity_id

    from {{ ref('int_governance__deal_folders_described') }}

),

signals as (

    select
        blueprint,
        signal,
        subject

    from {{ ref('signals') }}

),

name_subjects as (

    select
        signals.blueprint,
        signals.signal,
        case
            when signals.subject = 'opportunity' and deal_folders.opportunity_id is not null then 'opportunity'
            else 'node'
        end as subject_type,
        case
            when signals.subject = 'opportunity' then coalesce(deal_folders.opportunity_id, deal_folders.node_id)
            else deal_folders.node_id
        end as subject_id,
        deal_folders.account_id,
        deal_folders.opportunity_id,
        deal_folders.node_id,
        detections.fired_date,
        detections.evidence,
        detections.evidence_source,
        detections.observed_value,
        detections.threshold

    from union_detections as detections

    inner join deal_folders on detections.node_id = deal_folders.node_id
    inner join signals
        on
            detections.blueprint = signals.blueprint
            and detections.signal_word = signals.signal

),

-- Two folders may tell the same of one deal.
choose_folders as (

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

    from name_subjects

    qualify
        row_number() over (
            partition by blueprint, signal, subject_type, subject_id
            order by fired_date asc nulls last, node_id asc nulls last
        ) = 1

)

select * from choose_folders
