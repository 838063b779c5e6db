{# One row per node and checklist item of C06, Support & DSE engagement: what came of checking it. #}

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
        has_support_engineer,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'C06'

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
        -- Where the folder does not say, the asset may.
        coalesce(has_support_engineer, {{ yes_or_no(json_text('fields_text', 'assigned')) }}) as has_support_engineer

    from asked_items

    where settled_status is null

),

judge_contacts as (

    {{ judge_entries(
        'CHK_SUP_001',
        'escalation_contacts',
        'contacts',
        have='a name and an address',
        filled=['name', 'email']
    ) }}

),

list_cases as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from open_items where item = 'CHK_SUP_002')", 'cases') }}

),

-- One row per case. A case without a priority may be a critical one.
read_cases as (

    select
        node_id,
        case
            when {{ is_filled(json_text('entry', 'priority')) }} then {{ plain_name(json_text('entry', 'priority')) }} = 'critical'
        end as is_meant,
        {{ written_moment(json_text('entry', 'opened_at')) }} as begun_at,
        {{ written_moment(json_text('entry', 'escalated_at')) }} as done_at

    from list_cases

),

limit_cases as (

    select
        read_cases.node_id,
        read_cases.is_meant,
        read_cases.begun_at,
        read_cases.done_at,
        open_items.threshold_value as maximum_hours,
        open_items.comparison

    from read_cases

    inner join open_items on read_cases.node_id = open_items.node_id

    where open_items.item = 'CHK_SUP_002'

),

time_cases as (

    {{ time_responses('limit_cases') }}

),

judge_cases as (

    {{ judge_responses('CHK_SUP_002', 'time_cases', 'cases', 'critical cases', 'escalated') }}

),

-- What is planned for a later day has no outcome yet.
judge_engineers as (

    {{ judge_entries(
        'CHK_SUP_003',
        'activities',
        'activities',
        have='an outcome',
        filled=['outcome'],
        meant_when='coalesce(' ~ json_date('entry', 'performed_on') ~ ' <= ' ~ as_of_date() ~ ', true)',
        not_applicable_when=[('not has_support_engineer', 'No support engineer is designated.')],
        unknown_when=[('has_support_engineer is null', 'Nobody says whether a support engineer is designated.')]
    ) }}

),

date_reviews as (

    {{ last_dates('CHK_SUP_004', 'reviews') }}

),

judge_reviews as (

    {{ judge_recency('date_reviews', 'last_date', 'Review of support health') }}

),

{{ checked_items(['judge_contacts', 'judge_cases', 'judge_engineers', 'judge_reviews']) }}

select * from check_items
