{{ config(materialized='table') }}
{#
    One row per signal on a customer's account that the use of the product, its seats and its support cases tell.

    A window of days is compared with the one before it, each of them whole.
#}

with

seats as (

    select
        account_id,
        paid_seat_count,
        assigned_seat_count,
        seats_used_pct

    from {{ ref('int_commercial__account_seats_compared') }}

),

usage_days as (

    select
        account_id,
        activity_date,
        active_user_count,
        missed_workspace_count

    from {{ ref('int_usage__account_days_combined') }}

    where activity_date <= {{ as_of_date() }}

),

cases as (

    select
        account_id,
        created_date,
        {{ business_date('solved_at') }} as solved_date,
        full_resolution_calendar_minutes as resolution_minutes

    from {{ ref('int_support__cases_conformed') }}

    where
        account_id is not null
        and not is_deleted

),

nodes as (

    select
        node_id,
        account_id

    from {{ ref('int_infohub__nodes_resolved') }}

    where
        archetype = 'post_sales_governance'
        and not is_ended
        and account_id is not null

),

evidence as (

    select
        node_id,
        item,
        file_path,
        fields_text

    from {{ ref('int_governance__item_evidence_chosen') }}

    where
        blueprint = 'C03'
        and item = 'CHK_ACCT_004'

),

adoption_targets as (

    select
        node_id,
        account_id,
        file_path,
        target_pct,
        active_pct,
        measured_date,
        is_reached

    from {{ ref('int_governance__adoption_targets_read') }}

),

placeholder_words as (

    select word

    from {{ ref('placeholder_words') }}

),

thresholds as (

    select
        account_id,
        blueprint,
        signal,
        threshold,
        comparison,
        unit,
        threshold_value,
        threshold_basis

    from {{ ref('int_governance__account_thresholds_chosen') }}

),

signals as (

    select
        blueprint,
        signal

    from {{ ref('signals') }}

),

list_placeholders as (

    select '|' || {{ joined_text('lower(word)', '|') }} || '|' as placeholder_list

    from placeholder_words

),

-- One row per customer folder and document that a signal reads.
read_documents as (

    select
        nodes.account_id,
        nodes.node_id,
        evidence.item,
        evidence.file_path,
        evidence.fields_text,
        list_placeholders.placeholder_list

    from nodes

    inner join evidence on nodes.node_id = evidence.node_id
    cross join list_placeholders

),

number_use_days as (

    select
        usage_days.account_id,
        usage_days.activity_date,
        usage_days.active_user_count,
        usage_days.missed_workspace_count,
        thresholds.threshold_value as window_length,
        {{ days_between('usage_days.activity_date', as_of_date()) }} as used_days_ago

    from usage_days

    inner join thresholds
        on
            usage_days.account_id = thresholds.account_id
            and thresholds.blueprint = 'C02'
            and thresholds.signal = 'adoption_stalled'
            and thresholds.threshold = 'window'

),

-- Users a day, added up over the window and over the one before it: what divides them by days divides both.
measure_use as (

    select
        account_id,
        max(window_length) as window_length,
        min(activity_date) as first_use_date,
        sum(case when used_days_ago < window_length then active_user_count end) as user_days,
        sum(case when used_days_ago between window_length and 2 * window_length - 1 then active_user_count end)
            as earlier_user_days,
        sum(case when used_days_ago - window_length < window_length then missed_workspace_count end) as missed_count

    from number_use_days

    group by account_id

),

-- Only where both windows are whole: no day before the first use, and none that was not exported.
compare_use as (

    select
        account_id,
        window_length,
        coalesce(user_days, 0) as user_days,
        earlier_user_days,
        (coalesce(user_days, 0) - earlier_user_days) * 100.0 / earlier_user_days as change_pct

    from measure_use

    where
        missed_count = 0
        and earlier_user_days > 0
        and {{ days_between('first_use_date', as_of_date()) }} - window_length >= window_length - 1

),

choose_open_targets as (

    select
        account_id,
        node_id,
        target_pct,
        active_pct,
        measured_date

    from adoption_targets

    where not is_reached

    qualify row_number() over (partition by account_id order by active_pct - target_pct asc nulls last, node_id asc nulls last) = 1

),

detect_stalled_adoptions as (

    select
        'C02' as blueprint,
        'adoption_stalled' as signal_word,
        'account' as subject_type,
        compare_use.account_id as subject_id,
        compare_use.account_id,
        cast(null as string) as opportunity_id,
        targets.node_id,
        cast(null as date) as fired_date,
        'Use changed by ' || {{ number_text('compare_use.change_pct') }} || ' percent over '
        || {{ number_text('compare_use.window_length') }} || ' days, and ' || {{ number_text('targets.active_pct') }}
        || ' percent of the seats were active on ' || cast(targets.measured_date as string) || ', of a target of '
        || {{ number_text('targets.target_pct') }} || '; the threshold is ' || thresholds.threshold_basis || '.' as evidence,
        'int_usage__account_days_combined: ' || compare_use.account_id as evidence_source,
        {{ number_text('compare_use.change_pct') }} || ' percent' as observed_value,
        {{ threshold_words('thresholds.threshold_value', 'thresholds.comparison', 'thresholds.unit') }} as threshold

    from compare_use

    inner join choose_open_targets as targets on compare_use.account_id = targets.account_id
    inner join thresholds
        on
            compare_use.account_id = thresholds.account_id
            and thresholds.blueprint = 'C02'
            and thresholds.signal = 'adoption_stalled'
            and thresholds.threshold = 'change'

    where {{ reaches_limit('abs(compare_use.change_pct)', 'thresholds.threshold_value', 'thresholds.comparison') }}

),

judge_seats as (

    select
        seats.account_id,
        cast(null as string) as node_id,
        cast(null as date) as fired_date,
        cast(seats.assigned_seat_count as string) || ' of ' || cast(seats.paid_seat_count as string)
        || ' paid seats are used; the threshold is ' || thresholds.threshold_basis || '.' as evidence,
        'int_commercial__account_seats_compared: ' || seats.account_id as evidence_source,
        {{ number_text('seats.seats_used_pct') }} || ' percent' as observed_value,
        {{ threshold_words('thresholds.threshold_value', 'thresholds.comparison', 'thresholds.unit') }} as threshold

    from seats

    inner join thresholds
        on
            seats.account_id = thresholds.account_id
            and thresholds.blueprint = 'C03'
            and thresholds.signal = 'expansion_signal'

    where {{ reaches_limit('seats.seats_used_pct', 'thresholds.threshold_value', 'thresholds.comparison') }}

),

list_chances as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_documents where item = 'CHK_ACCT_004')", 'opportunities') }}

),

-- What is announced for a later day is no chance yet; one without a day is.
read_chances as (

    select
        node_id,
        {{ json_text('entry', 'name') }} as chance,
        {{ json_date('entry', 'logged_on') }} as logged_date

    from list_chances

    where
        {{ is_filled(json_text('entry', 'name')) }}
        and coalesce({{ json_date('entry', 'logged_on') }} <= {{ as_of_date() }}, true)

),

judge_chances as (

    select
        read_documents.account_id,
        read_documents.node_id,
        read_chances.logged_date as fired_date,
        'A chance to grow is on the list: ' || read_chances.chance
        || coalesce(', noted on ' || cast(read_chances.logged_date as string), '') || '.' as evidence,
        read_documents.file_path || ': opportunities' as evidence_source,
        read_chances.chance as observed_value,
        cast(null as string) as threshold

    from read_chances

    inner join read_documents
        on
            read_chances.node_id = read_documents.node_id
            and read_documents.item = 'CHK_ACCT_004'

),

union_growth as (

    select
        account_id,
        node_id,
        fired_date,
        evidence,
        evidence_source,
        observed_value,
        threshold

    from judge_seats

    union all

    select
        account_id,
        node_id,
        fired_date,
        evidence,
        evidence_source,
        observed_value,
        threshold

    from judge_chances

),

-- Seats come first: what is used is used, whoever noted it.
detect_growth as (

    select
        'C03' as blueprint,
        'expansion_signal' as signal_word,
        'account' as subject_type,
        account_id as subject_id,
        account_id,
        cast(null as string) as opportunity_id,
        node_id,
        fired_date,
        evidence,
        evidence_source,
        observed_value,
        threshold

    from union_growth

    qualify
        row_number() over (
            partition by account_id
            order by
                case when threshold is not null then 0 else 1 end asc nulls last,
                fired_date desc nulls last,
                evidence_source asc nulls last,
                observed_value asc nulls last
        ) = 1

),

number_case_days as (

    select
        cases.account_id,
        thresholds.threshold_value as window_length,
        cases.resolution_minutes,
        {{ days_between('cases.created_date', as_of_date()) }} as created_days_ago,
        {{ days_between('cases.solved_date', as_of_date()) }} as solved_days_ago

    from cases

    inner join thresholds
        on
            cases.account_id = thresholds.account_id
            and thresholds.blueprint = 'C06'
            and thresholds.signal = 'support_health_declining'
            and thresholds.threshold = 'window'

),

measure_support as (

    select
        account_id,
        max(window_length) as window_length,
        count(case when created_days_ago < window_length then 1 end) as case_count,
        count(case when created_days_ago between window_length and 2 * window_length - 1 then 1 end) as earlier_case_count,
        avg(case when solved_days_ago < window_length then resolution_minutes end) as resolution_minutes,
        avg(case when solved_days_ago between window_length and 2 * window_length - 1 then resolution_minutes end)
            as earlier_resolution_minutes

    from number_case_days

    where
        coalesce(created_days_ago, 0) >= 0
        and coalesce(solved_days_ago, 0) >= 0

    group by account_id

),

-- A rise from nothing has no percentage, and without solved cases in both windows nobody can tell whether it slowed.
compare_support as (

    select
        account_id,
        window_length,
        case_count,
        earlier_case_count,
        resolution_minutes,
        earlier_resolution_minutes,
        (case_count - earlier_case_count) * 100.0 / earlier_case_count as rise_pct

    from measure_support

    where
        earlier_case_count > 0
        and resolution_minutes > earlier_resolution_minutes

),

detect_declining_support as (

    select
        'C06' as blueprint,
        'support_health_declining' as signal_word,
        'account' as subject_type,
        compared.account_id as subject_id,
        compared.account_id,
        cast(null as string) as opportunity_id,
        cast(null as string) as node_id,
        cast(null as date) as fired_date,
        cast(compared.case_count as string) || ' cases in ' || {{ number_text('compared.window_length') }} || ' days after '
        || cast(compared.earlier_case_count as string) || ' in those before; to solve one took '
        || {{ number_text('compared.resolution_minutes / 60') }} || ' hours after '
        || {{ number_text('compared.earlier_resolution_minutes / 60') }} || '; the threshold is '
        || thresholds.threshold_basis || '.' as evidence,
        'int_support__cases_conformed: ' || compared.account_id as evidence_source,
        {{ number_text('compared.rise_pct') }} || ' percent' as observed_value,
        {{ threshold_words('thresholds.threshold_value', 'thresholds.comparison', 'thresholds.unit') }} as threshold

    from compare_support as compared

    inner join thresholds
        on
            compared.account_id = thresholds.account_id
            and thresholds.blueprint = 'C06'
            and thresholds.signal = 'support_health_declining'
            and thresholds.threshold = 'volume_rise'

    where {{ reaches_limit('compared.rise_pct', 'thresholds.threshold_value', 'thresholds.comparison') }}

),

union_signals as (

    {% for rule in [
        'detect_stalled_adoptions',
        'detect_growth',
        'detect_declining_support',
    ] -%}
    select
        blueprint,
        signal_word,
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

    from {{ rule }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

name_signals as (

    select
        signals.blueprint,
        signals.signal,
        union_signals.subject_type,
        union_signals.subject_id,
        union_signals.account_id,
        union_signals.opportunity_id,
        union_signals.node_id,
        union_signals.fired_date,
        union_signals.evidence,
        union_signals.evidence_source,
        union_signals.observed_value,
        union_signals.threshold

    from union_signals

    inner join signals
        on
            union_signals.blueprint = signals.blueprint
            and union_signals.signal_word = signals.signal

)

select * from name_signals
