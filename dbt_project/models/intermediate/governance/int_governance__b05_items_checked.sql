{# One row per node and checklist item of B05, Product and engineering engagement: what came of checking it. #}

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

    where blueprint = 'B05'

),

open_items as (

    select
        node_id,
        item,
        fields_text,
        placeholder_list

    from asked_items

    where settled_status is null

),

judge_feature_requests as (

    {{ judge_entries(
        'CHK_PROD_001',
        'requests',
        'feature requests',
        have='a customer impact',
        filled=['customer_impact']
    ) }}

),

-- What follows is asked only where there is something: an empty list says that there is nothing.
judge_roadmap_promises as (

    {{ judge_entries(
        'CHK_PROD_002',
        'commitments',
        'promises from the roadmap',
        have='the product manager who approved',
        filled=['pm_approval.approved_by'],
        when_empty='not_applicable'
    ) }}

),

judge_nominations as (

    {{ judge_entries(
        'CHK_PROD_003',
        'nominations',
        'nominations for the advisory board',
        have='an executive sponsor',
        filled=['executive_sponsor'],
        when_empty='not_applicable'
    ) }}

),

judge_escalations as (

    {{ judge_entries(
        'CHK_PROD_004',
        'escalations',
        'escalations to engineering',
        have='a day by which to be solved',
        dates=['resolution.target_date'],
        when_empty='not_applicable'
    ) }}

),

{{ checked_items(['judge_feature_requests', 'judge_roadmap_promises', 'judge_nominations', 'judge_escalations']) }}

select * from check_items
