{{ config(materialized='table') }}
{#
    One row per deal folder and signal of B01, B02 and B03 (sales process, requests for proposal, specialists) that it tells.

    A state holds only as long as the deal is open and the engagement goes on. What an event tells may be long past: the mart
    knows how long it is news. A file that is missing, blank or unreadable says nothing, except where the signal is about its
    absence.

    On these it depends what a folder is asked for, so none of them reads what came of an item or a duty.
#}

with

deal_folders as (

    select
        node_id,
        profile_file_path,
        specialist_state,
        poc_starts_date,
        trial_state

    from {{ ref('int_governance__deal_folders_described') }}

),

deal_evidence as (

    select
        node_id,
        item,
        file_path,
        fields_text,
        track,
        is_running,
        specialist_state,
        rfp_submitted_date,
        trial_state,
        placeholder_list

    from {{ ref('int_governance__deal_evidence_read') }}

),

limits as (

    select
        blueprint,
        signal,
        threshold,
        track,
        comparison,
        threshold_value,
        threshold_text,
        track_note

    from {{ ref('int_governance__signal_thresholds_chosen') }}

),

-- B01: the sale itself
list_scores as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_SALES_003') as scores", 'history') }}

),

read_scores as (

    select
        node_id,
        {{ json_past_date('entry', 'date') }} as score_date,
        {{ text_number(json_text('entry', 'score')) }} as score

    from list_scores

),

choose_last_scores as (

    select
        node_id,
        score_date,
        score

    from read_scores

    where
        score_date is not null
        and score is not null

    -- Two scores of one day: the lower one, because the signal warns.
    qualify row_number() over (partition by node_id order by score_date desc nulls last, score asc nulls last) = 1

),

measure_declines as (

    select
        evidence.node_id,
        evidence.file_path,
        last_scores.score_date,
        last_scores.score,
        max(read_scores.score) as earlier_score,
        max(read_scores.score) - last_scores.score as score_drop,
        max(windows.threshold_text) as window_text,
        max(evidence.track) as track

    from deal_evidence as evidence

    inner join choose_last_scores as last_scores on evidence.node_id = last_scores.node_id
    inner join read_scores
        on
            last_scores.node_id = read_scores.node_id
            and last_scores.score_date > read_scores.score_date
    inner join limits as windows
        on
            windows.blueprint = 'B01'
            and windows.signal = 'health_score_declining'
            and windows.threshold = 'window'
            and evidence.track = windows.track

    where
        evidence.item = 'CHK_SALES_003'
        and evidence.is_running
        and {{ reaches_limit(days_between('read_scores.score_date', 'last_scores.score_date'), 'windows.threshold_value', 'windows.comparison') }}

    group by evidence.node_id, evidence.file_path, last_scores.score_date, last_scores.score

),

find_declines as (

    select
        declines.node_id,
        declines.file_path,
        declines.score_date,
        declines.score,
        declines.earlier_score,
        declines.score_drop,
        declines.window_text,
        limits.threshold_text,
        limits.track_note

    from measure_declines as declines

    inner join limits
        on
            limits.blueprint = 'B01'
            and limits.signal = 'health_score_declining'
            and limits.threshold = 'score_drop'
            and declines.track = limits.track

    where {{ reaches_limit('declines.score_drop') }}

),

detect_declines as (

    select
        node_id,
        'B01' as blueprint,
        'health_score_declining' as signal_word,
        score_date as fired_date,
        'The score fell from ' || {{ number_text('earlier_score') }} || ' to ' || {{ number_text('score') }} || ' in '
        || window_text || ', up to ' || cast(score_date as string) || '.' || track_note as evidence,
        file_path || ': history' as evidence_source,
        {{ number_text('score_drop') }} as observed_value,
        threshold_text || ' in ' || window_text as threshold

    from find_declines

),

-- B02: requests for proposal
list_requirements as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_RFP_001') as intakes", 'mandatory_requirements') }}

),

count_requirements as (

    select
        node_id,
        count(*) as requirement_count

    from list_requirements

    group by node_id

),

read_submissions as (

    select
        node_id,
        {{ json_past_date('fields_text', 'submission.submitted_on') }} as submitted_date

    from deal_evidence

    where item = 'CHK_RFP_004'

),

read_requests as (

    select
        evidence.node_id,
        evidence.track,
        evidence.is_running,
        evidence.file_path,
        {{ json_past_date('evidence.fields_text', 'rfp.received_on') }} as received_date,
        {{ json_date('evidence.fields_text', 'rfp.due_on') }} as due_date,
        coalesce(evidence.rfp_submitted_date, submissions.submitted_date) as submitted_date,
        -- Some write how many there are, some list them.
        coalesce(
            {{ text_number(json_text('evidence.fields_text', 'mandatory_requirements')) }},
            cast(count_requirements.requirement_count as double)
        ) as requirement_count

    from deal_evidence as evidence

    -- left: the log is begun with the answer, and requirements are a number more often than a list
    left join read_submissions as submissions on evidence.node_id = submissions.node_id
    left join count_requirements on evidence.node_id = count_requirements.node_id

    where evidence.item = 'CHK_RFP_001'

),

detect_requests as (

    select
        node_id,
        'B02' as blueprint,
        'rfp_received' as signal_word,
        received_date as fired_date,
        'The request was received on ' || cast(received_date as string) || '.' as evidence,
        file_path || ': rfp.received_on' as evidence_source,
        cast(received_date as string) as observed_value,
        cast(null as string) as threshold

    from read_requests

    where received_date is not null

),

find_answers_due as (

    select
        requests.node_id,
        requests.file_path,
        requests.due_date,
        limits.threshold_text,
        limits.track_note

    from read_requests as requests

    inner join limits
        on
            limits.blueprint = 'B02'
            and limits.signal = 'rfp_deadline_approaching'
            and limits.threshold = 'days_ahead'
            and requests.track = limits.track

    where
        requests.is_running
        and requests.submitted_date is null
        and {{ reaches_limit(days_between(as_of_date(), 'requests.due_date')) }}

),

detect_answers_due as (

    select
        node_id,
        'B02' as blueprint,
        'rfp_deadline_approaching' as signal_word,
        cast(null as date) as fired_date,
        'The answer is due on ' || cast(due_date as string) || ' and has not been submitted.' || track_note as evidence,
        file_path || ': rfp.due_on' as evidence_source,
        cast({{ days_between(as_of_date(), 'due_date') }} as string) as observed_value,
        threshold_text as threshold

    from find_answers_due

),

find_complex_requests as (

    select
        requests.node_id,
        requests.file_path,
        requests.requirement_count,
        limits.threshold_text,
        limits.track_note

    from read_requests as requests

    inner join limits
        on
            limits.blueprint = 'B02'
            and limits.signal = 'rfp_complexity_high'
            and limits.threshold = 'requirement_count'
            and requests.track = limits.track

    where
        requests.is_running
        and {{ reaches_limit('requests.requirement_count') }}

),

detect_complex_requests as (

    select
        node_id,
        'B02' as blueprint,
        'rfp_complexity_high' as signal_word,
        cast(null as date) as fired_date,
        'The request has ' || {{ number_text('requirement_count') }} || ' mandatory requirements.' || track_note as evidence,
        file_path || ': mandatory_requirements' as evidence_source,
        {{ number_text('requirement_count') }} as observed_value,
        threshold_text as threshold

    from find_complex_requests

),

-- B03: specialists
read_specialist_requests as (

    select
        node_id,
        is_running,
        specialist_state,
        file_path,
        {{ json_past_date('fields_text', 'assignment.requested_at') }} as requested_date,
        {{ json_text('fields_text', 'justification') }} as justification

    from deal_evidence

    where item = 'CHK_SPEC_001'

),

detect_specialist_requests as (

    select
        node_id,
        'B03' as blueprint,
        'specialist_request' as signal_word,
        requested_date as fired_date,
        'A specialist was asked for on ' || cast(requested_date as string) || '.' as evidence,
        file_path || ': assignment.requested_at' as evidence_source,
        cast(requested_date as string) as observed_value,
        cast(null as string) as threshold

    from read_specialist_requests

    where requested_date is not null

),

-- People justify in their own words; the one that the definition turns on has to be among them.
detect_deep_evaluations as (

    select
        node_id,
        'B03' as blueprint,
        'technical_depth_required' as signal_word,
        cast(null as date) as fired_date,
        'The request for a specialist is justified with: ' || trim(justification) || '.' as evidence,
        file_path || ': justification' as evidence_source,
        trim(justification) as observed_value,
        cast(null as string) as threshold

    from read_specialist_requests

    where
        is_running
        and coalesce(specialist_state, 'unknown') <> 'closed'
        and lower(justification) like '%evaluation%'

),

detect_begun_trials as (

    select
        node_id,
        'B03' as blueprint,
        'poc_initiated' as signal_word,
        poc_starts_date as fired_date,
        'The trial began on ' || cast(poc_starts_date as string) || ', and a specialist takes part in the deal.' as evidence,
        profile_file_path || ': timeline.poc_starts_on, situation.specialist_state' as evidence_source,
        cast(poc_starts_date as string) as observed_value,
        cast(null as string) as threshold

    from deal_folders

    where
        trial_state in ('running', 'over')
        and poc_starts_date <= {{ as_of_date() }}
        and specialist_state in ('active', 'closed')

),

{% set rules = [
    'detect_declines', 'detect_requests', 'detect_answers_due', 'detect_complex_requests', 'detect_specialist_requests',
    'detect_deep_evaluations', 'detect_begun_trials',
] %}
union_signals as (

    {% for rule in rules -%}
    select
        node_id,
        blueprint,
        signal_word,
        fired_date,
        evidence,
        evidence_source,
        observed_value,
        threshold

    from {{ rule }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

)

select * from union_signals
