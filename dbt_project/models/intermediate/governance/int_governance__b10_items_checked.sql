{# One row per node and checklist item of B10, Services engagement: what came of checking it. #}

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
        uses_services,
        is_migration,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'B10'

),

checklist_items as (

    select
        item,
        accepted_words

    from {{ ref('checklist_items') }}

    where blueprint = 'B10'

),

-- Where the folder does not say, the asset may.
read_needs as (

    select
        asked_items.node_id,
        asked_items.item,
        asked_items.fields_text,
        asked_items.placeholder_list,
        checklist_items.accepted_words,
        case
            when asked_items.item = 'CHK_SVC_002'
                then
                    coalesce(
                        asked_items.is_migration,
                        {{ yes_or_no(json_text('asked_items.fields_text', 'migration_required')) }}
                    )
            else
                coalesce(
                    asked_items.uses_services,
                    {{ yes_or_no(json_text('asked_items.fields_text', 'qualifies')) }}
                )
        end as is_needed,
        case when asked_items.item = 'CHK_SVC_002' then 'a migration' else 'a need for services' end as need

    from asked_items

    inner join checklist_items on asked_items.item = checklist_items.item

    where asked_items.settled_status is null

),

find_situations as (

    select
        node_id,
        item,
        fields_text,
        placeholder_list,
        accepted_words,
        case when not is_needed then 'There is not ' || need || '.' end as not_applicable_reason,
        case when is_needed is null then 'Nobody says whether there is ' || need || '.' end as unknown_reason

    from read_needs

),

judge_needs as (

    {{ judge_situations('find_situations', ['not_applicable_reason', 'unknown_reason']) }}

),

open_items as (

    select
        node_id,
        item,
        fields_text,
        placeholder_list,
        accepted_words

    from find_situations

    where
        not_applicable_reason is null
        and unknown_reason is null

),

read_engagements as (

    select
        node_id,
        item,
        {{ json_past_date('fields_text', 'engagement.triggered_on') }} as triggered_date

    from open_items

    where item = 'CHK_SVC_001'

),

judge_engagements as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        triggered_date is not null as is_kept,
        case
            when triggered_date is null then 'Services are needed, and were not engaged.'
            else 'Services were engaged on ' || cast(triggered_date as string) || '.'
        end as reason,
        cast(triggered_date as string) as observed_value

    from read_engagements

),

read_assessments as (

    select
        node_id,
        item,
        {{ is_accepted(json_text('fields_text', 'assessment.status')) }} as is_completed,
        {{ json_past_date('fields_text', 'assessment.completed_on') }} as completed_date,
        {{ json_text('fields_text', 'assessment.status') }} as assessment_status

    from open_items

    where item = 'CHK_SVC_002'

),

judge_assessments as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        is_completed and completed_date is not null as is_kept,
        case
            when not is_completed then 'The assessment is not marked as completed.'
            when completed_date is null then 'It is not said when the assessment was completed.'
            else 'The assessment was completed on ' || cast(completed_date as string) || '.'
        end as reason,
        assessment_status as observed_value

    from read_assessments

),

-- Both offers may start in the future, so these days are taken as they are written.
read_offers as (

    select
        node_id,
        item,
        {{ is_filled(json_text('fields_text', 'license_proposal.version')) }} as has_license_version,
        lower(trim({{ json_text('fields_text', 'license_proposal.version') }})) as license_version,
        {{ json_date('fields_text', 'license_proposal.starts_on') }} as license_starts_date,
        lower(trim({{ json_text('fields_text', 'aligned_with.license_version') }})) as named_version,
        {{ json_date('fields_text', 'aligned_with.starts_on') }} as named_starts_date

    from open_items

    where item = 'CHK_SVC_003'

),

judge_offers as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        case
            when not has_license_version or license_starts_date is null then cast(null as boolean)
            else coalesce(named_version = license_version and named_starts_date = license_starts_date, false)
        end as is_kept,
        case
            when not has_license_version then 'It is not said which version of the licence offer is the current one.'
            when license_starts_date is null then 'It is not said when the licence offer starts.'
            when named_version is null then 'The services offer names no version of the licence offer.'
            when named_version <> license_version
                then
                    'The services offer names version ' || named_version || ' of the licence offer; the current one is '
                    || license_version || '.'
            when named_starts_date is null then 'It is not said when the services offer starts.'
            when named_starts_date <> license_starts_date
                then
                    'The services offer starts on ' || cast(named_starts_date as string) || ', the licence offer on '
                    || cast(license_starts_date as string) || '.'
            else 'The services offer names the current version of the licence offer and the same start.'
        end as reason,
        named_version as observed_value

    from read_offers

),

judge_risks as (

    {{ judge_entries(
        'CHK_SVC_004',
        'risks',
        'risks',
        at_least=1,
        besides=[(
            json_past_date('fields_text', 'shared_with_customer.shared_on') ~ ' is not null',
            'It is not said when the customer saw the risks.'
        )]
    ) }}

),

{{ checked_items(['judge_needs', 'judge_engagements', 'judge_assessments', 'judge_offers', 'judge_risks']) }}

select * from check_items
