{{ config(materialized='table') }}
{#
    One row per deal folder and signal of B04, B05 and B08 (competitors, product, partners) that it tells.

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
        is_running,
        has_partner,
        placeholder_list

    from {{ ref('int_governance__deal_folders_described') }}

),

deal_evidence as (

    select
        node_id,
        opportunity_id,
        item,
        file_path,
        fields_text,
        track,
        is_running,
        placeholder_list

    from {{ ref('int_governance__deal_evidence_read') }}

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

accounted_assets as (

    select
        node_id,
        asset_path

    from {{ ref('int_infohub__assets_accounted') }}

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

-- B04: competitors
list_competitors as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_CI_001' and is_running) as profiles", 'competitors') }}

),

summarise_competitors as (

    select
        node_id,
        min({{ json_past_date('entry', 'since') }}) as first_date,
        {{ joined_text(json_text('entry', 'name'), ', ') }} as name_list

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
        competitors.name_list

    from deal_evidence as evidence

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
        'competitor_identified' as signal_word,
        first_date as fired_date,
        'The competitor profile names: ' || name_list || '.' as evidence,
        file_path || ': competitors' as evidence_source,
        name_list as observed_value,
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

    from deal_evidence as evidence

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
        and {{ reaches_limit(days_between(json_past_date('evidence.fields_text', 'card.published_on'), as_of_date())) }}

),

detect_old_battlecards as (

    select
        node_id,
        'B04' as blueprint,
        'battlecard_stale' as signal_word,
        {{ add_days('published_date', 'cast(threshold_value as integer) + 1') }} as fired_date,
        'The battlecard that the deal applies was published on ' || cast(published_date as string) || '.' || track_note as evidence,
        file_path || ': card.published_on' as evidence_source,
        cast({{ days_between('published_date', as_of_date()) }} as string) as observed_value,
        threshold_text as threshold

    from find_old_battlecards

),

-- B05: product and engineering
list_features as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_PROD_001' and is_running) as requests", 'requests') }}

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

    from deal_evidence as evidence

    inner join summarise_missing_features as features on evidence.node_id = features.node_id

    where evidence.item = 'CHK_PROD_001'

),

detect_missing_features as (

    select
        node_id,
        'B05' as blueprint,
        'feature_gap_identified' as signal_word,
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
        and {{ reaches_limit('opportunities.amount_corporate') }}

),

detect_deals_waiting as (

    select
        node_id,
        'B05' as blueprint,
        'roadmap_alignment_needed' as signal_word,
        cast(null as date) as fired_date,
        'The deal is worth ' || {{ number_text('amount_corporate') }} || ' ' || corporate_currency_code || '. ' || features_text || '.'
        || track_note as evidence,
        file_path || ': requests; CRM: amount' as evidence_source,
        {{ number_text('amount_corporate') }} as observed_value,
        threshold_text as threshold

    from find_deals_waiting

),

list_nominations as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_PROD_003' and is_running) as boards", 'nominations') }}

),

summarise_nominations as (

    select
        node_id,
        {{ joined_text(json_text('entry', 'nominee'), ', ') }} as nominee_list,
        min({{ json_past_date('entry', 'nominated_on') }}) as first_date

    from list_nominations

    where
        {{ is_filled(json_text('entry', 'nominee')) }}
        and coalesce({{ json_date('entry', 'nominated_on') }} <= {{ as_of_date() }}, true)

    group by node_id

),

list_escalations as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_PROD_004' and is_running) as escalations", 'escalations') }}

),

summarise_open_escalations as (

    select
        node_id,
        {{ joined_text(json_text('entry', 'topic'), ', ') }} as topic_list,
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
        nominations.nominee_list,
        nominations.first_date

    from deal_evidence as evidence

    inner join summarise_nominations as nominations on evidence.node_id = nominations.node_id

    where evidence.item = 'CHK_PROD_003'

),

detect_nominations as (

    select
        node_id,
        'B05' as blueprint,
        'cab_nomination' as signal_word,
        first_date as fired_date,
        'Nominated for the advisory board: ' || nominee_list || '.' as evidence,
        file_path || ': nominations' as evidence_source,
        nominee_list as observed_value,
        cast(null as string) as threshold

    from find_nominations

),

find_escalations as (

    select
        evidence.node_id,
        evidence.file_path,
        escalations.topic_list,
        escalations.first_date

    from deal_evidence as evidence

    inner join summarise_open_escalations as escalations on evidence.node_id = escalations.node_id

    where evidence.item = 'CHK_PROD_004'

),

detect_escalations as (

    select
        node_id,
        'B05' as blueprint,
        'escalation_to_engineering' as signal_word,
        first_date as fired_date,
        'Open at engineering: ' || topic_list || '.' as evidence,
        file_path || ': escalations' as evidence_source,
        topic_list as observed_value,
        cast(null as string) as threshold

    from find_escalations

),

-- B08: partners
list_partners as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_PARTNER_001' and is_running) as profiles", 'partners') }}

),

summarise_partners as (

    select
        node_id,
        {{ joined_text(json_text('entry', 'name'), ', ') }} as name_list,
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
        partners.name_list,
        partners.first_date

    from deal_evidence as evidence

    inner join summarise_partners as partners on evidence.node_id = partners.node_id

    where evidence.item = 'CHK_PARTNER_001'

),

detect_partners as (

    select
        node_id,
        'B08' as blueprint,
        'partner_opportunity' as signal_word,
        first_date as fired_date,
        'Partners in the deal: ' || name_list || '.' as evidence,
        file_path || ': partners' as evidence_source,
        name_list as observed_value,
        cast(null as string) as threshold

    from find_partners

),

list_plannings as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_PARTNER_004' and is_running) as plans", 'joint_planning') }}

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

    from deal_evidence as evidence

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

    where {{ reaches_limit(days_between(as_of_date(), 'plannings.due_date')) }}

),

detect_plannings_due as (

    select
        node_id,
        'B08' as blueprint,
        'joint_planning_due' as signal_word,
        cast(null as date) as fired_date,
        'The last joint planning was on ' || cast(last_date as string) || ', so the next one is due by ' || cast(due_date as string)
        || '.' || track_note as evidence,
        file_path || ': joint_planning' as evidence_source,
        cast({{ days_between(as_of_date(), 'due_date') }} as string) as observed_value,
        threshold_text as threshold

    from find_plannings_due

),

list_acknowledgements as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from deal_evidence where item = 'CHK_PARTNER_002' and is_running) as agreements", 'acknowledgements') }}

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
        deal_folders.node_id,
        deal_folders.track,
        coalesce(evidence.file_path, 'partners/data_boundary_agreement.yaml') || ': acknowledgements' as evidence_source,
        acknowledgements.last_date,
        coalesce(acknowledgements.missing_count, 1) > 0 as is_missing

    from deal_folders

    -- left: without the file, or without a list in it, nobody has acknowledged anything
    left join deal_evidence as evidence
        on
            deal_folders.node_id = evidence.node_id
            and evidence.item = 'CHK_PARTNER_002'
    left join summarise_acknowledgements as acknowledgements on deal_folders.node_id = acknowledgements.node_id
    left join accounted_assets
        on
            deal_folders.node_id = accounted_assets.node_id
            and accounted_assets.asset_path = 'partners/data_boundary_agreement.yaml'

    where
        deal_folders.is_running
        -- What cannot be read may hold it, and who has customised it away does not owe it.
        and (
            evidence.node_id is not null
            or deal_folders.has_partner and accounted_assets.node_id is null
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
        or {{ reaches_limit(days_between('agreements.last_date', as_of_date())) }}

),

detect_boundaries_to_review as (

    select
        node_id,
        'B08' as blueprint,
        'data_boundary_review' as signal_word,
        case when not is_missing then {{ add_days('last_date', 'cast(threshold_value as integer) + 1') }} end as fired_date,
        case
            when is_missing then 'Not everybody has acknowledged the data boundaries.'
            else 'The data boundaries were last acknowledged on ' || cast(last_date as string) || '.' || track_note
        end as evidence,
        evidence_source,
        case when not is_missing then cast({{ days_between('last_date', as_of_date()) }} as string) end as observed_value,
        threshold_text as threshold

    from find_boundaries_to_review

),

{% set rules = [
    'detect_competitors', 'detect_old_battlecards', 'detect_missing_features', 'detect_deals_waiting',
    'detect_nominations', 'detect_escalations', 'detect_partners', 'detect_plannings_due',
    'detect_boundaries_to_review',
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
