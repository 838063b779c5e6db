{# One row per node and checklist item of B01, Sales process: what came of checking it. #}

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
        stage,
        stage_order,
        is_stage_open,
        is_stage_won,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'B01'

),

checklist_items as (

    select
        item,
        accepted_words

    from {{ ref('checklist_items') }}

    where blueprint = 'B01'

),

stages as (

    select
        policy_stage,
        stage_order

    from {{ ref('stages') }}

),

open_items as (

    select
        asked_items.node_id,
        asked_items.item,
        asked_items.fields_text,
        asked_items.evidence_problem,
        asked_items.comparison,
        asked_items.threshold_value,
        asked_items.is_ended,
        asked_items.began_date,
        asked_items.stage,
        asked_items.stage_order,
        asked_items.is_stage_open,
        asked_items.is_stage_won,
        asked_items.placeholder_list,
        checklist_items.accepted_words,
        {{ json_past_date('asked_items.fields_text', 'calculated_on') }} as calculated_date

    from asked_items

    inner join checklist_items on asked_items.item = checklist_items.item

    where asked_items.settled_status is null

),

judge_economic_buyers as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        {{ is_filled(json_text('fields_text', 'stakeholders.economic_buyer.name')) }} as is_kept,
        case
            when {{ is_filled(json_text('fields_text', 'stakeholders.economic_buyer.name')) }}
                then 'The economic buyer is named.'
            else 'Nobody is named as economic buyer.'
        end as reason,
        {{ json_text('fields_text', 'stakeholders.economic_buyer.name') }} as observed_value

    from open_items

    where item = 'CHK_SALES_001'

),

list_activities as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from open_items where item = 'CHK_SALES_002')", 'activities') }}

),

count_open_activities as (

    select
        open_items.node_id,
        count(list_activities.node_id) as activity_count,
        sum(
            case
                when
                    activity_stages.stage_order < open_items.stage_order
                    and not {{ is_accepted(json_text('list_activities.entry', 'status')) }}
                    then 1
                else 0
            end
        ) as open_count

    from open_items

    -- left: a list without entries leaves nothing open
    left join list_activities on open_items.node_id = list_activities.node_id
    left join stages as activity_stages
        on {{ plain_name(json_text('list_activities.entry', 'stage')) }} = activity_stages.policy_stage

    where open_items.item = 'CHK_SALES_002'

    group by open_items.node_id

),

judge_activities as (

    select
        open_items.node_id,
        open_items.item,
        case
            when open_items.stage_order is not null and not open_items.is_stage_open and not open_items.is_stage_won
                then 'The deal is lost and no longer moves.'
        end as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        case
            when open_items.stage_order is null then cast(null as boolean)
            else
                count_open_activities.open_count = 0
                and (open_items.stage_order = 1 or count_open_activities.activity_count > 0)
        end as is_kept,
        case
            when open_items.stage_order is null then 'The stage of the deal is unknown.'
            when count_open_activities.open_count > 0
                then
                    cast(count_open_activities.open_count as string) || ' activities of stages before '
                    || open_items.stage || ' are not completed.'
            when open_items.stage_order > 1 and count_open_activities.activity_count = 0
                then 'No activities are listed for the stages before ' || open_items.stage || '.'
            else 'All activities of stages before ' || open_items.stage || ' are completed.'
        end as reason,
        cast(count_open_activities.open_count as string) as observed_value

    from open_items

    inner join count_open_activities on open_items.node_id = count_open_activities.node_id

    where open_items.item = 'CHK_SALES_002'

),

judge_health_scores as (

    {{ judge_recency(
        "(select * from open_items where item = 'CHK_SALES_003') as open_items",
        'calculated_date',
        'Calculation of the deal health score',
        over_reason='The deal has ended.'
    ) }}

),

list_reviews as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from open_items where item = 'CHK_SALES_004')", 'reviews') }}

),

list_reviewed_stages as (

    select distinct
        node_id,
        {{ plain_name(json_text('entry', 'stage')) }} as reviewed_stage

    from list_reviews

),

-- One row per deal and stage that it has left behind.
count_unreviewed_stages as (

    select
        open_items.node_id,
        sum(case when reviewed_stages.node_id is null then 1 else 0 end) as unreviewed_count,
        {{ joined_text("case when reviewed_stages.node_id is null then stages.policy_stage end", ', ') }}
            as unreviewed_stages

    from open_items

    inner join stages on open_items.stage_order > stages.stage_order
    -- left: a stage without a review is what is looked for
    left join list_reviewed_stages as reviewed_stages
        on
            open_items.node_id = reviewed_stages.node_id
            and stages.policy_stage = reviewed_stages.reviewed_stage

    where open_items.item = 'CHK_SALES_004'

    group by open_items.node_id

),

judge_reviews as (

    select
        open_items.node_id,
        open_items.item,
        case
            when open_items.stage_order is not null and not open_items.is_stage_open and not open_items.is_stage_won
                then 'The deal is lost and no longer moves.'
            when open_items.stage_order = 1 then 'No stage has been left yet.'
        end as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        count_unreviewed_stages.unreviewed_count = 0 as is_kept,
        case
            when open_items.stage_order is null then 'The stage of the deal is unknown.'
            when count_unreviewed_stages.unreviewed_count > 0
                then 'Not reviewed: ' || count_unreviewed_stages.unreviewed_stages || '.'
            else 'Each stage before ' || open_items.stage || ' was reviewed.'
        end as reason,
        count_unreviewed_stages.unreviewed_stages as observed_value

    from open_items

    -- left: a deal in its first stage has left none
    left join count_unreviewed_stages on open_items.node_id = count_unreviewed_stages.node_id

    where open_items.item = 'CHK_SALES_004'

),

{{ checked_items(['judge_economic_buyers', 'judge_activities', 'judge_health_scores', 'judge_reviews']) }}

select * from check_items
