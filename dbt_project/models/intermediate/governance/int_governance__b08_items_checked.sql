{# One row per node and checklist item of B08, Partner engagement: what came of checking it. #}

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
        has_partner,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'B08'

),

-- The blueprint is selected because of a partner: only a folder that says otherwise makes its items meaningless.
find_situations as (

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
        case when not has_partner then 'No partner takes part.' end as not_applicable_reason

    from asked_items

    where settled_status is null

),

judge_deals as (

    {{ judge_situations('find_situations', ['not_applicable_reason']) }}

),

list_boundaries as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from find_situations where item = 'CHK_PARTNER_002')", 'boundaries') }}

),

count_boundaries as (

    select
        node_id,
        count(*) as boundary_count

    from list_boundaries

    where {{ is_filled(entry_text('entry')) }}

    group by node_id

),

open_items as (

    select
        find_situations.node_id,
        find_situations.item,
        find_situations.fields_text,
        find_situations.evidence_problem,
        find_situations.comparison,
        find_situations.threshold_value,
        find_situations.is_ended,
        find_situations.began_date,
        find_situations.placeholder_list,
        {{ json_past_date('find_situations.fields_text', 'scored_on') }} as scored_date,
        coalesce(count_boundaries.boundary_count, 0) as boundary_count

    from find_situations

    -- left: an agreement may list no boundaries
    left join count_boundaries on find_situations.node_id = count_boundaries.node_id

    where find_situations.not_applicable_reason is null

),

judge_profiles as (

    {{ judge_entries(
        'CHK_PARTNER_001',
        'partners',
        'engaged partners',
        have='a name, a type, a contact and a day of engagement',
        filled=['name', 'type', 'contact'],
        past_dates=['engaged_on'],
        meant_when=yes_or_no(json_text('entry', 'engaged')),
        meant_unknown='It is not said of every partner whether it is engaged.',
        not_applicable_when=[('listed_count > 0 and meant_count = 0', 'None of the partners is engaged.')]
    ) }}

),

judge_acknowledgements as (

    {{ judge_entries(
        'CHK_PARTNER_002',
        'acknowledgements',
        'acknowledgements',
        have='a day',
        past_dates=['acknowledged_on'],
        besides=[('boundary_count > 0', 'No boundaries are listed.')]
    ) }}

),

judge_scorecards as (

    {{ judge_recency(
        "(select * from open_items where item = 'CHK_PARTNER_003') as open_items",
        'scored_date',
        'Scoring of the partner',
        over_reason='The deal has ended.'
    ) }}

),

find_last_plannings as (

    {{ last_dates('CHK_PARTNER_004', 'joint_planning') }}

),

judge_plannings as (

    {{ judge_recency(
        'find_last_plannings',
        'last_date',
        'Joint planning',
        over_reason='The deal has ended.'
    ) }}

),

{{ checked_items(['judge_deals', 'judge_profiles', 'judge_acknowledgements', 'judge_scorecards', 'judge_plannings']) }}

select * from check_items
