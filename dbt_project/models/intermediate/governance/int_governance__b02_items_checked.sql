{# One row per node and checklist item of B02, RFP team deployment: what came of checking it. #}

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
        has_rfp,
        rfp_submitted_date,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'B02'

),

checklist_items as (

    select
        item,
        accepted_words

    from {{ ref('checklist_items') }}

    where blueprint = 'B02'

),

read_submissions as (

    select
        asked_items.node_id,
        asked_items.item,
        asked_items.fields_text,
        asked_items.has_rfp,
        asked_items.placeholder_list,
        checklist_items.accepted_words,
        coalesce(
            asked_items.rfp_submitted_date,
            {{ json_past_date('asked_items.fields_text', 'submission.submitted_on') }}
        ) as submitted_date

    from asked_items

    inner join checklist_items on asked_items.item = checklist_items.item

    where asked_items.settled_status is null

),

-- The blueprint is selected because there is a request: only a folder that says otherwise makes its items meaningless.
find_situations as (

    select
        node_id,
        item,
        fields_text,
        placeholder_list,
        accepted_words,
        submitted_date,
        case when not has_rfp then 'There is no request for proposal.' end as not_applicable_reason,
        case
            when item = 'CHK_RFP_004' and submitted_date is null then 'The answer has not been submitted.'
        end as too_early_reason

    from read_submissions

),

judge_requests as (

    {{ judge_situations('find_situations', ['not_applicable_reason', 'too_early_reason']) }}

),

open_items as (

    select
        node_id,
        item,
        fields_text,
        placeholder_list,
        accepted_words,
        submitted_date

    from find_situations

    where
        not_applicable_reason is null
        and too_early_reason is null

),

list_sections as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from open_items where item = 'CHK_RFP_001')", 'sections') }}

),

count_sections as (

    select
        node_id,
        count(*) as section_count

    from list_sections

    where {{ is_filled(entry_text('entry')) }}

    group by node_id

),

compare_sections as (

    select
        open_items.node_id,
        open_items.item,
        {{ is_accepted(json_text('fields_text', 'intake.status')) }} as is_complete,
        try_cast({{ json_text('fields_text', 'intake.section_count') }} as double) as counted_section_count,
        coalesce(count_sections.section_count, 0) as listed_section_count

    from open_items

    -- left: an intake may list no sections
    left join count_sections on open_items.node_id = count_sections.node_id

    where open_items.item = 'CHK_RFP_001'

),

judge_intakes as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        case
            when not is_complete then false
            when listed_section_count = 0 then false
            else listed_section_count = counted_section_count
        end as is_kept,
        case
            when not is_complete then 'The intake is not marked as complete.'
            when listed_section_count = 0 then 'No sections are listed.'
            when counted_section_count is null then 'The intake does not say how many sections there are.'
            else
                cast(listed_section_count as string) || ' sections are listed, and the intake counts '
                || cast(cast(counted_section_count as bigint) as string) || '.'
        end as reason,
        cast(listed_section_count as string) as observed_value

    from compare_sections

),

judge_section_owners as (

    {{ judge_entries('CHK_RFP_002', 'sections', 'sections', have='a named owner', filled=['owner']) }}

),

judge_customisation as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        {{ is_accepted(json_text('fields_text', 'customization_level')) }} as is_kept,
        case
            when {{ is_accepted(json_text('fields_text', 'customization_level')) }}
                then 'The degree of customisation is stated.'
            when {{ is_filled(json_text('fields_text', 'customization_level')) }}
                then 'The degree of customisation is none of: ' || replace(accepted_words, ';', ', ') || '.'
            else 'The degree of customisation is not stated.'
        end as reason,
        {{ json_text('fields_text', 'customization_level') }} as observed_value

    from open_items

    where item = 'CHK_RFP_003'

),

read_architect_reviews as (

    select
        node_id,
        item,
        submitted_date,
        {{ json_date('fields_text', 'sa_review.reviewed_on') }} as reviewed_date

    from open_items

    where item = 'CHK_RFP_004'

),

judge_architect_reviews as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        coalesce(reviewed_date <= submitted_date, false) as is_kept,
        case
            when reviewed_date is null
                then 'It was submitted on ' || cast(submitted_date as string) || ' without a review.'
            else
                'It was reviewed on ' || cast(reviewed_date as string) || ' and submitted on '
                || cast(submitted_date as string) || '.'
        end as reason,
        cast(reviewed_date as string) as observed_value

    from read_architect_reviews

),

{{ checked_items([
    'judge_requests', 'judge_intakes', 'judge_section_owners', 'judge_customisation', 'judge_architect_reviews'
]) }}

select * from check_items
