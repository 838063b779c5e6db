{# One row per node and checklist item of B04, Competitive intelligence: what came of checking it. #}

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
        ended_date,
        is_stage_open,
        stage_closed_date,
        is_competitive,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'B04'

),

checklist_items as (

    select
        item,
        accepted_words

    from {{ ref('checklist_items') }}

    where blueprint = 'B04'

),

read_deals as (

    select
        asked_items.node_id,
        asked_items.item,
        asked_items.fields_text,
        asked_items.evidence_problem,
        asked_items.comparison,
        asked_items.threshold_value,
        asked_items.placeholder_list,
        checklist_items.accepted_words,
        -- Where the folder does not say, the asset may.
        coalesce(
            asked_items.is_competitive,
            {{ yes_or_no(json_text('asked_items.fields_text', 'is_competitive')) }}
        ) as is_contested,
        asked_items.is_stage_open,
        coalesce(
            asked_items.stage_closed_date,
            asked_items.ended_date,
            {{ json_past_date('asked_items.fields_text', 'outcome.decided_on') }}
        ) as decided_date

    from asked_items

    inner join checklist_items on asked_items.item = checklist_items.item

    where asked_items.settled_status is null

),

-- An attestation is a person's word: whoever gives it knows whether the deal is contested.
find_situations as (

    select
        node_id,
        item,
        fields_text,
        evidence_problem,
        comparison,
        threshold_value,
        placeholder_list,
        accepted_words,
        decided_date,
        case
            when item = 'CHK_CI_003' and is_stage_open then 'The deal is still open.'
            when item <> 'CHK_CI_003' and not is_contested then 'The deal is not contested.'
        end as not_applicable_reason,
        case
            when item in ('CHK_CI_001', 'CHK_CI_002') and is_contested is null
                then 'Nobody says whether the deal is contested.'
        end as unknown_reason

    from read_deals

),

judge_deals as (

    {{ judge_situations('find_situations', ['not_applicable_reason', 'unknown_reason']) }}

),

open_items as (

    select
        node_id,
        item,
        fields_text,
        evidence_problem,
        comparison,
        threshold_value,
        placeholder_list,
        accepted_words,
        decided_date,
        {{ json_past_date('fields_text', 'analysis.completed_on') }} as analysed_date

    from find_situations

    where
        not_applicable_reason is null
        and unknown_reason is null

),

judge_competitors as (

    {{ judge_entries('CHK_CI_001', 'competitors', 'competitors', have='a name', filled=['name'], at_least=1) }}

),

judge_battlecards as (

    {{ judge_entries(
        'CHK_CI_002',
        'referenced_in',
        'references to the battlecard',
        have='a document',
        complete_when=is_filled('coalesce(' ~ json_text('entry', 'document') ~ ', ' ~ entry_text('entry') ~ ')'),
        at_least=1,
        besides=[(yes_or_no(json_text('fields_text', 'applied')), 'The battlecard is not marked as applied.')]
    ) }}

),

judge_analyses as (

    {{ judge_deadline(
        "(select * from open_items where item = 'CHK_CI_003') as open_items",
        'decided_date',
        'analysed_date',
        'Analysis of the outcome',
        no_anchor_reason='It is unknown whether and on which day the deal was decided.'
    ) }}

),

read_attestations as (

    select
        node_id,
        item,
        {{ json_has_at('fields_text', "'attestation'") }} as has_place_for_attestation,
        {{ plain_name(json_text('fields_text', 'attestation.verdict')) }} as verdict,
        {{ is_accepted(json_text('fields_text', 'attestation.verdict')) }} as is_positive

    from open_items

    where item = 'CHK_CI_004'

),

-- A canvas that has the place for a verdict, and none in it, waits for a person; without the place it is a blank.
judge_attestations as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        not has_place_for_attestation as is_evidence_needed,
        case
            when is_positive then true
            when verdict = 'fail' then false
        end as is_kept,
        case
            when is_positive then 'A person attests that the account plan uses what is known of the competition.'
            when verdict = 'fail' then 'A person attests that the account plan does not use what is known of the competition.'
            else 'Nobody has attested that the account plan uses what is known of the competition.'
        end as reason,
        verdict as observed_value

    from read_attestations

),

{{ checked_items(['judge_deals', 'judge_competitors', 'judge_battlecards', 'judge_analyses', 'judge_attestations']) }}

select * from check_items
