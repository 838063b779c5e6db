{{ config(materialized='table') }}
{#
    One row per signal that a customer folder's documents on engagement, success, account and hub tell, and its subject: the
    folder, or the folder's account.

    Only folders that have not ended. Where several folders of an account tell the same, the worst or else the latest is the
    evidence. What an event tells may be long past: the mart knows how long it is news.
#}

with

nodes as (

    select
        node_id,
        account_id,
        opportunity_id,
        track,
        signed_date,
        onboarded_date

    from {{ ref('int_infohub__nodes_resolved') }}

    where
        archetype = 'post_sales_governance'
        and not is_ended

),

situations as (

    select
        node_id,
        began_date

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
        field_count,
        fields_text

    from {{ ref('int_governance__item_evidence_chosen') }}

),

cadences as (

    select
        node_id,
        file_path,
        asset_path,
        due_date,
        reason

    from {{ ref('int_governance__cadences_checked') }}

    where
        duty = 'qbr'
        and due_date is not null

),

adoption_targets as (

    select
        node_id,
        file_path,
        target_pct,
        active_pct,
        measured_date,
        reached_date

    from {{ ref('int_governance__adoption_targets_read') }}

    where reached_date is not null

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
        items.asset_path

    from {{ ref('checklist_items') }} as items

    inner join blueprints on items.blueprint = blueprints.blueprint

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
        evidence.field_count,
        evidence.fields_text,
        list_placeholders.placeholder_list

    from nodes

    inner join evidence on nodes.node_id = evidence.node_id
    inner join checklist_items
        on
            evidence.blueprint = checklist_items.blueprint
            and evidence.item = checklist_items.item
    cross join list_placeholders

),

detect_milestones as (

    select
        'C01' as blueprint,
        'milestone_reached' as signal_word,
        'account' as subject_type,
        node_id,
        reached_date as fired_date,
        'On ' || cast(reached_date as string) || ' the target for adoption was reached, ' || {{ number_text('target_pct') }}
        || ' percent of the seats; on ' || cast(measured_date as string) || ' it was ' || {{ number_text('active_pct') }} || '.'
            as evidence,
        file_path || ': measurements' as evidence_source,
        {{ number_text('active_pct') }} || ' percent' as observed_value,
        'at least ' || {{ number_text('target_pct') }} || ' percent' as threshold,
        cast(null as double) as sort_value

    from adoption_targets

),

read_profiles as (

    select
        node_id,
        file_path,
        placeholder_list,
        {{ json_text('fields_text', 'customer.csm') }} as manager_name

    from read_documents

    where item = 'CHK_ENG_001'

),

-- Since when nobody says: the profile has a day for itself only.
detect_assignments as (

    select
        'C02' as blueprint,
        'customer_assigned' as signal_word,
        'account' as subject_type,
        node_id,
        cast(null as date) as fired_date,
        'The profile names ' || manager_name || ' as customer success manager.' as evidence,
        file_path || ': customer.csm' as evidence_source,
        manager_name as observed_value,
        cast(null as string) as threshold,
        cast(null as double) as sort_value

    from read_profiles

    where {{ is_filled('manager_name') }}

),

read_health as (

    select
        node_id,
        track,
        file_path,
        {{ text_number(json_text('fields_text', 'health_score.current')) }} as score,
        {{ text_number(json_text('fields_text', 'health_score.previous')) }} as earlier_score,
        {{ json_date('fields_text', 'calculated_on') }} as calculated_date

    from read_documents

    where item = 'CHK_CS_003'

),

-- A score that was below already fell on an earlier day, and nobody says on which.
detect_low_health as (

    select
        'C02' as blueprint,
        'health_score_declining' as signal_word,
        'account' as subject_type,
        read_health.node_id,
        case
            when not {{ reaches_limit('read_health.earlier_score', 'signal_thresholds.threshold_value', 'signal_thresholds.comparison') }}
                then read_health.calculated_date
        end as fired_date,
        'The health score is ' || {{ number_text('read_health.score') }}
        || coalesce(' after ' || {{ number_text('read_health.earlier_score') }}, '')
        || coalesce(', calculated on ' || cast(read_health.calculated_date as string), '')
        || '; the threshold is of track ' || read_health.track || '.' as evidence,
        read_health.file_path || ': health_score.current' as evidence_source,
        {{ number_text('read_health.score') }} || ' points' as observed_value,
        {{ threshold_words('signal_thresholds.threshold_value', 'signal_thresholds.comparison', 'signal_thresholds.unit') }}
            as threshold,
        read_health.score as sort_value

    from read_health

    inner join signal_thresholds
        on
            read_health.track = signal_thresholds.track
            and signal_thresholds.blueprint = 'C02'
            and signal_thresholds.signal = 'health_score_declining'

    where
        {{ reaches_limit('read_health.score', 'signal_thresholds.threshold_value', 'signal_thresholds.comparison') }}
        and coalesce(read_health.calculated_date <= {{ as_of_date() }}, true)

),

-- A review that is overdue is due as well.
detect_due_plans as (

    select
        'C02' as blueprint,
        'success_plan_due' as signal_word,
        'node' as subject_type,
        cadences.node_id,
        {{ add_days('cadences.due_date', '-signal_thresholds.threshold_value') }} as fired_date,
        'The next review of the success plan is due by ' || cast(cadences.due_date as string) || '. ' || cadences.reason
            as evidence,
        coalesce(cadences.file_path, cadences.asset_path) || ': qbrs' as evidence_source,
        cast({{ days_between(as_of_date(), 'cadences.due_date') }} as string) || ' days' as observed_value,
        {{ threshold_words('signal_thresholds.threshold_value', 'signal_thresholds.comparison', 'signal_thresholds.unit') }}
            as threshold,
        cast(null as double) as sort_value

    from cadences

    inner join nodes on cadences.node_id = nodes.node_id
    inner join signal_thresholds
        on
            nodes.track = signal_thresholds.track
            and signal_thresholds.blueprint = 'C02'
            and signal_thresholds.signal = 'success_plan_due'

    where
        {{ reaches_limit(
            days_between(as_of_date(), 'cadences.due_date'), 'signal_thresholds.threshold_value', 'signal_thresholds.comparison'
        ) }}

),

-- What is there and cannot be read may say that the hand-over is complete. What is missing, or left blank, does not.
read_hand_overs as (

    select
        nodes.node_id,
        nodes.signed_date,
        coalesce(read_documents.file_path, checklist_items.asset_path) as file_path,
        {{ json_text('read_documents.fields_text', 'handoff.completed_on') }} as completed_text,
        {{ json_date('read_documents.fields_text', 'handoff.completed_on') }} as completed_date,
        list_placeholders.placeholder_list

    from nodes

    cross join list_placeholders
    inner join checklist_items on checklist_items.item = 'CHK_ACCT_001'
    -- left: there may be no file
    left join read_documents
        on
            nodes.node_id = read_documents.node_id
            and checklist_items.item = read_documents.item
    left join matched_assets
        on
            nodes.node_id = matched_assets.node_id
            and checklist_items.asset_path = matched_assets.asset_path

    where
        nodes.signed_date <= {{ as_of_date() }}
        and (read_documents.node_id is not null or matched_assets.node_id is null)

),

detect_hand_overs as (

    select
        'C03' as blueprint,
        'handoff_required' as signal_word,
        'node' as subject_type,
        node_id,
        signed_date as fired_date,
        'The contract was signed on ' || cast(signed_date as string) || ', and no day is noted on which the hand-over was completed.'
            as evidence,
        file_path || ': handoff.completed_on' as evidence_source,
        completed_text as observed_value,
        cast(null as string) as threshold,
        cast(null as double) as sort_value

    from read_hand_overs

    where
        completed_date > {{ as_of_date() }}
        or not {{ is_filled('completed_text') }}

),

list_reviews as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_documents where item = 'CHK_ACCT_002')", 'reviews') }}

),

date_reviews as (

    select
        node_id,
        count(*) as review_count,
        count(case when {{ json_date('entry', 'date') }} is null then 1 end) as undated_count,
        max({{ json_past_date('entry', 'date') }}) as last_date

    from list_reviews

    group by node_id

),

-- Without a review the time runs from the beginning. A list with days that cannot be read may hold the last one.
count_reviews as (

    select
        read_documents.node_id,
        read_documents.track,
        read_documents.file_path,
        date_reviews.last_date,
        case
            when date_reviews.last_date is not null then date_reviews.last_date
            when coalesce(date_reviews.undated_count, 0) = 0 then situations.began_date
        end as counted_from_date

    from read_documents

    inner join situations on read_documents.node_id = situations.node_id
    -- left: the list may be empty
    left join date_reviews on read_documents.node_id = date_reviews.node_id

    where
        read_documents.item = 'CHK_ACCT_002'
        and {{ json_part('read_documents.fields_text', 'reviews') }} like '[%'

),

detect_due_reviews as (

    select
        'C03' as blueprint,
        'account_review_due' as signal_word,
        'node' as subject_type,
        count_reviews.node_id,
        {{ since_beyond('count_reviews.counted_from_date', 'signal_thresholds.threshold_value', 'signal_thresholds.comparison') }}
            as fired_date,
        case
            when count_reviews.last_date is null
                then 'No review of the account is noted, which began on ' || cast(count_reviews.counted_from_date as string)
            else 'The last review of the account was on ' || cast(count_reviews.last_date as string)
        end
        || ', ' || cast({{ days_between('count_reviews.counted_from_date', as_of_date()) }} as string) || ' days ago.' as evidence,
        count_reviews.file_path || ': reviews' as evidence_source,
        cast({{ days_between('count_reviews.counted_from_date', as_of_date()) }} as string) || ' days' as observed_value,
        {{ threshold_words('signal_thresholds.threshold_value', 'signal_thresholds.comparison', 'signal_thresholds.unit') }}
            as threshold,
        cast(null as double) as sort_value

    from count_reviews

    inner join signal_thresholds
        on
            count_reviews.track = signal_thresholds.track
            and signal_thresholds.blueprint = 'C03'
            and signal_thresholds.signal = 'account_review_due'

    where
        {{ reaches_limit(
            days_between('count_reviews.counted_from_date', as_of_date()), 'signal_thresholds.threshold_value', 'signal_thresholds.comparison'
        ) }}

),

-- Where the folder does not say when the customer was onboarded, the hub may.
date_onboardings as (

    select
        nodes.node_id,
        coalesce(nodes.onboarded_date, {{ json_past_date('read_documents.fields_text', 'hub.onboarded_on') }}) as onboarded_date,
        case
            when nodes.onboarded_date is null then read_documents.file_path || ': hub.onboarded_on'
            else 'int_infohub__nodes_resolved: ' || nodes.node_id
        end as evidence_source

    from nodes

    -- left: not every folder has a hub
    left join read_documents
        on
            nodes.node_id = read_documents.node_id
            and read_documents.item = 'CHK_HUB_001'

),

detect_onboardings as (

    select
        'C04' as blueprint,
        'customer_onboarded' as signal_word,
        'node' as subject_type,
        node_id,
        onboarded_date as fired_date,
        'The customer was onboarded on ' || cast(onboarded_date as string) || '.' as evidence,
        evidence_source,
        cast(onboarded_date as string) as observed_value,
        cast(null as string) as threshold,
        cast(null as double) as sort_value

    from date_onboardings

    where onboarded_date <= {{ as_of_date() }}

),

-- A day that cannot be read may be a recent one; one that is announced has not come.
date_hub_looks as (

    select
        read_documents.node_id,
        read_documents.track,
        read_documents.file_path,
        {{ json_past_date('read_documents.fields_text', 'reviewed_on') }} as last_date,
        coalesce(
            {{ json_past_date('read_documents.fields_text', 'reviewed_on') }},
            case
                when
                    {{ json_date('read_documents.fields_text', 'reviewed_on') }} is not null
                    or not {{ is_filled(json_text('read_documents.fields_text', 'reviewed_on')) }}
                    then situations.began_date
            end
        ) as counted_from_date

    from read_documents

    inner join situations on read_documents.node_id = situations.node_id

    where
        read_documents.item = 'CHK_HUB_003'
        and read_documents.field_count > 0

),

detect_stale_hubs as (

    select
        'C04' as blueprint,
        'content_stale' as signal_word,
        'node' as subject_type,
        date_hub_looks.node_id,
        {{ since_beyond('date_hub_looks.counted_from_date', 'signal_thresholds.threshold_value', 'signal_thresholds.comparison') }}
            as fired_date,
        case
            when date_hub_looks.last_date is null
                then 'Nobody looked at the decisions in the hub since ' || cast(date_hub_looks.counted_from_date as string)
            else 'The decisions in the hub were last looked at on ' || cast(date_hub_looks.last_date as string)
        end
        || ', ' || cast({{ days_between('date_hub_looks.counted_from_date', as_of_date()) }} as string) || ' days ago.' as evidence,
        date_hub_looks.file_path || ': reviewed_on' as evidence_source,
        cast({{ days_between('date_hub_looks.counted_from_date', as_of_date()) }} as string) || ' days' as observed_value,
        {{ threshold_words('signal_thresholds.threshold_value', 'signal_thresholds.comparison', 'signal_thresholds.unit') }}
            as threshold,
        cast(null as double) as sort_value

    from date_hub_looks

    inner join signal_thresholds
        on
            date_hub_looks.track = signal_thresholds.track
            and signal_thresholds.blueprint = 'C04'
            and signal_thresholds.signal = 'content_stale'

    where
        {{ reaches_limit(
            days_between('date_hub_looks.counted_from_date', as_of_date()), 'signal_thresholds.threshold_value', 'signal_thresholds.comparison'
        ) }}

),

union_signals as (

    {% for rule in [
        'detect_milestones',
        'detect_assignments',
        'detect_low_health',
        'detect_due_plans',
        'detect_hand_overs',
        'detect_due_reviews',
        'detect_onboardings',
        'detect_stale_hubs',
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
