{{ config(materialized='table') }}
{#
    One row per deal folder and signal that it tells by what came of a duty or an item: reviews and checkpoints that the rhythm of the
    track asks for, and proposals that have to be read.

    What is asked of a folder can depend on signals (int_governance__blueprints_triggered). It cannot depend on these: they follow
    from what is asked.
#}

with

deal_folders as (

    select
        node_id,
        track,
        is_running,
        trial_state

    from {{ ref('int_governance__deal_folders_described') }}

),

deal_evidence as (

    select
        node_id,
        item,
        file_path,
        fields_text,
        is_running,
        trial_state,
        placeholder_list

    from {{ ref('int_governance__deal_evidence_read') }}

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

checked_items as (

    select
        node_id,
        status

    from {{ ref('int_governance__b09_items_checked') }}

    where item = 'CHK_SA_003'

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
find_reviews_ahead as (

    select
        deal_folders.node_id,
        checked_cadences.file_path || ': ' || cadence_duties.evidence_field as evidence_source,
        checked_cadences.due_date,
        limits.threshold_text,
        limits.track_note

    from deal_folders

    inner join checked_cadences
        on
            deal_folders.node_id = checked_cadences.node_id
            and checked_cadences.duty = 'deal_review'
    inner join cadence_duties on checked_cadences.duty = cadence_duties.duty
    inner join limits
        on
            limits.blueprint = 'B01'
            and limits.signal = 'deal_review_scheduled'
            and limits.threshold = 'days_ahead'
            and deal_folders.track = limits.track

    where
        checked_cadences.due_date >= {{ as_of_date() }}
        and {{ reaches_limit(days_between(as_of_date(), 'checked_cadences.due_date')) }}
        -- A review that is held once and was held does not lie ahead.
        and (checked_cadences.status = 'too_early' or checked_cadences.status = 'pass' and checked_cadences.rhythm <> 'end_only')

),

detect_reviews_ahead as (

    select
        node_id,
        'B01' as blueprint,
        'deal_review_scheduled' as signal_word,
        cast(null as date) as fired_date,
        'By the rhythm of the track, a deal review is due by ' || cast(due_date as string) || '.' || track_note as evidence,
        evidence_source,
        cast({{ days_between(as_of_date(), 'due_date') }} as string) as observed_value,
        threshold_text as threshold

    from find_reviews_ahead

),

-- B07: the next checkpoint of a trial that runs
list_checkpoints as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_POC_003' and is_running and trial_state = 'running') as logs", 'checkpoints') }}

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
        deal_folders.node_id,
        deal_folders.track,
        checked_cadences.file_path || ': ' || cadence_duties.evidence_field as evidence_source,
        -- What somebody scheduled, else what the rhythm of the track asks for.
        coalesce(checkpoints.scheduled_date, checked_cadences.due_date) as due_date

    from deal_folders

    inner join checked_cadences
        on
            deal_folders.node_id = checked_cadences.node_id
            and checked_cadences.duty = 'poc_checkpoint'
    inner join cadence_duties on checked_cadences.duty = cadence_duties.duty
    -- left: most logs have no checkpoint ahead
    left join summarise_checkpoints as checkpoints on deal_folders.node_id = checkpoints.node_id

    where
        deal_folders.is_running
        and deal_folders.trial_state = 'running'

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

    where {{ reaches_limit(days_between(as_of_date(), 'checkpoints.due_date')) }}

),

detect_checkpoints_due as (

    select
        node_id,
        'B07' as blueprint,
        'poc_checkpoint_due' as signal_word,
        cast(null as date) as fired_date,
        'The next checkpoint is due on ' || cast(due_date as string) || '.' || track_note as evidence,
        evidence_source,
        cast({{ days_between(as_of_date(), 'due_date') }} as string) as observed_value,
        threshold_text as threshold

    from find_checkpoints_due

),

-- B09: proposals that are written
list_proposal_reviews as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_SA_003' and is_running) as proposals", 'reviews') }}

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

    from deal_evidence as evidence

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
        'proposal_development' as signal_word,
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

{% set rules = ['detect_reviews_ahead', 'detect_checkpoints_due', 'detect_proposals'] %}
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
