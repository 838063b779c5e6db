{# One row per node and checklist item of C02, Customer success operating model: what came of checking it. #}

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

    where blueprint = 'C02'

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
        {{ json_past_date('fields_text', 'plan.drawn_up_on') }} as drawn_up_date,
        {{ json_past_date('fields_text', 'calculated_on') }} as calculated_date

    from asked_items

    where settled_status is null

),

judge_success_plans as (

    {{ judge_deadline(
        "(select * from open_items where item = 'CHK_CS_001') as open_items",
        'signed_date',
        'drawn_up_date',
        'The success plan',
        no_anchor_reason='The day of the signature is unknown.'
    ) }}

),

date_measurements as (

    {{ last_dates('CHK_CS_002', 'measurements') }}

),

judge_measurements as (

    {{ judge_recency('date_measurements', 'last_date', 'Measurement of adoption') }}

),

judge_health_scores as (

    {{ judge_recency(
        "(select * from open_items where item = 'CHK_CS_003') as open_items",
        'calculated_date',
        'Calculation of the health score'
    ) }}

),

date_business_reviews as (

    {{ last_dates('CHK_CS_004', 'qbrs') }}

),

judge_business_reviews as (

    {{ judge_recency('date_business_reviews', 'last_date', 'Business review') }}

),

{{ checked_items(['judge_success_plans', 'judge_measurements', 'judge_health_scores', 'judge_business_reviews']) }}

select * from check_items
