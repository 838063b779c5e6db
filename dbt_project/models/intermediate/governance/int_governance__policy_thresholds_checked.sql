{#
    One row per threshold of the policy that contradicts another, is missing, or can never be used.

    Where an item and a rhythm disagree is no matter of thresholds alone: int_governance__policy_contradictions_found.
#}

with

checklist_items as (

    select
        blueprint,
        item,
        applicable_tracks,
        threshold_home

    from {{ ref('checklist_items') }}

),

signals as (

    select
        blueprint,
        signal,
        threshold_home

    from {{ ref('signals') }}

),

tracks as (

    select track

    from {{ ref('tracks') }}

),

thresholds as (

    select
        'checklist_thresholds' as seed,
        blueprint,
        item as rule_name,
        threshold,
        track,
        comparison,
        threshold_value,
        unit

    from {{ ref('checklist_thresholds') }}

    union all

    select
        'signal_thresholds' as seed,
        blueprint,
        signal as rule_name,
        threshold,
        track,
        comparison,
        threshold_value,
        unit

    from {{ ref('signal_thresholds') }}

),

rhythms as (

    select
        rhythm,
        duty_kind,
        maximum_days,
        day_kind

    from {{ ref('rhythms') }}

),

spread_item_tracks as (

    {{ split_to_rows('checklist_items', 'applicable_tracks', ';', ['blueprint', 'item', 'threshold_home'], 'track') | indent(4) }}

),

list_rules as (

    select
        'checklist_items' as rule_seed,
        'checklist_thresholds' as seed,
        blueprint,
        item as rule_name,
        track,
        threshold_home

    from spread_item_tracks

    union all

    select
        'signals' as rule_seed,
        'signal_thresholds' as seed,
        signals.blueprint,
        signals.signal as rule_name,
        tracks.track,
        signals.threshold_home

    from signals

    cross join tracks

),

find_contradictory_values as (

    select
        'contradictory_threshold' as check_name,
        seed,
        blueprint || '/' || rule_name || '/' || threshold || '/' || track as row_key,
        threshold || ' of ' || blueprint || '/' || rule_name || ' is both ' || cast(min(threshold_value) as string) || ' and '
        || cast(max(threshold_value) as string) || ' on ' || track || '.' as finding,
        'Leave the row that counts.' as resolution

    from thresholds

    group by seed, blueprint, rule_name, threshold, track

    having count(distinct threshold_value) > 1

),

find_mixed_thresholds as (

    select
        'mixed_threshold' as check_name,
        seed,
        blueprint || '/' || rule_name || '/' || threshold || '/' || min(track) as row_key,
        threshold || ' of ' || blueprint || '/' || rule_name
        || ' is compared in more than one way, or counts different things, on different tracks.' as finding,
        'Give all tracks the same comparison and unit.' as resolution

    from thresholds

    group by seed, blueprint, rule_name, threshold

    having count(distinct comparison) > 1 or count(distinct unit) > 1

),

list_kinds as (

    -- distinct: a threshold has a row per track
    select distinct
        seed,
        blueprint,
        rule_name,
        threshold

    from thresholds

),

find_missing_thresholds as (

    select
        'missing_threshold' as check_name,
        list_rules.rule_seed as seed,
        list_rules.blueprint || '/' || list_rules.rule_name as row_key,
        list_rules.blueprint || '/' || list_rules.rule_name || ' has no '
        || coalesce(list_kinds.threshold, 'threshold') || ' on ' || list_rules.track || ', where it can apply.' as finding,
        'Add the row to ' || list_rules.seed || ', or take the track from those that it can apply on.' as resolution

    from list_rules

    -- left: a rule may have no threshold at all
    left join list_kinds
        on
            list_rules.seed = list_kinds.seed
            and list_rules.blueprint = list_kinds.blueprint
            and list_rules.rule_name = list_kinds.rule_name

    -- left: what is not there is what is looked for
    left join thresholds
        on
            list_kinds.seed = thresholds.seed
            and list_kinds.blueprint = thresholds.blueprint
            and list_kinds.rule_name = thresholds.rule_name
            and list_kinds.threshold = thresholds.threshold
            and list_rules.track = thresholds.track

    where
        list_rules.threshold_home = list_rules.seed
        and thresholds.track is null

),

find_unused_thresholds as (

    select
        'unused_threshold' as check_name,
        thresholds.seed,
        thresholds.blueprint || '/' || thresholds.rule_name || '/' || thresholds.threshold || '/' || thresholds.track as row_key,
        thresholds.blueprint || '/' || thresholds.rule_name || ' has a ' || thresholds.threshold || ' on ' || thresholds.track
        || ', and does not look for one there.' as finding,
        'Remove the row, or let the rule apply on the track and look for its thresholds here.' as resolution

    from thresholds

    -- left: what is not there is what is looked for
    left join list_rules
        on
            thresholds.seed = list_rules.seed
            and thresholds.blueprint = list_rules.blueprint
            and thresholds.rule_name = list_rules.rule_name
            and thresholds.track = list_rules.track
            and list_rules.threshold_home = list_rules.seed

    where list_rules.rule_name is null

),

find_contradictory_rhythms as (

    select
        'contradictory_rhythm' as check_name,
        'rhythms' as seed,
        rhythm as row_key,
        'The rhythm ' || rhythm || ' is no duty and has days, or is one and has none.' as finding,
        'A duty needs maximum_days and day_kind; what is none has neither.' as resolution

    from rhythms

    where
        (duty_kind = 'none') <> (maximum_days is null)
        or (maximum_days is null) <> (day_kind is null)

),

union_findings as (

    {% for found in [
        'find_contradictory_values', 'find_mixed_thresholds', 'find_missing_thresholds', 'find_unused_thresholds',
        'find_contradictory_rhythms',
    ] -%}
    select
        check_name,
        'error' as severity,
        seed,
        row_key,
        finding,
        resolution

    from {{ found }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

)

select * from union_findings
