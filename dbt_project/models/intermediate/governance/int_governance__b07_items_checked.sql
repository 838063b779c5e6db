{# One row per node and checklist item of B07, POC success: what came of checking it. #}

with

asked_items as (

    select
        node_id,
        archetype,
        track,
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
        has_poc,
        poc_state,
        poc_starts_date,
        poc_ended_date,
        placeholder_list

    from {{ ref('int_governance__items_asked') }}

    where blueprint = 'B07'

),

checklist_items as (

    select
        item,
        accepted_words

    from {{ ref('checklist_items') }}

    where blueprint = 'B07'

),

cadences as (

    select
        archetype,
        track,
        rhythm

    from {{ ref('cadences') }}

    where duty = 'poc_checkpoint'

),

business_weekdays as (

    select weekday

    from {{ ref('business_weekdays') }}

    where is_business_day

),

business_holidays as (

    select holiday_date

    from {{ ref('business_holidays') }}

),

rhythms as (

    select
        rhythm,
        rhythm_name,
        duty_kind,
        maximum_days,
        day_kind

    from {{ ref('rhythms') }}

),

read_trials as (

    select
        asked_items.node_id,
        asked_items.archetype,
        asked_items.track,
        asked_items.item,
        asked_items.fields_text,
        asked_items.evidence_problem,
        asked_items.comparison,
        asked_items.threshold_value,
        asked_items.has_poc,
        asked_items.poc_starts_date,
        asked_items.placeholder_list,
        checklist_items.accepted_words,
        coalesce(
            asked_items.poc_ended_date,
            {{ json_past_date('asked_items.fields_text', 'results.poc_completed_on') }}
        ) as ended_date,
        -- A day on which it ended is more than a word that may be older; the other days do where there is no word.
        case
            when asked_items.poc_ended_date is not null then 'completed'
            when asked_items.poc_state in ('none', 'planned', 'running', 'completed') then asked_items.poc_state
            when not asked_items.has_poc then 'none'
            when {{ json_past_date('asked_items.fields_text', 'results.poc_completed_on') }} is not null then 'completed'
            when asked_items.poc_starts_date <= {{ as_of_date() }} then 'running'
            when asked_items.poc_starts_date > {{ as_of_date() }} then 'planned'
            when {{ json_past_date('asked_items.fields_text', 'customer_access.granted_on') }} is not null then 'running'
        end as trial_state

    from asked_items

    inner join checklist_items on asked_items.item = checklist_items.item

    where asked_items.settled_status is null

),

find_situations as (

    select
        node_id,
        archetype,
        track,
        item,
        fields_text,
        evidence_problem,
        comparison,
        threshold_value,
        poc_starts_date,
        placeholder_list,
        accepted_words,
        ended_date,
        trial_state,
        case when trial_state = 'none' then 'There is no trial.' end as not_applicable_reason,
        case
            when item <> 'CHK_POC_001' and trial_state = 'planned' then 'The trial has not begun.'
            when item in ('CHK_POC_004', 'CHK_POC_005') and trial_state = 'running' then 'The trial has not ended.'
        end as too_early_reason,
        case
            when trial_state is null and has_poc is null then 'Nobody says whether there is a trial.'
            when trial_state is null and item <> 'CHK_POC_001' then 'Nobody says how far the trial is.'
        end as unknown_reason

    from read_trials

),

judge_trials as (

    {{ judge_situations('find_situations', ['not_applicable_reason', 'too_early_reason', 'unknown_reason']) }}

),

open_items as (

    select
        node_id,
        archetype,
        track,
        item,
        fields_text,
        evidence_problem,
        comparison,
        threshold_value,
        poc_starts_date,
        placeholder_list,
        accepted_words,
        ended_date,
        trial_state,
        {{ json_past_date('fields_text', 'results.documented_on') }} as documented_date

    from find_situations

    where
        not_applicable_reason is null
        and too_early_reason is null
        and unknown_reason is null

),

judge_criteria as (

    {{ judge_entries(
        'CHK_POC_001',
        'success_criteria',
        'success criteria',
        have='a metric and a target',
        filled=['metric', 'target']
    ) }}

),

-- Access may be announced; a check has to have happened.
read_environments as (

    select
        node_id,
        item,
        {{ is_accepted(json_text('fields_text', 'validation.status')) }} as is_passed,
        {{ json_past_date('fields_text', 'validation.validated_on') }} as validated_date,
        {{ json_date('fields_text', 'customer_access.granted_on') }} as granted_date,
        {{ json_text('fields_text', 'validation.status') }} as validation_status

    from open_items

    where item = 'CHK_POC_002'

),

judge_environments as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        case
            when not is_passed or validated_date is null then false
            else validated_date <= granted_date
        end as is_kept,
        case
            when not is_passed then 'The environment has not passed its check.'
            when validated_date is null then 'It is not said when the environment passed its check.'
            when granted_date is null then 'It is unknown since when the customer has access.'
            else
                'The environment passed its check on ' || cast(validated_date as string) || ', and the customer got access on '
                || cast(granted_date as string) || '.'
        end as reason,
        validation_status as observed_value

    from read_environments

),

list_checkpoints as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from open_items where item = 'CHK_POC_003')", 'checkpoints') }}

),

read_checkpoints as (

    select
        node_id,
        {{ json_past_date('entry', 'scheduled_on') }} as scheduled_date,
        {{ json_past_date('entry', 'held_on') }} as held_date

    from list_checkpoints

),

count_checkpoints as (

    select
        node_id,
        count(scheduled_date) as due_count,
        count(case when held_date <= scheduled_date then 1 end) as kept_count,
        max(held_date) as last_held_date

    from read_checkpoints

    group by node_id

),

-- Before the first checkpoint the time runs from the beginning of the trial. Once the trial has ended, none is due any more.
count_holidays as (

    select
        open_items.node_id,
        count(*) as holiday_count

    from open_items

    -- left: a log may have no entries
    left join count_checkpoints on open_items.node_id = count_checkpoints.node_id
    inner join business_holidays
        on
            coalesce(count_checkpoints.last_held_date, open_items.poc_starts_date) < business_holidays.holiday_date
            and business_holidays.holiday_date <= {{ as_of_date() }}
    inner join business_weekdays on {{ weekday('business_holidays.holiday_date') }} = business_weekdays.weekday

    where open_items.item = 'CHK_POC_003'

    group by open_items.node_id

),

measure_checkpoints as (

    select
        open_items.node_id,
        open_items.item,
        open_items.trial_state,
        coalesce({{ json_part('open_items.fields_text', 'checkpoints') }} like '[%', false) as is_list,
        coalesce(count_checkpoints.due_count, 0) as due_count,
        coalesce(count_checkpoints.kept_count, 0) as kept_count,
        count_checkpoints.last_held_date,
        coalesce(count_checkpoints.due_count, 0) > 0 or count_checkpoints.last_held_date is not null as has_begun,
        rhythms.rhythm_name,
        rhythms.duty_kind = 'recurring' as is_recurring,
        rhythms.maximum_days,
        {{ rhythm_days_back(
            'coalesce(count_checkpoints.last_held_date, open_items.poc_starts_date)',
            'coalesce(count_holidays.holiday_count, 0)'
        ) }} as days_back

    from open_items

    inner join cadences
        on
            open_items.archetype = cadences.archetype
            and open_items.track = cadences.track
    inner join rhythms on cadences.rhythm = rhythms.rhythm
    -- left: a log may have no entries
    left join count_checkpoints on open_items.node_id = count_checkpoints.node_id
    -- left: most spans have no holiday in them
    left join count_holidays on open_items.node_id = count_holidays.node_id

    where open_items.item = 'CHK_POC_003'

),

find_overdue_checkpoints as (

    select
        node_id,
        item,
        trial_state,
        is_list,
        due_count,
        kept_count,
        last_held_date,
        has_begun,
        rhythm_name,
        is_recurring,
        days_back,
        case when is_recurring and trial_state = 'running' then days_back > maximum_days else false end as is_overdue

    from measure_checkpoints

),

judge_checkpoints as (

    select
        node_id,
        item,
        case
            when is_list and not has_begun and not is_recurring
                then 'The track asks for no checkpoints, and none was due.'
        end as not_applicable_reason,
        case
            when is_list and not has_begun and trial_state = 'running' and not is_overdue
                then 'The first checkpoint is not due yet.'
        end as too_early_reason,
        true as is_evidence_needed,
        case
            when kept_count < due_count or is_overdue then false
            when not is_list or is_overdue is null then cast(null as boolean)
            else has_begun
        end as is_kept,
        case
            when kept_count < due_count
                then
                    cast(due_count - kept_count as string) || ' of ' || cast(due_count as string)
                    || ' checkpoints that were due did not take place in time.'
            when is_overdue and last_held_date is null
                then
                    'No checkpoint has taken place in the ' || cast(days_back as string) || ' days of the trial; the track asks for: '
                    || rhythm_name || '.'
            when is_overdue
                then
                    'The last checkpoint was on ' || cast(last_held_date as string) || ', ' || cast(days_back as string)
                    || ' days ago; the track asks for: ' || rhythm_name || '.'
            when not is_list then 'checkpoints is not written as a list.'
            when is_overdue is null then 'It is unknown since when the trial runs.'
            when not has_begun then 'The trial ended without a checkpoint.'
            else 'All ' || cast(due_count as string) || ' checkpoints that were due took place in time.'
        end as reason,
        case when has_begun then cast(kept_count as string) || ' of ' || cast(due_count as string) end as observed_value

    from find_overdue_checkpoints

),

judge_results as (

    {{ judge_deadline(
        "(select * from open_items where item = 'CHK_POC_004') as open_items",
        'ended_date',
        'documented_date',
        'Documentation of the results',
        no_anchor_reason='It is unknown on which day the trial ended.'
    ) }}

),

judge_recommendations as (

    select
        node_id,
        item,
        cast(null as string) as not_applicable_reason,
        cast(null as string) as too_early_reason,
        true as is_evidence_needed,
        {{ is_accepted(json_text('fields_text', 'recommendation.decision')) }} as is_kept,
        case
            when {{ is_accepted(json_text('fields_text', 'recommendation.decision')) }}
                then 'The recommendation is recorded.'
            when {{ is_filled(json_text('fields_text', 'recommendation.decision')) }}
                then 'The recommendation is none of: ' || replace(accepted_words, ';', ', ') || '.'
            else 'No recommendation is recorded.'
        end as reason,
        {{ json_text('fields_text', 'recommendation.decision') }} as observed_value

    from open_items

    where item = 'CHK_POC_005'

),

{{ checked_items([
    'judge_trials', 'judge_criteria', 'judge_environments', 'judge_checkpoints', 'judge_results', 'judge_recommendations'
]) }}

select * from check_items
