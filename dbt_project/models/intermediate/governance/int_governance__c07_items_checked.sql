{# One row per node and checklist item of C07, Customer advocacy: what came of checking it. #}

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
        is_reference,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'C07'

),

checklist_items as (

    select
        item,
        accepted_words

    from {{ ref('checklist_items') }}

    where blueprint = 'C07'

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
        asked_items.is_reference,
        asked_items.placeholder_list,
        checklist_items.accepted_words,
        coalesce(
            asked_items.is_reference,
            {{ yes_or_no(json_text('asked_items.fields_text', 'qualifies')) }}
        ) as qualifies

    from asked_items

    inner join checklist_items on asked_items.item = checklist_items.item

    where asked_items.settled_status is null

),

-- Where the folder does not say, the asset may.
judge_stories as (

    {{ judge_entries(
        'CHK_ADV_001',
        'stories',
        'stories',
        have='an accepted status',
        complete_when=is_accepted(json_text('entry', 'status')),
        at_least='1',
        not_applicable_when=[('not qualifies', 'The customer does not qualify as a reference.')],
        unknown_when=[('qualifies is null', 'Nobody says whether the customer qualifies as a reference.')]
    ) }}

),

-- A permission without an end does not run out. One with an end that cannot be read may have.
judge_permissions as (

    {{ judge_entries(
        'CHK_ADV_002',
        'permissions',
        'permissions',
        have='time to run',
        complete_when=json_date('entry', 'expires_on') ~ ' >= ' ~ as_of_date()
            ~ " or coalesce(trim(" ~ json_text('entry', 'expires_on') ~ "), '') = ''",
        meant_when='case when ' ~ json_date('entry', 'granted_on') ~ ' > ' ~ as_of_date() ~ ' then false when '
            ~ json_date('entry', 'expires_on') ~ ' is not null then true end',
        meant_unknown='It cannot be read until when a permission holds.',
        not_applicable_when=[('not is_reference', 'The customer does not serve as a reference.')],
        unknown_when=[('is_reference is null', 'Nobody says whether the customer serves as a reference.')]
    ) }}

),

-- A use that is announced for a later day has no outcome yet.
judge_uses as (

    {{ judge_entries(
        'CHK_ADV_003',
        'uses',
        'uses',
        have='an outcome',
        filled=['outcome'],
        meant_when='coalesce(' ~ json_date('entry', 'used_on') ~ ' <= ' ~ as_of_date() ~ ', true)',
        when_empty='not_applicable',
        not_applicable_when=[('not is_reference', 'The customer does not serve as a reference.')]
    ) }}

),

date_candidate_reviews as (

    {{ last_dates('CHK_ADV_004', 'candidate_reviews', ['is_reference']) }}

),

judge_candidate_reviews as (

    {{ judge_recency(
        '(select *, is_reference and not is_ended as is_looked_at from date_candidate_reviews) as date_candidate_reviews',
        'last_date',
        'Look at the candidate',
        still_counts='is_looked_at',
        over_reason='The customer does not serve as a reference, or the engagement has ended.',
        unknown_reason='Nobody says whether the customer serves as a reference.'
    ) }}

),

{{ checked_items(['judge_stories', 'judge_permissions', 'judge_uses', 'judge_candidate_reviews']) }}

select * from check_items
