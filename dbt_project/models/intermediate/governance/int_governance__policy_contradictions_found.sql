{#
    One row per place where the policy shows a contradiction of the models that it was taken from, with how policy_contradictions
    resolves it. What nobody resolved is an error; what somebody edited away is no longer here.
#}

with

policy_contradictions as (

    select
        contradiction,
        concerns,
        finding,
        resolution

    from {{ ref('policy_contradictions') }}

),

checklist_items as (

    select
        blueprint,
        item,
        asset_path

    from {{ ref('checklist_items') }}

),

checklist_thresholds as (

    select
        blueprint,
        item,
        threshold,
        track,
        comparison,
        threshold_value,
        unit

    from {{ ref('checklist_thresholds') }}

),

signals as (

    select
        blueprint,
        signal

    from {{ ref('signals') }}

),

blueprints as (

    select
        blueprint,
        archetype

    from {{ ref('blueprints') }}

),

tracks as (

    select track

    from {{ ref('tracks') }}

),

archetypes as (

    select governance_level

    from {{ ref('archetypes') }}

),

hand_offs as (

    select
        from_level,
        to_level

    from {{ ref('hand_offs') }}

),

validation_strictness as (

    select
        archetype,
        track,
        staleness_days,
        escalation_hours

    from {{ ref('validation_strictness') }}

),

asset_track_levels as (

    select
        asset_path,
        track,
        overlay_word

    from {{ ref('asset_track_levels') }}

),

asset_levels as (

    select asset_level

    from {{ ref('asset_levels') }}

),

asset_aliases as (

    select
        alias_path,
        asset_path

    from {{ ref('asset_aliases') }}

),

blueprint_tracks as (

    select
        blueprint,
        track,
        requirement,
        source_document

    from {{ ref('blueprint_tracks') }}

),

cadence_duties as (

    select
        archetype,
        duty,
        asset_path

    from {{ ref('cadence_duties') }}

),

cadences as (

    select
        archetype,
        duty,
        track,
        rhythm

    from {{ ref('cadences') }}

),

rhythms as (

    select
        rhythm,
        rhythm_name,
        duty_kind,
        maximum_days,
        day_kind

    from {{ ref('rhythms') }}

),

spread_concerns as (

    {{ split_to_rows('policy_contradictions', 'concerns', ';', ['contradiction', 'finding', 'resolution'], 'concern') | indent(4) }}

),

find_repeated_items as (

    select
        'repeated_item_ids' as contradiction,
        item as concern,
        'checklist_items' as seed,
        min(blueprint) || '/' || item as row_key,
        item || ' is an item of ' || min(blueprint) || ' and of ' || max(blueprint) || '.' as observation

    from checklist_items

    group by item

    having count(distinct blueprint) > 1

),

find_repeated_signals as (

    select
        'repeated_signal' as contradiction,
        signal as concern,
        'signals' as seed,
        min(blueprint) || '/' || signal as row_key,
        signal || ' is a signal of ' || min(blueprint) || ' and of ' || max(blueprint) || '.' as observation

    from signals

    group by signal

    having count(distinct blueprint) > 1

),

list_ends_of_hand_offs as (

    select
        from_level as governance_level,
        from_level || '/' || to_level as row_key

    from hand_offs

    union all

    select
        to_level as governance_level,
        from_level || '/' || to_level as row_key

    from hand_offs

),

find_letters_of_levels as (

    select
        'letters_of_levels' as contradiction,
        governance_level as concern,
        'hand_offs' as seed,
        min(row_key) as row_key,
        'Work is handed to or from level ' || governance_level || ', and no archetype is of that level.' as observation

    from list_ends_of_hand_offs

    where
        governance_level not in (
            select archetypes.governance_level

            from archetypes

            where archetypes.governance_level is not null
        )

    group by governance_level

),

count_allowed_days as (

    select
        blueprint,
        item,
        threshold,
        track,
        -- Days are whole: less than seven are six at most.
        cast(threshold_value as integer) - case when comparison = 'less_than' then 1 else 0 end as allowed_days

    from checklist_thresholds

    where
        threshold = 'maximum_age'
        and unit = 'days'

),

find_ages_against_rhythms as (

    select
        'age_against_rhythm' as contradiction,
        count_allowed_days.blueprint || '/' || count_allowed_days.item as concern,
        'checklist_thresholds' as seed,
        {{ policy_row_key('checklist_thresholds', 'count_allowed_days') }} as row_key,
        count_allowed_days.item || ' allows for ' || cast(count_allowed_days.allowed_days as string) || ' days on '
        || count_allowed_days.track || ', which is '
        || case when count_allowed_days.allowed_days < rhythms.maximum_days then 'stricter' else 'laxer' end
        || ' than the rhythm of ' || cadences.duty || ' (' || rhythms.rhythm || ': ' || rhythms.day_kind || ' days, '
        || cast(rhythms.maximum_days as string) || ' at most). Both look at ' || checklist_items.asset_path || '.'
            as observation

    from count_allowed_days

    inner join checklist_items
        on
            count_allowed_days.blueprint = checklist_items.blueprint
            and count_allowed_days.item = checklist_items.item

    inner join cadence_duties on checklist_items.asset_path = cadence_duties.asset_path

    inner join cadences
        on
            cadence_duties.archetype = cadences.archetype
            and cadence_duties.duty = cadences.duty
            and count_allowed_days.track = cadences.track

    inner join rhythms on cadences.rhythm = rhythms.rhythm

    where
        rhythms.duty_kind = 'recurring'
        and count_allowed_days.allowed_days <> rhythms.maximum_days

),

find_staleness_by_archetype as (

    select
        'staleness_by_archetype' as contradiction,
        'validation_strictness' as concern,
        'validation_strictness' as seed,
        min(archetype) || '/' || track as row_key,
        'Days after which an asset is stale on ' || track || ': '
        || cast(min(staleness_days) as string) || ' in one archetype, '
        || case
            when count(staleness_days) = 1 then 'none'
            else cast(max(staleness_days) as string)
        end
        || ' in the other.' as observation

    from validation_strictness

    group by track

    having min(staleness_days) <> max(staleness_days) or count(staleness_days) = 1

),

find_levels_in_cells as (

    select
        'levels_in_cells' as contradiction,
        'asset_track_levels' as concern,
        'asset_track_levels' as seed,
        min({{ policy_row_key('asset_track_levels') }}) as row_key,
        'The overlays say ' || overlay_word || ', which is no level. Cells: ' || cast(count(*) as string) || '.' as observation

    from asset_track_levels

    where
        overlay_word is not null
        and replace(lower(overlay_word), ' ', '_') not in (
            select asset_levels.asset_level

            from asset_levels

            where asset_levels.asset_level is not null
        )

    group by overlay_word

),

find_rhythm_words as (

    select
        'rhythm_words' as contradiction,
        cadences.rhythm as concern,
        'rhythms' as seed,
        cadences.rhythm as row_key,
        min(rhythms.rhythm_name) || ' leaves open how many days that is. Duties on a track: ' || cast(count(*) as string) || '.'
            as observation

    from cadences

    inner join rhythms on cadences.rhythm = rhythms.rhythm

    -- Which words leave something open can only be said by hand.
    inner join spread_concerns
        on
            spread_concerns.contradiction = 'rhythm_words'
            and cadences.rhythm = spread_concerns.concern

    group by cadences.rhythm

),

find_times_of_some_tracks as (

    select
        'specialist_time_of_two_tracks' as contradiction,
        checklist_thresholds.blueprint || '/' || checklist_thresholds.item as concern,
        'checklist_items' as seed,
        checklist_thresholds.blueprint || '/' || checklist_thresholds.item as row_key,
        checklist_thresholds.threshold || ' of ' || checklist_thresholds.blueprint || '/' || checklist_thresholds.item
        || ' differs by track, and ' || cast(count(distinct checklist_thresholds.track) as string) || ' of '
        || cast(max(count_tracks.track_count) as string) || ' tracks have one.' as observation

    from checklist_thresholds

    cross join (
        select count(*) as track_count

        from tracks
    ) as count_tracks

    group by checklist_thresholds.blueprint, checklist_thresholds.item, checklist_thresholds.threshold

    having
        count(distinct checklist_thresholds.threshold_value) > 1
        and count(distinct checklist_thresholds.track) < max(count_tracks.track_count)

),

find_tracks_without_cadence as (

    select
        'no_cadence_on_poc' as contradiction,
        'cadences' as concern,
        'cadences' as seed,
        min({{ policy_row_key('cadences') }}) as row_key,
        'Duties of ' || archetype || ' without a rhythm on ' || track || ': ' || cast(count(*) as string) || '.' as observation

    from cadences

    where rhythm = 'none'

    group by archetype, track

),

find_file_names_in_practice as (

    select
        'file_names_in_practice' as contradiction,
        'asset_aliases' as concern,
        'asset_aliases' as seed,
        alias_path as row_key,
        asset_path || ' is found as ' || alias_path || ', too.' as observation

    from asset_aliases

),

find_decided_blueprints as (

    select
        'blueprints_by_track' as contradiction,
        'blueprint_tracks' as concern,
        'blueprint_tracks' as seed,
        min({{ policy_row_key('blueprint_tracks') }}) as row_key,
        'Cells in which this project decided that a blueprint is ' || requirement || ': ' || cast(count(*) as string) || '.'
            as observation

    from blueprint_tracks

    where source_document = 'revhouse-policy-decisions'

    group by requirement

),

find_official_scans as (

    select
        'official_scans' as contradiction,
        'cadences' as concern,
        'cadences' as seed,
        {{ policy_row_key('cadences', 'cadences') }} as row_key,
        'The gap scan of ' || cadences.archetype || ' on ' || cadences.track || ' has the rhythm ' || cadences.rhythm
        || ', and gaps are computed each day.' as observation

    from cadences

    inner join cadence_duties
        on
            cadences.archetype = cadence_duties.archetype
            and cadences.duty = cadence_duties.duty

    inner join rhythms on cadences.rhythm = rhythms.rhythm

    where
        -- Its own results show that the scan was done, and no asset.
        cadence_duties.asset_path is null
        and rhythms.duty_kind <> 'none'
        and coalesce(rhythms.maximum_days, 0) > 1

),

find_escalation_times as (

    select
        'escalation_times' as contradiction,
        checklist_thresholds.blueprint || '/' || checklist_thresholds.item as concern,
        'checklist_thresholds' as seed,
        {{ policy_row_key('checklist_thresholds', 'checklist_thresholds') }} as row_key,
        'Hours for ' || checklist_thresholds.threshold || ' of ' || checklist_thresholds.item || ' on '
        || checklist_thresholds.track || ': ' || cast(cast(checklist_thresholds.threshold_value as integer) as string)
        || '; for whatever else escalates there: ' || cast(validation_strictness.escalation_hours as string) || '.'
            as observation

    from checklist_thresholds

    inner join blueprints on checklist_thresholds.blueprint = blueprints.blueprint

    inner join validation_strictness
        on
            blueprints.archetype = validation_strictness.archetype
            and checklist_thresholds.track = validation_strictness.track

    where
        checklist_thresholds.unit = 'hours'
        and checklist_thresholds.threshold like '%escalation~_time' escape '~'
        and checklist_thresholds.threshold_value <> validation_strictness.escalation_hours

),

union_found as (

    {% for found in [
        'find_repeated_items', 'find_repeated_signals', 'find_letters_of_levels', 'find_ages_against_rhythms',
        'find_staleness_by_archetype', 'find_levels_in_cells', 'find_rhythm_words', 'find_times_of_some_tracks',
        'find_tracks_without_cadence', 'find_file_names_in_practice', 'find_decided_blueprints', 'find_official_scans',
        'find_escalation_times',
    ] -%}
    select
        contradiction,
        concern,
        seed,
        row_key,
        observation

    from {{ found }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

resolve_contradictions as (

    select
        union_found.contradiction,
        case
            when spread_concerns.contradiction is null then 'unresolved_contradiction'
            else union_found.contradiction
        end as check_name,
        case when spread_concerns.contradiction is null then 'error' else 'known_contradiction' end as severity,
        union_found.seed,
        union_found.row_key,
        union_found.observation as finding,
        coalesce(
            spread_concerns.resolution,
            'Correct the rows, or say how it is resolved: ' || union_found.concern || ' under concerns of '
            || union_found.contradiction || ' in policy_contradictions.'
        ) as resolution

    from union_found

    -- left: what nobody resolved is what has to be told
    left join spread_concerns
        on
            union_found.contradiction = spread_concerns.contradiction
            and union_found.concern = spread_concerns.concern

)

select * from resolve_contradictions
