{{ config(materialized='table') }}
{#
    One row per signal that a customer folder's documents on services, support and advocacy tell, and its subject: the folder,
    or the folder's account.

    Only folders that have not ended. What an event tells may be long past: the mart knows how long it is news.
#}

with

nodes as (

    select
        node_id,
        account_id,
        opportunity_id,
        track,
        profile_file_path

    from {{ ref('int_infohub__nodes_resolved') }}

    where
        archetype = 'post_sales_governance'
        and not is_ended

),

situations as (

    select
        node_id,
        uses_services,
        services_state,
        has_support_engineer,
        is_reference

    from {{ ref('int_governance__node_situations_read') }}

),

matched_assets as (

    select
        node_id,
        asset_path

    from {{ ref('int_infohub__assets_matched') }}

),

evidence as (

    select
        node_id,
        blueprint,
        item,
        file_path,
        fields_text

    from {{ ref('int_governance__item_evidence_chosen') }}

),

signal_thresholds as (

    select
        blueprint,
        signal,
        track,
        comparison,
        cast(threshold_value as double) as threshold_value,
        unit

    from {{ ref('signal_thresholds') }}

),

signals as (

    select
        blueprint,
        signal

    from {{ ref('signals') }}

),

blueprints as (

    select blueprint

    from {{ ref('blueprints') }}

    where archetype = 'post_sales_governance'

),

-- Only items of customers: deals have items of the same names.
checklist_items as (

    select
        items.blueprint,
        items.item,
        items.asset_path,
        items.accepted_words

    from {{ ref('checklist_items') }} as items

    inner join blueprints on items.blueprint = blueprints.blueprint

),

-- The severities with a time of escalation are the ones that a risk signal is about.
checklist_thresholds as (

    select distinct
        track,
        replace(threshold, '_escalation_time', '') as severity

    from {{ ref('checklist_thresholds') }}

    where
        blueprint = 'C05'
        and item = 'CHK_SVC_003'

),

placeholder_words as (

    select word

    from {{ ref('placeholder_words') }}

),

list_placeholders as (

    select '|' || {{ joined_text('lower(word)', '|') }} || '|' as placeholder_list

    from placeholder_words

),

-- One row per customer folder and document that a checklist item reads.
read_documents as (

    select
        nodes.node_id,
        nodes.track,
        evidence.item,
        evidence.file_path,
        evidence.fields_text,
        checklist_items.accepted_words,
        list_placeholders.placeholder_list

    from nodes

    inner join evidence on nodes.node_id = evidence.node_id
    inner join checklist_items
        on
            evidence.blueprint = checklist_items.blueprint
            and evidence.item = checklist_items.item
    cross join list_placeholders

),

-- As in the checklist: where the folder does not say whether services are at work, the asset may.
read_services as (

    select
        nodes.node_id,
        nodes.track,
        coalesce(
            situations.services_state,
            case when not situations.uses_services then 'none' end,
            {{ plain_name(json_text('read_documents.fields_text', 'state')) }}
        ) as engagement_state,
        case
            when situations.services_state is not null then nodes.profile_file_path || ': situation.services_state'
            else read_documents.file_path || ': state'
        end as evidence_source

    from nodes

    inner join situations on nodes.node_id = situations.node_id
    -- left: the asset may be missing
    left join read_documents
        on
            nodes.node_id = read_documents.node_id
            and read_documents.item = 'CHK_SVC_001'

),

detect_services as (

    select
        'C05' as blueprint,
        'services_engaged' as signal_word,
        'node' as subject_type,
        node_id,
        cast(null as date) as fired_date,
        'A services engagement is running.' as evidence,
        evidence_source,
        engagement_state as observed_value,
        cast(null as string) as threshold,
        cast(null as double) as sort_value

    from read_services

    where engagement_state = 'active'

),

list_deliveries as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_documents where item = 'CHK_SVC_002')", 'milestones') }}

),

-- The last one that was completed; of two at the same moment, the one that comes later in the list.
choose_last_deliveries as (

    select
        node_id,
        {{ json_text('entry', 'name') }} as milestone,
        {{ json_past_moment('entry', 'completed_at') }} as completed_at

    from list_deliveries

    where {{ json_past_moment('entry', 'completed_at') }} is not null

    qualify
        row_number() over (
            partition by node_id
            order by {{ json_past_moment('entry', 'completed_at') }} desc nulls last, item_index desc nulls last
        ) = 1

),

detect_deliveries as (

    select
        'C05' as blueprint,
        'services_milestone' as signal_word,
        'node' as subject_type,
        deliveries.node_id,
        {{ business_date('deliveries.completed_at') }} as fired_date,
        'The milestone ' || coalesce(deliveries.milestone, 'without a name') || ' was completed on '
        || cast({{ business_date('deliveries.completed_at') }} as string) || '.' as evidence,
        read_documents.file_path || ': milestones' as evidence_source,
        deliveries.milestone as observed_value,
        cast(null as string) as threshold,
        cast(null as double) as sort_value

    from choose_last_deliveries as deliveries

    inner join read_documents
        on
            deliveries.node_id = read_documents.node_id
            and read_documents.item = 'CHK_SVC_002'

),

list_risks as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_documents where item = 'CHK_SVC_003')", 'risks') }}

),

read_risks as (

    select
        node_id,
        {{ plain_name(json_text('entry', 'severity')) }} as severity,
        {{ written_moment(json_text('entry', 'identified_at')) }} as identified_at

    from list_risks

),

-- The register has no field for the end of a risk: what it lists is open as long as the engagement runs.
count_risks as (

    select
        read_services.node_id,
        count(*) as risk_count,
        count(case when read_risks.severity = 'critical' then 1 end) as critical_count,
        {{ business_date('min(read_risks.identified_at)') }} as identified_date

    from read_services

    inner join read_risks on read_services.node_id = read_risks.node_id
    inner join checklist_thresholds
        on
            read_services.track = checklist_thresholds.track
            and read_risks.severity = checklist_thresholds.severity

    where
        read_services.engagement_state = 'active'
        and coalesce(read_risks.identified_at < {{ as_of_end() }}, true)

    group by read_services.node_id

),

detect_risks as (

    select
        'C05' as blueprint,
        'services_risk' as signal_word,
        'node' as subject_type,
        count_risks.node_id,
        count_risks.identified_date as fired_date,
        cast(count_risks.risk_count as string) || ' critical or high risks are on the register of a running engagement, '
        || cast(count_risks.critical_count as string) || ' of them critical'
        || coalesce('; the first was identified on ' || cast(count_risks.identified_date as string), '') || '.' as evidence,
        read_documents.file_path || ': risks' as evidence_source,
        cast(count_risks.risk_count as string) as observed_value,
        cast(null as string) as threshold,
        cast(null as double) as sort_value

    from count_risks

    inner join read_documents
        on
            count_risks.node_id = read_documents.node_id
            and read_documents.item = 'CHK_SVC_003'

),

read_closures as (

    select
        node_id,
        file_path,
        {{ json_text('fields_text', 'closure.status') }} as closure_status,
        {{ is_accepted(json_text('fields_text', 'closure.status')) }} as is_closed,
        {{ json_past_date('fields_text', 'closure.reported_on') }} as reported_date

    from read_documents

    where item = 'CHK_SVC_004'

),

-- An end that has no day cannot be news.
detect_closures as (

    select
        'C05' as blueprint,
        'services_complete' as signal_word,
        'node' as subject_type,
        node_id,
        reported_date as fired_date,
        'The services engagement was reported as completed on ' || cast(reported_date as string) || '.' as evidence,
        file_path || ': closure.reported_on' as evidence_source,
        closure_status as observed_value,
        cast(null as string) as threshold,
        cast(null as double) as sort_value

    from read_closures

    where
        is_closed
        and reported_date is not null

),

-- Where the folder does not say, the asset may.
read_engineers as (

    select
        nodes.node_id,
        coalesce(situations.has_support_engineer, {{ yes_or_no(json_text('read_documents.fields_text', 'assigned')) }})
            as has_support_engineer,
        case
            when situations.has_support_engineer is not null then nodes.profile_file_path || ': situation.has_dse'
            else read_documents.file_path || ': assigned'
        end as evidence_source

    from nodes

    inner join situations on nodes.node_id = situations.node_id
    -- left: the asset may be missing
    left join read_documents
        on
            nodes.node_id = read_documents.node_id
            and read_documents.item = 'CHK_SUP_003'

),

detect_engineers as (

    select
        'C06' as blueprint,
        'dse_assigned' as signal_word,
        'node' as subject_type,
        node_id,
        cast(null as date) as fired_date,
        'A designated support engineer is assigned.' as evidence,
        evidence_source,
        'true' as observed_value,
        cast(null as string) as threshold,
        cast(null as double) as sort_value

    from read_engineers

    where has_support_engineer

),

list_stories as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_documents where item = 'CHK_ADV_001')", 'stories') }}

),

count_stories as (

    select
        list_stories.node_id,
        count(case when {{ is_accepted(json_text('list_stories.entry', 'status')) }} then 1 end) as told_count

    from list_stories

    inner join checklist_items on checklist_items.item = 'CHK_ADV_001'

    group by list_stories.node_id

),

-- A file that is there and cannot be read may hold a story.
read_successes as (

    select
        nodes.node_id,
        nodes.account_id,
        coalesce(situations.is_reference, {{ yes_or_no(json_text('read_documents.fields_text', 'qualifies')) }}) as has_success,
        case
            when situations.is_reference is not null then nodes.profile_file_path || ': situation.is_reference'
            else read_documents.file_path || ': qualifies'
        end as success_source,
        coalesce(read_documents.file_path, checklist_items.asset_path) || ': stories' as story_source,
        case
            when read_documents.node_id is not null or matched_assets.node_id is null
                then coalesce(count_stories.told_count, 0)
        end as told_count

    from nodes

    inner join situations on nodes.node_id = situations.node_id
    inner join checklist_items on checklist_items.item = 'CHK_ADV_001'
    -- left: the file may be missing, and may list no story
    left join read_documents
        on
            nodes.node_id = read_documents.node_id
            and checklist_items.item = read_documents.item
    left join matched_assets
        on
            nodes.node_id = matched_assets.node_id
            and checklist_items.asset_path = matched_assets.asset_path
    left join count_stories on nodes.node_id = count_stories.node_id

),

-- Since when, and by what, nobody says: plans have targets and nothing that was reached.
detect_successes as (

    select
        'C07' as blueprint,
        'success_achieved' as signal_word,
        'account' as subject_type,
        node_id,
        cast(null as date) as fired_date,
        'The folder says that the customer has a success worth telling.' as evidence,
        success_source as evidence_source,
        'true' as observed_value,
        cast(null as string) as threshold,
        cast(null as double) as sort_value

    from read_successes

    where has_success

),

-- The story may be in another folder of the account.
count_told_stories as (

    select
        account_id,
        sum(told_count) as told_count,
        count(case when told_count is null then 1 end) as unknown_count

    from read_successes

    group by account_id

),

detect_untold_successes as (

    select
        'C07' as blueprint,
        'story_opportunity' as signal_word,
        'account' as subject_type,
        read_successes.node_id,
        cast(null as date) as fired_date,
        'The customer has a success worth telling, and no story of it is documented or published.' as evidence,
        read_successes.story_source as evidence_source,
        '0 stories' as observed_value,
        cast(null as string) as threshold,
        cast(null as double) as sort_value

    from read_successes

    inner join count_told_stories on read_successes.account_id = count_told_stories.account_id

    where
        read_successes.has_success
        and count_told_stories.told_count = 0
        and count_told_stories.unknown_count = 0

),

list_permissions as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_documents where item = 'CHK_ADV_002')", 'permissions') }}

),

-- The next to run out. One that is granted on a later day is none yet, and one that has run out does not run out soon.
choose_next_ends as (

    select
        node_id,
        {{ json_text('entry', 'permission') }} as permission,
        {{ json_date('entry', 'expires_on') }} as expires_date

    from list_permissions

    where
        {{ json_date('entry', 'expires_on') }} >= {{ as_of_date() }}
        and coalesce({{ json_date('entry', 'granted_on') }} <= {{ as_of_date() }}, true)

    qualify
        row_number() over (
            partition by node_id
            order by {{ json_date('entry', 'expires_on') }} asc nulls last, item_index asc nulls last
        ) = 1

),

detect_ending_permissions as (

    select
        'C07' as blueprint,
        'advocacy_renewal' as signal_word,
        'node' as subject_type,
        permissions.node_id,
        {{ add_days('permissions.expires_date', '-signal_thresholds.threshold_value') }} as fired_date,
        'The permission ' || coalesce(permissions.permission, 'without a name') || ' runs out on '
        || cast(permissions.expires_date as string) || '.' as evidence,
        read_documents.file_path || ': permissions' as evidence_source,
        cast({{ days_between(as_of_date(), 'permissions.expires_date') }} as string) || ' days' as observed_value,
        {{ threshold_words('signal_thresholds.threshold_value', 'signal_thresholds.comparison', 'signal_thresholds.unit') }}
            as threshold,
        cast(null as double) as sort_value

    from choose_next_ends as permissions

    inner join read_documents
        on
            permissions.node_id = read_documents.node_id
            and read_documents.item = 'CHK_ADV_002'
    inner join signal_thresholds
        on
            read_documents.track = signal_thresholds.track
            and signal_thresholds.blueprint = 'C07'
            and signal_thresholds.signal = 'advocacy_renewal'

    where
        {{ reaches_limit(
            days_between(as_of_date(), 'permissions.expires_date'), 'signal_thresholds.threshold_value', 'signal_thresholds.comparison'
        ) }}

),

union_signals as (

    {% for rule in [
        'detect_services',
        'detect_deliveries',
        'detect_risks',
        'detect_closures',
        'detect_engineers',
        'detect_successes',
        'detect_untold_successes',
        'detect_ending_permissions',
    ] -%}
    select
        blueprint,
        signal_word,
        subject_type,
        node_id,
        fired_date,
        evidence,
        evidence_source,
        observed_value,
        threshold,
        sort_value

    from {{ rule }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

name_subjects as (

    select
        signals.blueprint,
        signals.signal,
        union_signals.subject_type,
        case union_signals.subject_type when 'node' then union_signals.node_id else nodes.account_id end as subject_id,
        nodes.account_id,
        nodes.opportunity_id,
        union_signals.node_id,
        union_signals.fired_date,
        union_signals.evidence,
        union_signals.evidence_source,
        union_signals.observed_value,
        union_signals.threshold,
        union_signals.sort_value

    from union_signals

    inner join nodes on union_signals.node_id = nodes.node_id
    inner join signals
        on
            union_signals.blueprint = signals.blueprint
            and union_signals.signal_word = signals.signal

),

-- A folder without an account has no account to tell of.
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

    where subject_id is not null

    qualify
        row_number() over (
            partition by blueprint, signal, subject_type, subject_id
            order by sort_value asc nulls last, fired_date desc nulls last, node_id asc nulls last
        ) = 1

)

select * from choose_folders
