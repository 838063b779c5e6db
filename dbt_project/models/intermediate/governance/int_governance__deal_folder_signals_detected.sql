{{ config(materialized='table') }}
{#
    One row per deal folder and signal that its files tell, with the CRM's word on the deal where the signal needs it. What is
    about the deal has the deal as its subject, or the node if nobody knows the deal.

    A state holds only as long as the deal is open and the engagement goes on. What an event tells may be long past: the mart
    knows how long it is news. A file that is missing, blank or unreadable says nothing, except where it is its absence that
    the signal is about.
#}

with

nodes as (

    select
        node_id,
        account_id,
        opportunity_id,
        profile_file_path,
        coalesce(track, 'unknown') as track,
        is_ended

    from {{ ref('int_infohub__nodes_resolved') }}

    where coalesce(archetype, 'pre_sales_governance') = 'pre_sales_governance'

),

situations as (

    select
        node_id,
        stage,
        stage_order,
        is_stage_open,
        has_poc,
        has_partner,
        uses_services,
        specialist_state,
        poc_state,
        poc_starts_date,
        poc_ended_date,
        rfp_submitted_date

    from {{ ref('int_governance__node_situations_read') }}

),

item_evidence as (

    select
        node_id,
        item,
        file_path,
        fields_text

    from {{ ref('int_governance__item_evidence_chosen') }}

    where blueprint like 'B%'

),

assessed_assets as (

    select
        node_id,
        asset_path,
        asset_status

    from {{ ref('int_infohub__assets_assessed') }}

),

node_documents as (

    select
        node_id,
        fields_text

    from {{ ref('int_infohub__node_documents_chosen') }}

    where
        file_kind = 'blueprint'
        and not is_later_version

),

checked_items as (

    select
        node_id,
        status

    from {{ ref('int_governance__b09_items_checked') }}

    where item = 'CHK_SA_003'

),

checked_cadences as (

    select
        node_id,
        duty,
        coalesce(file_path, asset_path) as file_path,
        rhythm,
        status,
        due_date

    from {{ ref('int_governance__cadences_checked') }}

    where duty in ('deal_review', 'poc_checkpoint')

),

cadence_duties as (

    select
        duty,
        evidence_field

    from {{ ref('cadence_duties') }}

),

rhythms as (

    select maximum_days

    from {{ ref('rhythms') }}

    where rhythm = 'quarterly'

),

opportunities as (

    select
        opportunity_id,
        main_competitors,
        amount_corporate,
        corporate_currency_code

    from {{ ref('int_stage__opportunities_valued') }}

    where not is_later_version

),

stages as (

    select
        policy_stage,
        stage_order

    from {{ ref('stages') }}

),

limits as (

    select
        blueprint,
        signal,
        threshold,
        track,
        comparison,
        threshold_value,
        unit,
        threshold_text,
        track_note

    from {{ ref('int_governance__signal_thresholds_chosen') }}

),

placeholder_words as (

    select word

    from {{ ref('placeholder_words') }}

),

list_placeholders as (

    select '|' || {{ joined_text('lower(word)', '|') }} || '|' as placeholder_list

    from placeholder_words

),

describe_nodes as (

    select
        nodes.node_id,
        nodes.account_id,
        nodes.opportunity_id,
        nodes.track,
        coalesce(nodes.profile_file_path, 'node_profile.yaml') as profile_file_path,
        -- Where nobody knows the stage, the folder alone says whether it goes on.
        not coalesce(nodes.is_ended, false) and (situations.stage is null or situations.is_stage_open) as is_running,
        situations.stage,
        situations.stage_order,
        situations.has_poc,
        situations.has_partner,
        situations.uses_services,
        situations.specialist_state,
        situations.poc_starts_date,
        situations.rfp_submitted_date,
        case
            when situations.poc_ended_date is not null or situations.poc_state = 'completed' then 'over'
            when situations.poc_starts_date > {{ as_of_date() }} or situations.poc_state = 'planned' then 'not_begun'
            when situations.poc_state = 'none' then 'none'
            when situations.poc_state = 'running' or situations.poc_starts_date is not null then 'running'
        end as trial_state,
        list_placeholders.placeholder_list

    from nodes

    inner join situations on nodes.node_id = situations.node_id
    cross join list_placeholders

),

read_evidence as (

    select
        describe_nodes.node_id,
        describe_nodes.opportunity_id,
        describe_nodes.track,
        describe_nodes.is_running,
        describe_nodes.stage,
        describe_nodes.specialist_state,
        describe_nodes.rfp_submitted_date,
        describe_nodes.trial_state,
        describe_nodes.placeholder_list,
        item_evidence.item,
        item_evidence.file_path,
        item_evidence.fields_text

    from describe_nodes

    inner join item_evidence on describe_nodes.node_id = item_evidence.node_id

),

-- B01: the sale itself
find_reviews_ahead as (

    select
        describe_nodes.node_id,
        checked_cadences.file_path || ': ' || cadence_duties.evidence_field as evidence_source,
        checked_cadences.due_date,
        limits.threshold_text,
        limits.track_note

    from describe_nodes

    inner join checked_cadences on describe_nodes.node_id = checked_cadences.node_id
    inner join cadence_duties on checked_cadences.duty = cadence_duties.duty
    inner join limits
        on
            limits.blueprint = 'B01'
            and limits.signal = 'deal_review_scheduled'
            and limits.threshold = 'days_ahead'
            and describe_nodes.track = limits.track

    where
        checked_cadences.duty = 'deal_review'
        and checked_cadences.due_date >= {{ as_of_date() }}
        and {{ is_within(days_between(as_of_date(), 'checked_cadences.due_date'), 'limits.threshold_value', 'limits.comparison') }}
        -- A review that is held once and was held does not lie ahead.
        and (checked_cadences.status = 'too_early' or checked_cadences.status = 'pass' and checked_cadences.rhythm <> 'end_only')

),

detect_reviews_ahead as (

    select
        node_id,
        'B01' as blueprint,
        'deal_review_scheduled' as signal,
        cast(null as date) as fired_date,
        'By the rhythm of the track, a deal review is due by ' || cast(due_date as string) || '.' || track_note as evidence,
        evidence_source as evidence_source,
        cast({{ days_between(as_of_date(), 'due_date') }} as string) as observed_value,
        threshold_text as threshold

    from find_reviews_ahead

),

list_scores as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_SALES_003') as scores", 'history') }}

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

    from read_evidence as evidence

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
        and {{ is_within(days_between('read_scores.score_date', 'last_scores.score_date'), 'windows.threshold_value', 'windows.comparison') }}

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

    where {{ is_within('declines.score_drop', 'limits.threshold_value', 'limits.comparison') }}

),

detect_declines as (

    select
        node_id,
        'B01' as blueprint,
        'health_score_declining' as signal,
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

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_RFP_001') as intakes", 'mandatory_requirements') }}

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

    from read_evidence

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

    from read_evidence as evidence

    -- left: the log is begun with the answer, and requirements are a number more often than a list
    left join read_submissions as submissions on evidence.node_id = submissions.node_id
    left join count_requirements on evidence.node_id = count_requirements.node_id

    where evidence.item = 'CHK_RFP_001'

),

detect_requests as (

    select
        node_id,
        'B02' as blueprint,
        'rfp_received' as signal,
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
        and {{ is_within(days_between(as_of_date(), 'requests.due_date'), 'limits.threshold_value', 'limits.comparison') }}

),

detect_answers_due as (

    select
        node_id,
        'B02' as blueprint,
        'rfp_deadline_approaching' as signal,
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
        and {{ is_within('requests.requirement_count', 'limits.threshold_value', 'limits.comparison') }}

),

detect_complex_requests as (

    select
        node_id,
        'B02' as blueprint,
        'rfp_complexity_high' as signal,
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

    from read_evidence

    where item = 'CHK_SPEC_001'

),

detect_specialist_requests as (

    select
        node_id,
        'B03' as blueprint,
        'specialist_request' as signal,
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
        'technical_depth_required' as signal,
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
        'poc_initiated' as signal,
        poc_starts_date as fired_date,
        'The trial began on ' || cast(poc_starts_date as string) || ', and a specialist takes part in the deal.' as evidence,
        profile_file_path || ': timeline.poc_starts_on, situation.specialist_state' as evidence_source,
        cast(poc_starts_date as string) as observed_value,
        cast(null as string) as threshold

    from describe_nodes

    where
        trial_state in ('running', 'over')
        and poc_starts_date <= {{ as_of_date() }}
        and specialist_state in ('active', 'closed')

),

-- B04: competitors
list_competitors as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_CI_001' and is_running) as profiles", 'competitors') }}

),

summarise_competitors as (

    select
        node_id,
        min({{ json_past_date('entry', 'since') }}) as first_date,
        {{ joined_text(json_text('entry', 'name'), ', ') }} as names

    from list_competitors

    where
        {{ is_filled(json_text('entry', 'name')) }}
        and coalesce({{ json_date('entry', 'since') }} <= {{ as_of_date() }}, true)

    group by node_id

),

find_competitors as (

    select
        evidence.node_id,
        evidence.file_path,
        competitors.first_date,
        competitors.names

    from read_evidence as evidence

    inner join summarise_competitors as competitors on evidence.node_id = competitors.node_id
    -- left: a folder need not have a deal in the CRM
    left join opportunities on evidence.opportunity_id = opportunities.opportunity_id

    where
        evidence.item = 'CHK_CI_001'
        -- Where the CRM names one, int_governance__opportunity_signals_detected tells it.
        and coalesce(trim(opportunities.main_competitors), '') = ''

),

detect_competitors as (

    select
        node_id,
        'B04' as blueprint,
        'competitor_identified' as signal,
        first_date as fired_date,
        'The competitor profile names: ' || names || '.' as evidence,
        file_path || ': competitors' as evidence_source,
        names as observed_value,
        cast(null as string) as threshold

    from find_competitors

),

find_old_battlecards as (

    select
        evidence.node_id,
        evidence.file_path,
        {{ json_past_date('evidence.fields_text', 'card.published_on') }} as published_date,
        limits.threshold_value,
        limits.threshold_text,
        limits.track_note

    from read_evidence as evidence

    inner join limits
        on
            limits.blueprint = 'B04'
            and limits.signal = 'battlecard_stale'
            and limits.threshold = 'maximum_age'
            and evidence.track = limits.track

    where
        evidence.item = 'CHK_CI_002'
        and evidence.is_running
        and {{ yes_or_no(json_text('evidence.fields_text', 'applied')) }}
        and {{ is_within(days_between(json_past_date('evidence.fields_text', 'card.published_on'), as_of_date()), 'limits.threshold_value', 'limits.comparison') }}

),

detect_old_battlecards as (

    select
        node_id,
        'B04' as blueprint,
        'battlecard_stale' as signal,
        {{ add_days('published_date', 'cast(threshold_value as integer) + 1') }} as fired_date,
        'The battlecard that the deal applies was published on ' || cast(published_date as string) || '.' || track_note as evidence,
        file_path || ': card.published_on' as evidence_source,
        cast({{ days_between('published_date', as_of_date()) }} as string) as observed_value,
        threshold_text as threshold

    from find_old_battlecards

),

-- B05: product and engineering
list_features as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_PROD_001' and is_running) as requests", 'requests') }}

),

summarise_missing_features as (

    select
        node_id,
        count(*) as feature_count,
        {{ joined_text(json_text('entry', 'wish'), ', ') }} as wishes

    from list_features

    where
        ({{ is_filled(json_text('entry', 'wish')) }} or {{ is_filled(json_text('entry', 'request_id')) }})
        and coalesce({{ plain_name(json_text('entry', 'status')) }}, 'open') <> 'released'
        and {{ json_past_date('entry', 'released_on') }} is null

    group by node_id

),

find_missing_features as (

    select
        evidence.node_id,
        evidence.opportunity_id,
        evidence.track,
        evidence.file_path,
        features.feature_count,
        'Waited for: ' || coalesce(features.wishes, cast(features.feature_count as string) || ' features') as features_text

    from read_evidence as evidence

    inner join summarise_missing_features as features on evidence.node_id = features.node_id

    where evidence.item = 'CHK_PROD_001'

),

detect_missing_features as (

    select
        node_id,
        'B05' as blueprint,
        'feature_gap_identified' as signal,
        cast(null as date) as fired_date,
        features_text || '.' as evidence,
        file_path || ': requests' as evidence_source,
        cast(feature_count as string) as observed_value,
        cast(null as string) as threshold

    from find_missing_features

),

find_deals_waiting as (

    select
        features.node_id,
        features.file_path,
        features.features_text,
        opportunities.amount_corporate,
        opportunities.corporate_currency_code,
        limits.threshold_text,
        limits.track_note

    from find_missing_features as features

    inner join opportunities on features.opportunity_id = opportunities.opportunity_id
    inner join limits
        on
            limits.blueprint = 'B05'
            and limits.signal = 'roadmap_alignment_needed'
            and limits.threshold = 'amount'
            and features.track = limits.track

    where
        -- An amount in another currency cannot be compared with the threshold.
        lower(opportunities.corporate_currency_code) = limits.unit
        and {{ is_within('opportunities.amount_corporate', 'limits.threshold_value', 'limits.comparison') }}

),

detect_deals_waiting as (

    select
        node_id,
        'B05' as blueprint,
        'roadmap_alignment_needed' as signal,
        cast(null as date) as fired_date,
        'The deal is worth ' || {{ number_text('amount_corporate') }} || ' ' || corporate_currency_code || '. ' || features_text || '.'
        || track_note as evidence,
        file_path || ': requests; CRM: amount' as evidence_source,
        {{ number_text('amount_corporate') }} as observed_value,
        threshold_text as threshold

    from find_deals_waiting

),

list_nominations as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_PROD_003' and is_running) as boards", 'nominations') }}

),

summarise_nominations as (

    select
        node_id,
        {{ joined_text(json_text('entry', 'nominee'), ', ') }} as nominees,
        min({{ json_past_date('entry', 'nominated_on') }}) as first_date

    from list_nominations

    where
        {{ is_filled(json_text('entry', 'nominee')) }}
        and coalesce({{ json_date('entry', 'nominated_on') }} <= {{ as_of_date() }}, true)

    group by node_id

),

list_escalations as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_PROD_004' and is_running) as escalations", 'escalations') }}

),

summarise_open_escalations as (

    select
        node_id,
        {{ joined_text(json_text('entry', 'topic'), ', ') }} as topics,
        min({{ json_past_date('entry', 'opened_on') }}) as first_date

    from list_escalations

    where
        {{ is_filled(json_text('entry', 'topic')) }}
        and coalesce({{ json_date('entry', 'opened_on') }} <= {{ as_of_date() }}, true)
        and coalesce({{ plain_name(json_text('entry', 'status')) }}, 'open') not in ('resolved', 'solved', 'closed')
        and {{ json_past_date('entry', 'resolution.resolved_on') }} is null

    group by node_id

),

find_nominations as (

    select
        evidence.node_id,
        evidence.file_path,
        nominations.nominees,
        nominations.first_date

    from read_evidence as evidence

    inner join summarise_nominations as nominations on evidence.node_id = nominations.node_id

    where evidence.item = 'CHK_PROD_003'

),

detect_nominations as (

    select
        node_id,
        'B05' as blueprint,
        'cab_nomination' as signal,
        first_date as fired_date,
        'Nominated for the advisory board: ' || nominees || '.' as evidence,
        file_path || ': nominations' as evidence_source,
        nominees as observed_value,
        cast(null as string) as threshold

    from find_nominations

),

find_escalations as (

    select
        evidence.node_id,
        evidence.file_path,
        escalations.topics,
        escalations.first_date

    from read_evidence as evidence

    inner join summarise_open_escalations as escalations on evidence.node_id = escalations.node_id

    where evidence.item = 'CHK_PROD_004'

),

detect_escalations as (

    select
        node_id,
        'B05' as blueprint,
        'escalation_to_engineering' as signal,
        first_date as fired_date,
        'Open at engineering: ' || topics || '.' as evidence,
        file_path || ': escalations' as evidence_source,
        topics as observed_value,
        cast(null as string) as threshold

    from find_escalations

),

-- B07: trials. That the deal is to have one, and it has not begun, is what a folder holds of a request.
detect_wanted_trials as (

    select
        node_id,
        'B07' as blueprint,
        'poc_requested' as signal,
        cast(null as date) as fired_date,
        'The deal is to have a trial, which has not begun.' as evidence,
        profile_file_path || ': situation.has_poc' as evidence_source,
        trial_state as observed_value,
        cast(null as string) as threshold

    from describe_nodes

    where
        is_running
        and has_poc
        and trial_state = 'not_begun'

),

list_checkpoints as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_POC_003' and is_running and trial_state = 'running') as logs", 'checkpoints') }}

),

summarise_checkpoints as (

    select
        node_id,
        min({{ json_date('entry', 'scheduled_on') }}) as scheduled_date

    from list_checkpoints

    where
        {{ json_past_date('entry', 'held_on') }} is null
        and coalesce({{ plain_name(json_text('entry', 'status')) }}, 'planned') not in ('missed', 'cancelled')

    group by node_id

),

schedule_checkpoints as (

    select
        describe_nodes.node_id,
        describe_nodes.track,
        checked_cadences.file_path || ': ' || cadence_duties.evidence_field as evidence_source,
        -- What somebody scheduled, else what the rhythm of the track asks for.
        coalesce(checkpoints.scheduled_date, checked_cadences.due_date) as due_date

    from describe_nodes

    inner join checked_cadences on describe_nodes.node_id = checked_cadences.node_id
    inner join cadence_duties on checked_cadences.duty = cadence_duties.duty
    -- left: most logs have no checkpoint ahead
    left join summarise_checkpoints as checkpoints on describe_nodes.node_id = checkpoints.node_id

    where
        checked_cadences.duty = 'poc_checkpoint'
        and describe_nodes.is_running
        and describe_nodes.trial_state = 'running'

),

find_checkpoints_due as (

    select
        checkpoints.node_id,
        checkpoints.evidence_source,
        checkpoints.due_date,
        limits.threshold_text,
        limits.track_note

    from schedule_checkpoints as checkpoints

    inner join limits
        on
            limits.blueprint = 'B07'
            and limits.signal = 'poc_checkpoint_due'
            and limits.threshold = 'days_ahead'
            and checkpoints.track = limits.track

    where {{ is_within(days_between(as_of_date(), 'checkpoints.due_date'), 'limits.threshold_value', 'limits.comparison') }}

),

detect_checkpoints_due as (

    select
        node_id,
        'B07' as blueprint,
        'poc_checkpoint_due' as signal,
        cast(null as date) as fired_date,
        'The next checkpoint is due on ' || cast(due_date as string) || '.' || track_note as evidence,
        evidence_source as evidence_source,
        cast({{ days_between(as_of_date(), 'due_date') }} as string) as observed_value,
        threshold_text as threshold

    from find_checkpoints_due

),

read_trial_plans as (

    select
        node_id,
        file_path,
        {{ json_date('fields_text', 'timeline.ends_on') }} as ends_date

    from read_evidence

    where item = 'CHK_POC_001'

),

schedule_trial_ends as (

    select
        describe_nodes.node_id,
        describe_nodes.track,
        case
            when plans.ends_date is not null then plans.file_path || ': timeline.ends_on'
            else 'blueprint.yaml: timeline.poc_ends_on'
        end as evidence_source,
        coalesce(plans.ends_date, {{ json_date('node_documents.fields_text', 'timeline.poc_ends_on') }}) as ends_date

    from describe_nodes

    -- left: either file may be missing
    left join read_trial_plans as plans on describe_nodes.node_id = plans.node_id
    left join node_documents on describe_nodes.node_id = node_documents.node_id

    where
        describe_nodes.is_running
        and describe_nodes.trial_state = 'running'

),

find_trials_ending as (

    select
        trial_ends.node_id,
        trial_ends.evidence_source,
        trial_ends.ends_date,
        limits.threshold_text,
        limits.track_note

    from schedule_trial_ends as trial_ends

    inner join limits
        on
            limits.blueprint = 'B07'
            and limits.signal = 'poc_completion_near'
            and limits.threshold = 'days_ahead'
            and trial_ends.track = limits.track

    where {{ is_within(days_between(as_of_date(), 'trial_ends.ends_date'), 'limits.threshold_value', 'limits.comparison') }}

),

detect_trials_ending as (

    select
        node_id,
        'B07' as blueprint,
        'poc_completion_near' as signal,
        cast(null as date) as fired_date,
        'The trial runs, and its plan ends on ' || cast(ends_date as string) || '.' || track_note as evidence,
        evidence_source as evidence_source,
        cast({{ days_between(as_of_date(), 'ends_date') }} as string) as observed_value,
        threshold_text as threshold

    from find_trials_ending

),

-- B08: partners
list_partners as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_PARTNER_001' and is_running) as profiles", 'partners') }}

),

summarise_partners as (

    select
        node_id,
        {{ joined_text(json_text('entry', 'name'), ', ') }} as names,
        min({{ json_past_date('entry', 'engaged_on') }}) as first_date

    from list_partners

    where
        {{ is_filled(json_text('entry', 'name')) }}
        and coalesce({{ yes_or_no(json_text('entry', 'engaged')) }}, true)
        and coalesce({{ json_date('entry', 'engaged_on') }} <= {{ as_of_date() }}, true)

    group by node_id

),

find_partners as (

    select
        evidence.node_id,
        evidence.file_path,
        partners.names,
        partners.first_date

    from read_evidence as evidence

    inner join summarise_partners as partners on evidence.node_id = partners.node_id

    where evidence.item = 'CHK_PARTNER_001'

),

detect_partners as (

    select
        node_id,
        'B08' as blueprint,
        'partner_opportunity' as signal,
        first_date as fired_date,
        'Partners in the deal: ' || names || '.' as evidence,
        file_path || ': partners' as evidence_source,
        names as observed_value,
        cast(null as string) as threshold

    from find_partners

),

list_plannings as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_PARTNER_004' and is_running) as plans", 'joint_planning') }}

),

summarise_plannings as (

    select
        node_id,
        -- Some list the bare days.
        max(
            coalesce(
                {{ json_past_date('entry', 'date') }},
                case when {{ text_date(entry_text('entry')) }} <= {{ as_of_date() }} then {{ text_date(entry_text('entry')) }} end
            )
        ) as last_date

    from list_plannings

    group by node_id

),

schedule_plannings as (

    select
        evidence.node_id,
        evidence.track,
        evidence.file_path,
        plannings.last_date,
        {{ add_days('plannings.last_date', 'rhythms.maximum_days') }} as due_date

    from read_evidence as evidence

    inner join summarise_plannings as plannings on evidence.node_id = plannings.node_id
    cross join rhythms

    where evidence.item = 'CHK_PARTNER_004'

),

find_plannings_due as (

    select
        plannings.node_id,
        plannings.file_path,
        plannings.last_date,
        plannings.due_date,
        limits.threshold_text,
        limits.track_note

    from schedule_plannings as plannings

    inner join limits
        on
            limits.blueprint = 'B08'
            and limits.signal = 'joint_planning_due'
            and limits.threshold = 'days_ahead'
            and plannings.track = limits.track

    where {{ is_within(days_between(as_of_date(), 'plannings.due_date'), 'limits.threshold_value', 'limits.comparison') }}

),

detect_plannings_due as (

    select
        node_id,
        'B08' as blueprint,
        'joint_planning_due' as signal,
        cast(null as date) as fired_date,
        'The last joint planning was on ' || cast(last_date as string) || ', so the next one is due by ' || cast(due_date as string)
        || '.' || track_note as evidence,
        file_path || ': joint_planning' as evidence_source,
        cast({{ days_between(as_of_date(), 'due_date') }} as string) as observed_value,
        threshold_text as threshold

    from find_plannings_due

),

list_acknowledgements as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_PARTNER_002' and is_running) as agreements", 'acknowledgements') }}

),

summarise_acknowledgements as (

    select
        node_id,
        max({{ json_past_date('entry', 'acknowledged_on') }}) as last_date,
        count(case when {{ json_past_date('entry', 'acknowledged_on') }} is null then 1 end) as missing_count

    from list_acknowledgements

    group by node_id

),

read_agreements as (

    select
        describe_nodes.node_id,
        describe_nodes.track,
        coalesce(evidence.file_path, 'partners/data_boundary_agreement.yaml') || ': acknowledgements' as evidence_source,
        acknowledgements.last_date,
        coalesce(acknowledgements.missing_count, 1) > 0 as is_missing

    from describe_nodes

    -- left: without the file, or without a list in it, nobody has acknowledged anything
    left join read_evidence as evidence
        on
            describe_nodes.node_id = evidence.node_id
            and evidence.item = 'CHK_PARTNER_002'
    left join summarise_acknowledgements as acknowledgements on describe_nodes.node_id = acknowledgements.node_id
    left join assessed_assets
        on
            describe_nodes.node_id = assessed_assets.node_id
            and assessed_assets.asset_path = 'partners/data_boundary_agreement.yaml'

    where
        describe_nodes.is_running
        -- What cannot be read may hold it, and who has customised it away does not owe it.
        and (
            evidence.node_id is not null
            or describe_nodes.has_partner and coalesce(assessed_assets.asset_status, 'missing') = 'missing'
        )

),

find_boundaries_to_review as (

    select
        agreements.node_id,
        agreements.evidence_source,
        agreements.last_date,
        agreements.is_missing,
        limits.threshold_value,
        limits.threshold_text,
        limits.track_note

    from read_agreements as agreements

    inner join limits
        on
            limits.blueprint = 'B08'
            and limits.signal = 'data_boundary_review'
            and limits.threshold = 'maximum_age'
            and agreements.track = limits.track

    where
        agreements.is_missing
        or {{ is_within(days_between('agreements.last_date', as_of_date()), 'limits.threshold_value', 'limits.comparison') }}

),

detect_boundaries_to_review as (

    select
        node_id,
        'B08' as blueprint,
        'data_boundary_review' as signal,
        case when not is_missing then {{ add_days('last_date', 'cast(threshold_value as integer) + 1') }} end as fired_date,
        case
            when is_missing then 'Not everybody has acknowledged the data boundaries.'
            else 'The data boundaries were last acknowledged on ' || cast(last_date as string) || '.' || track_note
        end as evidence,
        evidence_source as evidence_source,
        case when not is_missing then cast({{ days_between('last_date', as_of_date()) }} as string) end as observed_value,
        threshold_text as threshold

    from find_boundaries_to_review

),

-- B09: solution architecture
detect_architects as (

    select
        node_id,
        'B09' as blueprint,
        'sa_assigned' as signal,
        cast(null as date) as fired_date,
        'The architect is ' || trim({{ json_text('fields_text', 'architect') }}) || '.' as evidence,
        file_path || ': architect' as evidence_source,
        trim({{ json_text('fields_text', 'architect') }}) as observed_value,
        cast(null as string) as threshold

    from read_evidence

    where
        item = 'CHK_SA_001'
        and is_running
        and {{ is_filled(json_text('fields_text', 'architect')) }}

),

find_missing_architectures as (

    select
        describe_nodes.node_id,
        describe_nodes.stage,
        coalesce(evidence.file_path, 'architecture/reference_architecture.yaml') || ': selected.name' as evidence_source

    from describe_nodes

    inner join stages
        on
            stages.policy_stage = 'solution'
            and describe_nodes.stage_order >= stages.stage_order

    -- left: where the file is missing, so is what it should hold
    left join read_evidence as evidence
        on
            describe_nodes.node_id = evidence.node_id
            and evidence.item = 'CHK_SA_001'
    left join assessed_assets
        on
            describe_nodes.node_id = assessed_assets.node_id
            and assessed_assets.asset_path = 'architecture/reference_architecture.yaml'

    where
        describe_nodes.is_running
        and not coalesce({{ is_filled(json_text('evidence.fields_text', 'selected.name')) | replace('placeholder_list', 'describe_nodes.placeholder_list') }}, false)
        and (evidence.node_id is not null or coalesce(assessed_assets.asset_status, 'missing') = 'missing')

),

detect_missing_architectures as (

    select
        node_id,
        'B09' as blueprint,
        'architecture_review_needed' as signal,
        cast(null as date) as fired_date,
        'The deal is in the stage ' || stage || ', and no architecture is selected.' as evidence,
        evidence_source as evidence_source,
        stage as observed_value,
        cast(null as string) as threshold

    from find_missing_architectures

),

list_proposal_reviews as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_SA_003' and is_running) as proposals", 'reviews') }}

),

count_proposal_reviews as (

    select
        node_id,
        count({{ json_past_date('entry', 'reviewed_on') }}) as review_count

    from list_proposal_reviews

    group by node_id

),

read_proposals as (

    select
        evidence.node_id,
        evidence.file_path,
        coalesce(reviews.review_count, 0) as review_count,
        -- On tracks that ask for the architects' manager, the item says whether they have read it.
        coalesce(checked_items.status, 'not_applicable') = 'fail' as is_manager_missing

    from read_evidence as evidence

    -- left: nobody may have read it, and a node has the item only if its track is known
    left join count_proposal_reviews as reviews on evidence.node_id = reviews.node_id
    left join checked_items on evidence.node_id = checked_items.node_id

    where
        evidence.item = 'CHK_SA_003'
        and evidence.is_running
        and (
            {{ is_filled(json_text('evidence.fields_text', 'headline')) }}
            or {{ is_filled(json_text('evidence.fields_text', 'sections')) }}
        )

),

detect_proposals as (

    select
        node_id,
        'B09' as blueprint,
        'proposal_development' as signal,
        cast(null as date) as fired_date,
        case
            when review_count = 0 then 'The proposal is drafted, and nobody has read it.'
            else 'The proposal is drafted, and the manager of the architects has not read it.'
        end as evidence,
        file_path || ': reviews' as evidence_source,
        cast(review_count as string) as observed_value,
        cast(null as string) as threshold

    from read_proposals

    where
        review_count = 0
        or is_manager_missing

),

-- Files keep no day on which the customer asked: an estimate that is begun shows that somebody did.
detect_sizings as (

    select
        node_id,
        'B09' as blueprint,
        'sizing_request' as signal,
        cast(null as date) as fired_date,
        'An estimate is begun, and it has no outcome.' as evidence,
        file_path || ': estimate' as evidence_source,
        cast(null as string) as observed_value,
        cast(null as string) as threshold

    from read_evidence

    where
        item = 'CHK_SA_002'
        and is_running
        and (
            {{ is_filled(json_text('fields_text', 'volume_gb_day')) }}
            or {{ is_filled(json_text('fields_text', 'retention_days')) }}
        )
        and not {{ is_filled(json_text('fields_text', 'estimate.nodes')) }}
        and not {{ is_filled(json_text('fields_text', 'estimate.storage_tb')) }}

),

-- B10: services before the signature
read_service_needs as (

    select
        describe_nodes.node_id,
        case
            when {{ yes_or_no(json_text('evidence.fields_text', 'qualifies')) }} then evidence.file_path || ': qualifies'
            when describe_nodes.uses_services then describe_nodes.profile_file_path || ': situation.uses_services'
        end as evidence_source

    from describe_nodes

    -- left: the profile may be the only one to say it
    left join read_evidence as evidence
        on
            describe_nodes.node_id = evidence.node_id
            and evidence.item = 'CHK_SVC_001'

    where describe_nodes.is_running

),

detect_service_needs as (

    select
        node_id,
        'B10' as blueprint,
        'services_required' as signal,
        cast(null as date) as fired_date,
        'The deal is marked as needing services.' as evidence,
        evidence_source as evidence_source,
        'true' as observed_value,
        cast(null as string) as threshold

    from read_service_needs

    where evidence_source is not null

),

list_sources as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_SVC_002' and is_running) as assessments", 'sources') }}

),

count_sources as (

    select
        node_id,
        count(*) as source_count

    from list_sources

    group by node_id

),

read_migrations as (

    select
        evidence.node_id,
        evidence.track,
        evidence.file_path,
        coalesce({{ plain_name(json_text('evidence.fields_text', 'complexity')) }} = 'high', false) as is_called_complex,
        -- Some write how many there are, some list them.
        coalesce(
            {{ text_number(json_text('evidence.fields_text', 'sources')) }},
            cast(count_sources.source_count as double)
        ) as source_count

    from read_evidence as evidence

    -- left: sources are a number more often than a list
    left join count_sources on evidence.node_id = count_sources.node_id

    where
        evidence.item = 'CHK_SVC_002'
        and evidence.is_running
        -- An assessment that finds nothing to migrate finds nothing complex either.
        and coalesce({{ yes_or_no(json_text('evidence.fields_text', 'migration_required')) }}, true)

),

find_complex_migrations as (

    select
        migrations.node_id,
        migrations.file_path,
        migrations.is_called_complex,
        migrations.source_count,
        limits.threshold_text,
        limits.track_note

    from read_migrations as migrations

    inner join limits
        on
            limits.blueprint = 'B10'
            and limits.signal = 'migration_complexity_high'
            and limits.threshold = 'source_count'
            and migrations.track = limits.track

    where
        migrations.is_called_complex
        or {{ is_within('migrations.source_count', 'limits.threshold_value', 'limits.comparison') }}

),

detect_complex_migrations as (

    select
        node_id,
        'B10' as blueprint,
        'migration_complexity_high' as signal,
        cast(null as date) as fired_date,
        case when is_called_complex then 'The assessment calls the migration complex.' else '' end
        || case when is_called_complex and source_count is not null then ' ' else '' end
        || coalesce('It has ' || {{ number_text('source_count') }} || ' sources.', '') || track_note as evidence,
        file_path || ': complexity, sources' as evidence_source,
        coalesce({{ number_text('source_count') }}, 'high') as observed_value,
        threshold_text as threshold

    from find_complex_migrations

),

find_missing_offers as (

    select
        describe_nodes.node_id,
        describe_nodes.stage,
        coalesce(evidence.file_path, 'services/services_proposal.yaml') || ': offer' as evidence_source

    from describe_nodes

    inner join stages
        on
            stages.policy_stage = 'commercial'
            and describe_nodes.stage_order >= stages.stage_order

    -- left: where the file is missing, so is what it should hold
    left join read_evidence as evidence
        on
            describe_nodes.node_id = evidence.node_id
            and evidence.item = 'CHK_SVC_003'
    left join assessed_assets
        on
            describe_nodes.node_id = assessed_assets.node_id
            and assessed_assets.asset_path = 'services/services_proposal.yaml'

    where
        describe_nodes.is_running
        and describe_nodes.uses_services
        and not coalesce({{ is_filled(json_text('evidence.fields_text', 'offer')) | replace('placeholder_list', 'describe_nodes.placeholder_list') }}, false)
        and (evidence.node_id is not null or coalesce(assessed_assets.asset_status, 'missing') = 'missing')

),

detect_missing_offers as (

    select
        node_id,
        'B10' as blueprint,
        'services_proposal_needed' as signal,
        cast(null as date) as fired_date,
        'The deal needs services, is in the stage ' || stage || ', and has no services offer.' as evidence,
        evidence_source as evidence_source,
        stage as observed_value,
        cast(null as string) as threshold

    from find_missing_offers

),

list_risks as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_evidence where item = 'CHK_SVC_004' and is_running) as registers", 'risks') }}

),

summarise_high_risks as (

    select
        node_id,
        count(*) as risk_count,
        {{ joined_text(json_text('entry', 'risk'), ', ') }} as risks,
        min({{ json_past_date('entry', 'identified_on') }}) as first_date

    from list_risks

    where
        {{ plain_name(json_text('entry', 'severity')) }} in ('high', 'critical')
        and coalesce({{ json_date('entry', 'identified_on') }} <= {{ as_of_date() }}, true)
        and coalesce({{ plain_name(json_text('entry', 'status')) }}, 'open') <> 'closed'

    group by node_id

),

find_high_risks as (

    select
        evidence.node_id,
        evidence.file_path,
        risks.risk_count,
        risks.risks,
        risks.first_date

    from read_evidence as evidence

    inner join summarise_high_risks as risks on evidence.node_id = risks.node_id

    where evidence.item = 'CHK_SVC_004'

),

detect_high_risks as (

    select
        node_id,
        'B10' as blueprint,
        'delivery_risk_identified' as signal,
        first_date as fired_date,
        'Delivery risks of high severity: ' || coalesce(risks, cast(risk_count as string)) || '.' as evidence,
        file_path || ': risks' as evidence_source,
        cast(risk_count as string) as observed_value,
        cast(null as string) as threshold

    from find_high_risks

),

{% set rules = [
    'detect_reviews_ahead', 'detect_declines', 'detect_requests', 'detect_answers_due',
    'detect_complex_requests', 'detect_specialist_requests', 'detect_deep_evaluations', 'detect_begun_trials',
    'detect_competitors', 'detect_old_battlecards', 'detect_missing_features', 'detect_deals_waiting',
    'detect_nominations', 'detect_escalations', 'detect_wanted_trials', 'detect_checkpoints_due',
    'detect_trials_ending', 'detect_partners', 'detect_plannings_due', 'detect_boundaries_to_review',
    'detect_architects', 'detect_missing_architectures', 'detect_proposals', 'detect_sizings',
    'detect_service_needs', 'detect_complex_migrations', 'detect_missing_offers', 'detect_high_risks',
] %}
union_signals as (

    {% for rule in rules -%}
    select
        node_id,
        blueprint,
        signal,
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

),

signals as (

    select
        blueprint,
        signal,
        subject

    from {{ ref('signals') }}

),

name_subjects as (

    select
        union_signals.blueprint,
        union_signals.signal,
        case
            when signals.subject = 'opportunity' and describe_nodes.opportunity_id is not null then 'opportunity'
            else 'node'
        end as subject_type,
        case
            when signals.subject = 'opportunity' then coalesce(describe_nodes.opportunity_id, describe_nodes.node_id)
            else describe_nodes.node_id
        end as subject_id,
        describe_nodes.account_id,
        describe_nodes.opportunity_id,
        describe_nodes.node_id,
        union_signals.fired_date,
        union_signals.evidence,
        union_signals.evidence_source,
        union_signals.observed_value,
        union_signals.threshold

    from union_signals

    inner join describe_nodes on union_signals.node_id = describe_nodes.node_id
    inner join signals
        on
            union_signals.blueprint = signals.blueprint
            and union_signals.signal = signals.signal

),

-- Two folders may tell the same of one deal.
choose_folders as (

    select
        blueprint,
        signal,
        subject_type,
        subject_id,
        account_id,
        opportunity_id,
        node_id,
        fired_date,
        evidence,
        evidence_source,
        observed_value,
        threshold

    from name_subjects

    qualify
        row_number() over (
            partition by blueprint, signal, subject_type, subject_id
            order by fired_date asc nulls last, node_id asc nulls last
        ) = 1

)

select * from choose_folders
