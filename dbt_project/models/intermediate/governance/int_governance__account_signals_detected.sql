{{ config(materialized='table') }}
{#
    One row per signal on a customer's account or won deal that the CRM, the last touches and the last moods tell.

    A contract may have been signed long ago: the mart knows how long it is news.
#}

with

opportunities as (

    select
        opportunity_id,
        account_id,
        opportunity_name,
        opportunity_type,
        {{ business_date('closed_at') }} as won_date

    from {{ ref('int_stage__opportunities_valued') }}

    where
        is_won
        and coalesce(record_status, 'active') in ('active', 'absent')
        and not is_later_version
        and closed_at < {{ as_of_end() }}

),

activities as (

    select
        account_id,
        activity_date

    from {{ ref('int_activities__activities_conformed') }}

    where
        is_touch
        and not is_deleted
        and account_id is not null
        and activity_date <= {{ as_of_date() }}

),

coverage as (

    select
        account_id,
        known_from_date

    from {{ ref('int_activities__coverage_started') }}

    where account_id is not null

),

service_spans as (

    select
        account_id,
        first_service_date

    from {{ ref('int_commercial__service_spans_merged') }}

    where is_running

),

cases as (

    select
        support_case_id,
        source_case_number,
        account_id,
        satisfaction,
        rated_at

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

situations as (

    select
        node_id,
        began_date

    from {{ ref('int_governance__node_situations_read') }}

),

evidence as (

    select
        node_id,
        item,
        file_path,
        fields_text

    from {{ ref('int_governance__item_evidence_chosen') }}

    where
        blueprint = 'C01'
        and item in ('CHK_ENG_003', 'CHK_ENG_004')

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

choose_signed_contracts as (

    select
        opportunity_id,
        account_id,
        opportunity_name,
        opportunity_type,
        won_date

    from opportunities

    where account_id is not null

    qualify row_number() over (partition by account_id order by won_date desc nulls last, opportunity_id asc nulls last) = 1

),

detect_signed_contracts as (

    select
        'C01' as blueprint,
        'contract_signed' as signal_word,
        'account' as subject_type,
        contracts.account_id as subject_id,
        contracts.account_id,
        contracts.opportunity_id,
        cast(null as string) as node_id,
        contracts.won_date as fired_date,
        'The deal ' || coalesce(contracts.opportunity_name, contracts.opportunity_id) || ' was won on '
        || cast(contracts.won_date as string) || coalesce('; the CRM calls it ' || contracts.opportunity_type, '') || '.'
            as evidence,
        'int_stage__opportunities_valued: ' || contracts.opportunity_id as evidence_source,
        cast(contracts.won_date as string) as observed_value,
        cast(null as string) as threshold

    from choose_signed_contracts as contracts

),

detect_closed_deals as (

    select
        'C03' as blueprint,
        'deal_closed' as signal_word,
        'opportunity' as subject_type,
        opportunities.opportunity_id as subject_id,
        opportunities.account_id,
        opportunities.opportunity_id,
        cast(null as string) as node_id,
        opportunities.won_date as fired_date,
        'The deal ' || coalesce(opportunities.opportunity_name, opportunities.opportunity_id) || ' was won on '
        || cast(opportunities.won_date as string) || '.' as evidence,
        'int_stage__opportunities_valued: ' || opportunities.opportunity_id as evidence_source,
        cast(opportunities.won_date as string) as observed_value,
        cast(null as string) as threshold

    from opportunities

),

list_touchpoints as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_documents where item = 'CHK_ENG_003')", 'touchpoints') }}

),

date_touchpoints as (

    select
        nodes.account_id,
        list_touchpoints.node_id,
        {{ json_past_date('list_touchpoints.entry', 'date') }} as touched_date

    from list_touchpoints

    inner join nodes on list_touchpoints.node_id = nodes.node_id

),

union_touches as (

    select
        account_id,
        cast(null as string) as node_id,
        max(activity_date) as touched_date,
        'int_activities__activities_conformed: ' || account_id as touch_source

    from activities

    group by account_id

    union all

    select
        date_touchpoints.account_id,
        date_touchpoints.node_id,
        max(date_touchpoints.touched_date) as touched_date,
        max(read_documents.file_path) || ': touchpoints' as touch_source

    from date_touchpoints

    inner join read_documents
        on
            date_touchpoints.node_id = read_documents.node_id
            and read_documents.item = 'CHK_ENG_003'

    where date_touchpoints.touched_date is not null

    group by date_touchpoints.account_id, date_touchpoints.node_id

),

choose_last_touches as (

    select
        account_id,
        node_id,
        touched_date,
        touch_source

    from union_touches

    qualify row_number() over (partition by account_id order by touched_date desc nulls last, touch_source asc nulls last) = 1

),

union_customers as (

    select
        account_id,
        first_service_date as customer_since_date

    from service_spans

    union all

    select
        nodes.account_id,
        situations.began_date as customer_since_date

    from nodes

    inner join situations on nodes.node_id = situations.node_id

),

date_customers as (

    select
        account_id,
        min(customer_since_date) as customer_since_date

    from union_customers

    group by account_id

),

-- Before that day a touch may have been and not been exported. An account record without any activities is no help.
date_coverage as (

    select
        account_id,
        max(known_from_date) as known_from_date

    from coverage

    group by account_id

),

-- Where there never was a touch, the time runs from the day since which one would have been seen.
date_engagements as (

    select
        date_customers.account_id,
        choose_last_touches.node_id,
        choose_last_touches.touched_date,
        choose_last_touches.touch_source,
        coalesce(
            choose_last_touches.touched_date,
            case
                when date_coverage.known_from_date > date_customers.customer_since_date then date_coverage.known_from_date
                when date_coverage.known_from_date is not null then date_customers.customer_since_date
            end
        ) as counted_from_date

    from date_customers

    -- left: nobody may have touched the customer, or nobody may know
    left join choose_last_touches on date_customers.account_id = choose_last_touches.account_id
    left join date_coverage on date_customers.account_id = date_coverage.account_id

),

detect_engagement_gaps as (

    select
        'C01' as blueprint,
        'engagement_gap' as signal_word,
        'account' as subject_type,
        engagements.account_id as subject_id,
        engagements.account_id,
        cast(null as string) as opportunity_id,
        engagements.node_id,
        {{ since_beyond('engagements.counted_from_date', 'thresholds.threshold_value', 'thresholds.comparison') }} as fired_date,
        case
            when engagements.touched_date is null
                then 'There was no touch since ' || cast(engagements.counted_from_date as string)
            else 'The last touch was on ' || cast(engagements.touched_date as string)
        end
        || ', ' || cast({{ days_between('engagements.counted_from_date', as_of_date()) }} as string)
        || ' days ago; the threshold is ' || thresholds.threshold_basis || '.' as evidence,
        coalesce(engagements.touch_source, 'int_activities__activities_conformed: ' || engagements.account_id) as evidence_source,
        cast({{ days_between('engagements.counted_from_date', as_of_date()) }} as string) || ' days' as observed_value,
        {{ threshold_words('thresholds.threshold_value', 'thresholds.comparison', 'thresholds.unit') }} as threshold

    from date_engagements as engagements

    inner join thresholds
        on
            engagements.account_id = thresholds.account_id
            and thresholds.blueprint = 'C01'
            and thresholds.signal = 'engagement_gap'

    where
        {{ reaches_limit(
            days_between('engagements.counted_from_date', as_of_date()), 'thresholds.threshold_value', 'thresholds.comparison'
        ) }}

),

list_sentiments as (

    {{ list_entries("(select node_id, placeholder_list, fields_text from read_documents where item = 'CHK_ENG_004')", 'entries') }}

),

read_sentiments as (

    select
        nodes.account_id,
        list_sentiments.node_id,
        {{ json_past_date('list_sentiments.entry', 'date') }} as felt_date,
        {{ text_number(json_text('list_sentiments.entry', 'score')) }} as score

    from list_sentiments

    inner join nodes on list_sentiments.node_id = nodes.node_id

),

-- Two of one day: the worse one, which is the one to ask about.
choose_last_sentiments as (

    select
        account_id,
        node_id,
        felt_date,
        score

    from read_sentiments

    where
        felt_date is not null
        and score is not null

    qualify row_number() over (partition by account_id order by felt_date desc nulls last, score asc nulls last, node_id asc nulls last) = 1

),

judge_sentiments as (

    select
        sentiments.account_id,
        sentiments.node_id,
        sentiments.felt_date as fired_date,
        'The last sentiment, of ' || cast(sentiments.felt_date as string) || ', is ' || {{ number_text('sentiments.score') }}
        || ' points; the threshold is ' || thresholds.threshold_basis || '.' as evidence,
        read_documents.file_path || ': entries' as evidence_source,
        {{ number_text('sentiments.score') }} || ' points' as observed_value,
        {{ threshold_words('thresholds.threshold_value', 'thresholds.comparison', 'thresholds.unit') }} as threshold

    from choose_last_sentiments as sentiments

    inner join read_documents
        on
            sentiments.node_id = read_documents.node_id
            and read_documents.item = 'CHK_ENG_004'
    inner join thresholds
        on
            sentiments.account_id = thresholds.account_id
            and thresholds.blueprint = 'C01'
            and thresholds.signal = 'sentiment_negative'

    where {{ reaches_limit('sentiments.score', 'thresholds.threshold_value', 'thresholds.comparison') }}

),

-- A rating without a time cannot be the last.
choose_last_ratings as (

    select
        support_case_id,
        source_case_number,
        account_id,
        satisfaction,
        {{ business_date('rated_at') }} as rated_date

    from cases

    where
        satisfaction is not null
        and rated_at < {{ as_of_end() }}

    qualify row_number() over (partition by account_id order by rated_at desc nulls last, support_case_id asc nulls last) = 1

),

judge_ratings as (

    select
        ratings.account_id,
        cast(null as string) as node_id,
        ratings.rated_date as fired_date,
        'The last rating of a support case, ' || coalesce(ratings.source_case_number, ratings.support_case_id)
        || ' on ' || cast(ratings.rated_date as string) || ', is bad.' as evidence,
        'int_support__cases_conformed: ' || ratings.support_case_id as evidence_source,
        ratings.satisfaction as observed_value,
        cast(null as string) as threshold

    from choose_last_ratings as ratings

    where ratings.satisfaction = 'bad'

),

union_moods as (

    select
        account_id,
        node_id,
        fired_date,
        evidence,
        evidence_source,
        observed_value,
        threshold

    from judge_sentiments

    union all

    select
        account_id,
        node_id,
        fired_date,
        evidence,
        evidence_source,
        observed_value,
        threshold

    from judge_ratings

),

detect_negative_sentiments as (

    select
        'C01' as blueprint,
        'sentiment_negative' as signal_word,
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

    from union_moods

    qualify row_number() over (partition by account_id order by fired_date desc nulls last, evidence_source asc nulls last) = 1

),

union_signals as (

    {% for rule in [
        'detect_signed_contracts',
        'detect_closed_deals',
        'detect_engagement_gaps',
        'detect_negative_sentiments',
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
