{# One row per node and checklist item of C05, Services coordination: what came of checking it. #}

with

asked_items as (

    select
        node_id,
        track,
        blueprint,
        item,
        fields_text,
        settled_status,
        settled_reason,
        evidence_problem,
        evidence_problem_reason,
        needs_attestation,
        comparison,
        threshold_value,
        threshold_unit,
        is_ended,
        began_date,
        uses_services,
        services_state,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'C05'

),

checklist_items as (

    select
        item,
        accepted_words

    from {{ ref('checklist_items') }}

    where blueprint = 'C05'

),

-- A risk has a time of its own by how bad it is, so the item has no single threshold.
escalation_times as (

    select
        track,
        replace(threshold, '_escalation_time', '') as severity,
        comparison,
        threshold_value as maximum_hours

    from {{ ref('checklist_thresholds') }}

    where
        blueprint = 'C05'
        and item = 'CHK_SVC_003'

),

open_items as (

    select
        asked_items.node_id,
        asked_items.track,
        asked_items.item,
        asked_items.fields_text,
        asked_items.evidence_problem,
        asked_items.comparison,
        asked_items.threshold_value,
        asked_items.is_ended,
        asked_items.began_date,
        asked_items.placeholder_list,
        checklist_items.accepted_words,
        -- Where the folder does not say, the asset may.
        coalesce(
            asked_items.services_state,
            case when not asked_items.uses_services then 'none' end,
            {{ plain_name(json_text('asked_items.fields_text', 'state')) }}
        ) as engagement_state

    from asked_items

    inner join checklist_items on asked_items.item = checklist_items.item

    where asked_items.settled_status is null

),

date_syncs as (

    {{ last_dates('CHK_SVC_001', 'syncs', ['engagement_state']) }}

),

judge_syncs as (

    {{ judge_recency(
        "(select *, engagement_state = 'active' and not is_ended as is_running from date_syncs) as date_syncs",
        'last_date',
        'Sync with services',
        still_counts='is_running',
        over_reason='No services engagement runs.',
        unknown_reason='Nobody says whether a services engagement runs.'
    ) }}

),

list_milestones as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from open_items where item = 'CHK_SVC_002')", 'milestones') }}

),

-- One row per milestone. Without a time of completion it is not finished; with one that cannot be read, it is.
read_milestones as (

    select
        node_id,
        {{ is_filled(json_text('entry', 'completed_at')) }} as is_meant,
        {{ written_moment(json_text('entry', 'completed_at')) }} as begun_at,
        {{ written_moment(json_text('entry', 'recorded_at')) }} as done_at

    from list_milestones

),

limit_milestones as (

    select
        read_milestones.node_id,
        read_milestones.is_meant,
        read_milestones.begun_at,
        read_milestones.done_at,
        open_items.threshold_value as maximum_hours,
        open_items.comparison

    from read_milestones

    inner join open_items on read_milestones.node_id = open_items.node_id

    where open_items.item = 'CHK_SVC_002'

),

time_milestones as (

    {{ time_responses('limit_milestones') }}

),

judge_milestones as (

    {{ judge_responses(
        'CHK_SVC_002',
        'time_milestones',
        'milestones',
        'finished milestones',
        'recorded',
        over_when="open_items.engagement_state = 'none'",
        over_reason='There are no services.'
    ) }}

),

list_risks as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from open_items where item = 'CHK_SVC_003')", 'risks') }}

),

read_risks as (

    select
        node_id,
        {{ is_filled(json_text('entry', 'severity')) }} as has_severity,
        {{ plain_name(json_text('entry', 'severity')) }} as severity,
        {{ written_moment(json_text('entry', 'identified_at')) }} as begun_at,
        {{ written_moment(json_text('entry', 'escalated_at')) }} as done_at

    from list_risks

),

-- One row per risk. A risk without a severity may be one of those that count.
limit_risks as (

    select
        read_risks.node_id,
        case when read_risks.has_severity then escalation_times.severity is not null end as is_meant,
        read_risks.begun_at,
        read_risks.done_at,
        escalation_times.maximum_hours,
        escalation_times.comparison

    from read_risks

    inner join open_items on read_risks.node_id = open_items.node_id
    -- left: other risks have no time
    left join escalation_times
        on
            open_items.track = escalation_times.track
            and read_risks.severity = escalation_times.severity

    where open_items.item = 'CHK_SVC_003'

),

time_risks as (

    {{ time_responses('limit_risks') }}

),

judge_risks as (

    {{ judge_responses(
        'CHK_SVC_003',
        'time_risks',
        'risks',
        'critical or high risks',
        'escalated',
        over_when="open_items.engagement_state = 'none'",
        over_reason='There are no services.'
    ) }}

),

read_closures as (

    select
        node_id,
        item,
        engagement_state,
        {{ json_text('fields_text', 'closure.status') }} as closure_status,
        {{ is_accepted(json_text('fields_text', 'closure.status')) }}
        and {{ json_past_date('fields_text', 'closure.reported_on') }} is not null as is_reported

    from open_items

    where item = 'CHK_SVC_004'

),

judge_closures as (

    select
        node_id,
        item,
        case when engagement_state = 'none' then 'There are no services.' end as not_applicable_reason,
        case when engagement_state = 'active' then 'The engagement is still running.' end as too_early_reason,
        true as is_evidence_needed,
        -- A report that is complete says by itself that the engagement has ended.
        case
            when is_reported then true
            when engagement_state = 'complete' then false
        end as is_kept,
        case
            when is_reported then 'The closure is reported.'
            when engagement_state = 'complete' then 'The engagement ended, and its closure is not reported as completed, with a date.'
            else 'Nobody says whether the services engagement has ended.'
        end as reason,
        closure_status as observed_value

    from read_closures

),

{{ checked_items(['judge_syncs', 'judge_milestones', 'judge_risks', 'judge_closures']) }}

select * from check_items
