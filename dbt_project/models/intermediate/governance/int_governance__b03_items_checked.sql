{# One row per node and checklist item of B03, Specialists engagement: what came of checking it. #}

with

asked_items as (

    select
        node_id,
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
        specialist_state,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'B03'

),

checklist_items as (

    select
        item,
        accepted_words

    from {{ ref('checklist_items') }}

    where blueprint = 'B03'

),

read_engagements as (

    select
        asked_items.node_id,
        asked_items.item,
        asked_items.fields_text,
        asked_items.comparison,
        asked_items.threshold_value,
        asked_items.placeholder_list,
        checklist_items.accepted_words,
        {{ json_past_date('asked_items.fields_text', 'handoff.engagement_closed_on') }} as closed_date,
        case
            when asked_items.specialist_state in ('none', 'active', 'closed') then asked_items.specialist_state
        end as engagement_state

    from asked_items

    inner join checklist_items on asked_items.item = checklist_items.item

    where asked_items.settled_status is null

),

-- The blueprint is selected because a specialist is wanted: only a folder that says otherwise makes its items meaningless.
-- Where the folder does not say how far the engagement is, the notes may say that it closed.
find_situations as (

    select
        node_id,
        item,
        fields_text,
        comparison,
        threshold_value,
        placeholder_list,
        accepted_words,
        closed_date,
        case when engagement_state = 'none' then 'No specialist is engaged.' end as not_applicable_reason,
        case
            when item = 'CHK_SPEC_004' and engagement_state = 'active' then 'The engagement is still running.'
        end as too_early_reason,
        case
            when item = 'CHK_SPEC_004' and engagement_state is null and closed_date is null
                then 'Nobody says whether the engagement has closed.'
        end as unknown_reason

    from read_engagements

),

judge_engagements as (

    {{ judge_situations('find_situations', ['not_applicable_reason', 'too_early_reason', 'unknown_reason']) }}

),

open_items as (

    select
        node_id,
        item,
        fields_text,
        comparison,
        threshold_value,
        placeholder_list,
        accepted_words,
        closed_date

    from find_situations

    where
        not_applicable_reason is null
        and too_early_reason is null
        and unknown_reason is null

),

judge_scopes as (

    {{ judge_entries(
        'CHK_SPEC_001',
        'success_criteria',
        'success criteria',
        at_least=1,
        besides=[(is_filled(json_text('fields_text', 'scope')), 'The request does not say what is wanted.')]
    ) }}

),

read_assignments as (

    select
        node_id,
        item,
        comparison,
        threshold_value,
        {{ json_past_moment('fields_text', 'assignment.requested_at') }} as requested_at,
        {{ json_past_moment('fields_text', 'assignment.assigned_at') }} as assigned_at

    from open_items

    where item = 'CHK_SPEC_002'

),

-- An open request is judged at the end of the day.
measure_assignments as (

    select
        node_id,
        item,
        comparison,
        threshold_value,
        requested_at,
        assigned_at,
        cast({{ seconds_between('requested_at', 'coalesce(assigned_at, ' ~ as_of_end() ~ ')') }} as double) / 3600
            as waiting_hours

    from read_assignments

),

judge_assignments as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        case
            when assigned_at is null and {{ is_within('waiting_hours') }}
                then 'The request of ' || cast(requested_at as string) || ' is open, and its hours have not passed.'
        end as too_early_reason,
        true as is_evidence_needed,
        {{ is_within('waiting_hours') }} as is_kept,
        case
            when requested_at is null then 'It is unknown when the specialist was asked for.'
            when assigned_at is null
                then 'The request of ' || cast(requested_at as string) || ' is still open.'
            else
                'The specialist was asked for on ' || cast(requested_at as string) || ' and assigned on '
                || cast(assigned_at as string) || '.'
        end as reason,
        case when assigned_at is not null then cast(round(waiting_hours, 2) as string) end as observed_value

    from measure_assignments

),

read_approvals as (

    select
        node_id,
        item,
        {{ is_accepted(json_text('fields_text', 'approval.status')) }} as is_approved,
        coalesce({{ plain_name(json_text('fields_text', 'approval.approver_role')) }} = 'specialist_manager', false)
            as is_by_manager,
        {{ json_text('fields_text', 'approval.status') }} as approval_status

    from open_items

    where item = 'CHK_SPEC_003'

),

judge_approvals as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        is_approved and is_by_manager as is_kept,
        case
            when not is_approved then 'The plan is not approved.'
            when not is_by_manager then 'Somebody else than the manager of the specialists approved the plan.'
            else 'The manager of the specialists approved the plan.'
        end as reason,
        approval_status as observed_value

    from read_approvals

),

read_handoffs as (

    select
        node_id,
        item,
        closed_date,
        {{ json_past_date('fields_text', 'handoff.completed_on') }} as completed_date

    from open_items

    where item = 'CHK_SPEC_004'

),

judge_handoffs as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        case when completed_date is null then false else completed_date <= closed_date end as is_kept,
        case
            when completed_date is null then 'The engagement closed, and its notes are not complete.'
            when closed_date is null then 'It is unknown on which day the engagement closed.'
            else
                'The notes were complete on ' || cast(completed_date as string) || ', and the engagement closed on '
                || cast(closed_date as string) || '.'
        end as reason,
        cast(completed_date as string) as observed_value

    from read_handoffs

),

{{ checked_items(['judge_engagements', 'judge_scopes', 'judge_assignments', 'judge_approvals', 'judge_handoffs']) }}

select * from check_items
