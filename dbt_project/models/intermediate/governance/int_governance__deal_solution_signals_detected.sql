{{ config(materialized='table') }}
{#
    One row per deal folder and signal of B07, B09 and B10 (trials, architecture, services) that it tells.

    A state holds only as long as the deal is open and the engagement goes on. What an event tells may be long past: the mart
    knows how long it is news. A file that is missing, blank or unreadable says nothing, except where the signal is about its
    absence.

    On these it depends what a folder is asked for, so none of them reads what came of an item or a duty.
#}

with

deal_folders as (

    select
        node_id,
        track,
        profile_file_path,
        is_running,
        stage,
        stage_order,
        has_poc,
        uses_services,
        trial_state,
        placeholder_list

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
        placeholder_list

    from {{ ref('int_governance__deal_evidence_read') }}

),

stages as (

    select
        policy_stage,
        stage_order

    from {{ ref('stages') }}

),

accounted_assets as (

    select
        node_id,
        asset_path

    from {{ ref('int_infohub__assets_accounted') }}

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

-- B07: trials. That the deal is to have one, and it has not begun, is what a folder holds of a request.
detect_wanted_trials as (

    select
        node_id,
        'B07' as blueprint,
        'poc_requested' as signal_word,
        cast(null as date) as fired_date,
        'The deal is to have a trial, which has not begun.' as evidence,
        profile_file_path || ': situation.has_poc' as evidence_source,
        trial_state as observed_value,
        cast(null as string) as threshold

    from deal_folders

    where
        is_running
        and has_poc
        and trial_state = 'not_begun'

),

read_trial_plans as (

    select
        node_id,
        file_path,
        {{ json_date('fields_text', 'timeline.ends_on') }} as ends_date

    from deal_evidence

    where item = 'CHK_POC_001'

),

schedule_trial_ends as (

    select
        deal_folders.node_id,
        deal_folders.track,
        case
            when trial_plans.ends_date is not null then trial_plans.file_path || ': timeline.ends_on'
            else 'blueprint.yaml: timeline.poc_ends_on'
        end as evidence_source,
        coalesce(trial_plans.ends_date, {{ json_date('node_documents.fields_text', 'timeline.poc_ends_on') }}) as ends_date

    from deal_folders

    -- left: either file may be missing
    left join read_trial_plans as trial_plans on deal_folders.node_id = trial_plans.node_id
    left join node_documents on deal_folders.node_id = node_documents.node_id

    where
        deal_folders.is_running
        and deal_folders.trial_state = 'running'

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

    where {{ reaches_limit(days_between(as_of_date(), 'trial_ends.ends_date')) }}

),

detect_trials_ending as (

    select
        node_id,
        'B07' as blueprint,
        'poc_completion_near' as signal_word,
        cast(null as date) as fired_date,
        'The trial runs, and its plan ends on ' || cast(ends_date as string) || '.' || track_note as evidence,
        evidence_source,
        cast({{ days_between(as_of_date(), 'ends_date') }} as string) as observed_value,
        threshold_text as threshold

    from find_trials_ending

),

-- B09: solution architecture
detect_architects as (

    select
        node_id,
        'B09' as blueprint,
        'sa_assigned' as signal_word,
        cast(null as date) as fired_date,
        'The architect is ' || trim({{ json_text('fields_text', 'architect') }}) || '.' as evidence,
        file_path || ': architect' as evidence_source,
        trim({{ json_text('fields_text', 'architect') }}) as observed_value,
        cast(null as string) as threshold

    from deal_evidence

    where
        item = 'CHK_SA_001'
        and is_running
        and {{ is_filled(json_text('fields_text', 'architect')) }}

),

find_missing_architectures as (

    select
        deal_folders.node_id,
        deal_folders.stage,
        coalesce(evidence.file_path, 'architecture/reference_architecture.yaml') || ': selected.name' as evidence_source

    from deal_folders

    inner join stages
        on
            stages.policy_stage = 'solution'
            and deal_folders.stage_order >= stages.stage_order

    -- left: where the file is missing, so is what it should hold
    left join deal_evidence as evidence
        on
            deal_folders.node_id = evidence.node_id
            and evidence.item = 'CHK_SA_001'
    left join accounted_assets
        on
            deal_folders.node_id = accounted_assets.node_id
            and accounted_assets.asset_path = 'architecture/reference_architecture.yaml'

    where
        deal_folders.is_running
        and not coalesce({{ is_filled(json_text('evidence.fields_text', 'selected.name')) | replace('placeholder_list', 'deal_folders.placeholder_list') }}, false)
        and (evidence.node_id is not null or accounted_assets.node_id is null)

),

detect_missing_architectures as (

    select
        node_id,
        'B09' as blueprint,
        'architecture_review_needed' as signal_word,
        cast(null as date) as fired_date,
        'The deal is in the stage ' || stage || ', and no architecture is selected.' as evidence,
        evidence_source,
        stage as observed_value,
        cast(null as string) as threshold

    from find_missing_architectures

),

-- Files keep no day on which the customer asked: an estimate that is begun shows that somebody did.
detect_sizings as (

    select
        node_id,
        'B09' as blueprint,
        'sizing_request' as signal_word,
        cast(null as date) as fired_date,
        'An estimate is begun, and it has no outcome.' as evidence,
        file_path || ': estimate' as evidence_source,
        cast(null as string) as observed_value,
        cast(null as string) as threshold

    from deal_evidence

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
        deal_folders.node_id,
        case
            when {{ yes_or_no(json_text('evidence.fields_text', 'qualifies')) }} then evidence.file_path || ': qualifies'
            when deal_folders.uses_services then deal_folders.profile_file_path || ': situation.uses_services'
        end as evidence_source

    from deal_folders

    -- left: the profile may be the only one to say it
    left join deal_evidence as evidence
        on
            deal_folders.node_id = evidence.node_id
            and evidence.item = 'CHK_SVC_001'

    where deal_folders.is_running

),

detect_service_needs as (

    select
        node_id,
        'B10' as blueprint,
        'services_required' as signal_word,
        cast(null as date) as fired_date,
        'The deal is marked as needing services.' as evidence,
        evidence_source,
        'true' as observed_value,
        cast(null as string) as threshold

    from read_service_needs

    where evidence_source is not null

),

list_sources as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_SVC_002' and is_running) as assessments", 'sources') }}

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

    from deal_evidence as evidence

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
        or {{ reaches_limit('migrations.source_count') }}

),

detect_complex_migrations as (

    select
        node_id,
        'B10' as blueprint,
        'migration_complexity_high' as signal_word,
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
        deal_folders.node_id,
        deal_folders.stage,
        coalesce(evidence.file_path, 'services/services_proposal.yaml') || ': offer' as evidence_source

    from deal_folders

    inner join stages
        on
            stages.policy_stage = 'commercial'
            and deal_folders.stage_order >= stages.stage_order

    -- left: where the file is missing, so is what it should hold
    left join deal_evidence as evidence
        on
            deal_folders.node_id = evidence.node_id
            and evidence.item = 'CHK_SVC_003'
    left join accounted_assets
        on
            deal_folders.node_id = accounted_assets.node_id
            and accounted_assets.asset_path = 'services/services_proposal.yaml'

    where
        deal_folders.is_running
        and deal_folders.uses_services
        and not coalesce({{ is_filled(json_text('evidence.fields_text', 'offer')) | replace('placeholder_list', 'deal_folders.placeholder_list') }}, false)
        and (evidence.node_id is not null or accounted_assets.node_id is null)

),

detect_missing_offers as (

    select
        node_id,
        'B10' as blueprint,
        'services_proposal_needed' as signal_word,
        cast(null as date) as fired_date,
        'The deal needs services, is in the stage ' || stage || ', and has no services offer.' as evidence,
        evidence_source,
        stage as observed_value,
        cast(null as string) as threshold

    from find_missing_offers

),

list_risks as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_SVC_004' and is_running) as registers", 'risks') }}

),

summarise_high_risks as (

    select
        node_id,
        count(*) as risk_count,
        {{ joined_text(json_text('entry', 'risk'), ', ') }} as risk_list,
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
        risks.risk_list,
        risks.first_date

    from deal_evidence as evidence

    inner join summarise_high_risks as risks on evidence.node_id = risks.node_id

    where evidence.item = 'CHK_SVC_004'

),

detect_high_risks as (

    select
        node_id,
        'B10' as blueprint,
        'delivery_risk_identified' as signal_word,
        first_date as fired_date,
        'Delivery risks of high severity: ' || coalesce(risk_list, cast(risk_count as string)) || '.' as evidence,
        file_path || ': risks' as evidence_source,
        cast(risk_count as string) as observed_value,
        cast(null as string) as threshold

    from find_high_risks

),

{% set rules = [
    'detect_wanted_trials', 'detect_trials_ending', 'detect_architects', 'detect_missing_architectures',
    'detect_sizings', 'detect_service_needs', 'detect_complex_migrations', 'detect_missing_offers', 'detect_high_risks',
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
