{# One row per node and checklist item of C03, Account team post-sales activities: what came of checking it. #}

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

    where blueprint = 'C03'

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
        {{ json_past_date('fields_text', 'handoff.completed_on') }} as completed_date

    from asked_items

    where settled_status is null

),

judge_hand_overs as (

    {{ judge_deadline(
        "(select * from open_items where item = 'CHK_ACCT_001') as open_items",
        'signed_date',
        'completed_date',
        'The hand-over from sales',
        no_anchor_reason='The day of the signature is unknown.'
    ) }}

),

date_reviews as (

    {{ last_dates('CHK_ACCT_002', 'reviews') }}

),

judge_reviews as (

    {{ judge_recency('date_reviews', 'last_date', 'Review of the account') }}

),

judge_responsibilities as (

    {{ judge_entries(
        'CHK_ACCT_003',
        'responsibilities',
        'responsibilities',
        have='a day of acknowledgement',
        past_dates=['acknowledged_on']
    ) }}

),

judge_growth_chances as (

    {{ judge_entries(
        'CHK_ACCT_004',
        'opportunities',
        'chances to grow',
        have='a status and a next step',
        filled=['status', 'next_step'],
        when_empty='not_applicable'
    ) }}

),

{{ checked_items(['judge_hand_overs', 'judge_reviews', 'judge_responsibilities', 'judge_growth_chances']) }}

select * from check_items
