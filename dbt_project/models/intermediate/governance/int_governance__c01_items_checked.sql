{# One row per node and checklist item of C01, Customer engagement: what came of checking it. #}

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
        is_ended,
        began_date,
        signed_date,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'C01'

),

open_items as (

    select
        node_id,
        item,
        fields_text,
        evidence_problem,
        comparison,
        threshold_value,
        is_ended,
        began_date,
        signed_date,
        placeholder_list,
        {{ json_past_date('fields_text', 'profile.completed_on') }} as completed_date,
        {{ json_text('fields_text', 'plan.touchpoints_per_month') }} as planned_touches

    from asked_items

    where settled_status is null

),

judge_profiles as (

    {{ judge_deadline(
        "(select * from open_items where item = 'CHK_ENG_001') as open_items",
        'signed_date',
        'completed_date',
        'The profile of the customer',
        no_anchor_reason='The day of the signature is unknown.'
    ) }}

),

-- A rhythm in words, or none, is not a number of touches: the plan does not say how many.
read_planned_touches as (

    select
        node_id,
        item,
        planned_touches,
        comparison,
        threshold_value,
        case
            when {{ matches('planned_touches', "'^[0-9]+([.][0-9]+)?$'") }} then cast(planned_touches as double)
        end as planned_touch_count

    from open_items

    where item = 'CHK_ENG_002'

),

judge_engagement_plans as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        coalesce({{ is_within('planned_touch_count') }}, false) as is_kept,
        case
            when planned_touch_count is null then 'The plan does not say how many touches a month it foresees.'
            else 'The plan foresees ' || planned_touches || ' touches a month.'
        end as reason,
        planned_touches as observed_value

    from read_planned_touches

),

date_touches as (

    {{ last_dates('CHK_ENG_003', 'touchpoints') }}

),

judge_touches as (

    {{ judge_recency('date_touches', 'last_date', 'Touch with the customer') }}

),

date_sentiments as (

    {{ last_dates('CHK_ENG_004', 'entries') }}

),

judge_sentiments as (

    {{ judge_recency('date_sentiments', 'last_date', 'Note of the sentiment') }}

),

{{ checked_items(['judge_profiles', 'judge_engagement_plans', 'judge_touches', 'judge_sentiments']) }}

select * from check_items
