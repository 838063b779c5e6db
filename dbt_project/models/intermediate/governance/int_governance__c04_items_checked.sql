{# One row per node and checklist item of C04, Customer knowledge hub: what came of checking it. #}

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
        onboarded_date,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'C04'

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
        placeholder_list,
        -- Where the folder does not say when the customer was onboarded, the asset may.
        coalesce(onboarded_date, {{ json_past_date('fields_text', 'hub.onboarded_on') }}) as onboarded_date,
        {{ json_past_date('fields_text', 'hub.initialized_on') }} as initialized_date,
        {{ json_past_date('fields_text', 'reviewed_on') }} as reviewed_date

    from asked_items

    where settled_status is null

),

judge_hubs as (

    {{ judge_deadline(
        "(select * from open_items where item = 'CHK_HUB_001') as open_items",
        'onboarded_date',
        'initialized_date',
        'The knowledge hub',
        no_anchor_status='too_early',
        no_anchor_reason='The customer is not onboarded yet.'
    ) }}

),

-- An entry is named by itself, if it is a text, or by its field.
judge_use_cases as (

    {{ judge_entries(
        'CHK_HUB_002',
        'use_cases',
        'use cases',
        have='a name',
        complete_when="(substr(entry, 1, 1) = '\"' or " ~ is_filled(json_text('entry', 'name')) ~ ')',
        at_least='threshold_value'
    ) }}

),

judge_decisions as (

    {{ judge_recency(
        "(select * from open_items where item = 'CHK_HUB_003') as open_items",
        'reviewed_date',
        'Review of the decisions'
    ) }}

),

judge_learning_paths as (

    {{ judge_entries(
        'CHK_HUB_004',
        'steps',
        'steps',
        have='a course',
        complete_when="(substr(entry, 1, 1) = '\"' or " ~ is_filled(json_text('entry', 'course')) ~ ')',
        at_least='1'
    ) }}

),

{{ checked_items(['judge_hubs', 'judge_use_cases', 'judge_decisions', 'judge_learning_paths']) }}

select * from check_items
