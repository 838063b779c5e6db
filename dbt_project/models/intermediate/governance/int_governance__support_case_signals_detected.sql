{#
    One row per signal on a support case. A case may have been opened long ago: the mart knows how long that is news.

    When a case was escalated no desk says: the mark has no time. So the signal is on as long as the case waits for an answer,
    and the day is left open.
#}

with

cases as (

    select
        support_case_id,
        source_case_number,
        account_id,
        status,
        priority,
        created_date,
        is_escalated,
        is_unsolved

    from {{ ref('int_support__cases_conformed') }}

    where not is_deleted

),

signals as (

    select
        blueprint,
        signal

    from {{ ref('signals') }}

),

detect_openings as (

    select
        'C06' as blueprint,
        'support_case_opened' as signal_word,
        support_case_id,
        account_id,
        created_date as fired_date,
        'Case ' || coalesce(source_case_number, support_case_id) || ' was opened on '
        || cast(created_date as string) || coalesce(' with priority ' || priority, '') || '.' as evidence,
        status as observed_value

    from cases

),

detect_escalations as (

    select
        'C06' as blueprint,
        'escalation_triggered' as signal_word,
        support_case_id,
        account_id,
        cast(null as date) as fired_date,
        'Case ' || coalesce(source_case_number, support_case_id) || ' is marked as escalated and not solved; it was opened on '
        || cast(created_date as string) || '.' as evidence,
        status as observed_value

    from cases

    where
        is_escalated
        and is_unsolved

),

union_signals as (

    select
        blueprint,
        signal_word,
        support_case_id,
        account_id,
        fired_date,
        evidence,
        observed_value

    from detect_openings

    union all

    select
        blueprint,
        signal_word,
        support_case_id,
        account_id,
        fired_date,
        evidence,
        observed_value

    from detect_escalations

),

shape_signals as (

    select
        signals.blueprint,
        signals.signal,
        'support_case' as subject_type,
        union_signals.support_case_id as subject_id,
        union_signals.account_id,
        cast(null as string) as opportunity_id,
        cast(null as string) as node_id,
        union_signals.fired_date,
        union_signals.evidence,
        'int_support__cases_conformed: ' || union_signals.support_case_id as evidence_source,
        union_signals.observed_value,
        cast(null as string) as threshold

    from union_signals

    inner join signals
        on
            union_signals.blueprint = signals.blueprint
            and union_signals.signal_word = signals.signal

)

select * from shape_signals
