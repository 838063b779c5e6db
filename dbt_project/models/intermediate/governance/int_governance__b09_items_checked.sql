{# One row per node and checklist item of B09, SA playbook: what came of checking it. #}

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
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'B09'

),

checklist_items as (

    select
        item,
        accepted_words

    from {{ ref('checklist_items') }}

    where blueprint = 'B09'

),

open_items as (

    select
        asked_items.node_id,
        asked_items.item,
        asked_items.fields_text,
        asked_items.placeholder_list,
        checklist_items.accepted_words

    from asked_items

    inner join checklist_items on asked_items.item = checklist_items.item

    where asked_items.settled_status is null

),

read_architectures as (

    select
        node_id,
        item,
        {{ is_filled(json_text('fields_text', 'selected.name')) }} as is_selected,
        {{ is_filled(json_text('fields_text', 'selected.justification')) }} as is_justified,
        {{ json_text('fields_text', 'selected.name') }} as architecture_name

    from open_items

    where item = 'CHK_SA_001'

),

judge_architectures as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        is_selected and is_justified as is_kept,
        case
            when not is_selected then 'No reference architecture is selected.'
            when not is_justified then 'The reference architecture is selected without a reason.'
            else 'The reference architecture is selected, with a reason.'
        end as reason,
        architecture_name as observed_value

    from read_architectures

),

judge_assumptions as (

    {{ judge_entries('CHK_SA_002', 'assumptions', 'assumptions', at_least=1) }}

),

judge_proposal_reviews as (

    {{ judge_entries(
        'CHK_SA_003',
        'reviews',
        'reviews',
        have='a day and by the manager of the architects',
        past_dates=['reviewed_on'],
        complete_when=is_accepted(json_text('entry', 'reviewer_role')),
        at_least=1
    ) }}

),

read_canvases as (

    select
        node_id,
        item,
        {{ is_accepted(json_text('fields_text', 'rendering.status')) }} as is_rendered,
        {{ json_past_date('fields_text', 'rendering.rendered_on') }} as rendered_date,
        {{ json_text('fields_text', 'rendering.status') }} as rendering_status

    from open_items

    where item = 'CHK_SA_004'

),

judge_canvases as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        is_rendered and rendered_date is not null as is_kept,
        case
            when not is_rendered then 'The canvas is not marked as rendered.'
            when rendered_date is null then 'It is not said when the canvas was rendered.'
            else 'The canvas was rendered on ' || cast(rendered_date as string) || '.'
        end as reason,
        rendering_status as observed_value

    from read_canvases

),

{{ checked_items(['judge_architectures', 'judge_assumptions', 'judge_proposal_reviews', 'judge_canvases']) }}

select * from check_items
