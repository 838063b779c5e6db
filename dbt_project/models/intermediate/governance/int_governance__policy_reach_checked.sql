{# One row per row of the policy that nothing can lead to, or that builds on what is kept free. #}

with

blueprints as (

    select
        blueprint,
        blueprint_status

    from {{ ref('blueprints') }}

),

blueprint_tracks as (

    select
        blueprint,
        track,
        requirement

    from {{ ref('blueprint_tracks') }}

),

assets as (

    select
        asset_path,
        blueprint,
        playbook

    from {{ ref('assets') }}

),

asset_levels as (

    select
        asset_level,
        level_rank,
        is_reached_by_fields,
        is_addition

    from {{ ref('asset_levels') }}

),

asset_track_levels as (

    select
        asset_path,
        track,
        asset_level

    from {{ ref('asset_track_levels') }}

),

asset_level_fields as (

    select
        asset_path,
        asset_level

    from {{ ref('asset_level_fields') }}

),

checklist_items as (

    select
        blueprint,
        item,
        applicable_tracks,
        playbook

    from {{ ref('checklist_items') }}

),

signals as (

    select
        blueprint,
        signal,
        playbook

    from {{ ref('signals') }}

),

stakeholders as (

    select
        blueprint,
        role

    from {{ ref('stakeholders') }}

),

playbooks as (

    select
        playbook,
        blueprint

    from {{ ref('playbooks') }}

),

cadence_duties as (

    select
        archetype,
        duty,
        playbook

    from {{ ref('cadence_duties') }}

),

engagement_owners as (

    select playbook

    from {{ ref('engagement_owners') }}

),

cadences as (

    select
        archetype,
        duty,
        rhythm

    from {{ ref('cadences') }}

),

rhythms as (

    select
        rhythm,
        duty_kind

    from {{ ref('rhythms') }}

),

reached_blueprints as (

    select blueprints.blueprint

    from blueprints

    inner join blueprint_tracks on blueprints.blueprint = blueprint_tracks.blueprint

    where
        blueprints.blueprint_status = 'active'
        and blueprint_tracks.requirement <> 'none'

    group by blueprints.blueprint

),

spread_item_tracks as (

    {{ split_to_rows('checklist_items', 'applicable_tracks', ';', ['blueprint', 'item'], 'track') | indent(4) }}

),

reached_items as (

    select
        spread_item_tracks.blueprint,
        spread_item_tracks.item

    from spread_item_tracks

    inner join blueprint_tracks
        on
            spread_item_tracks.blueprint = blueprint_tracks.blueprint
            and spread_item_tracks.track = blueprint_tracks.track

    where blueprint_tracks.requirement <> 'none'

    group by spread_item_tracks.blueprint, spread_item_tracks.item

),

find_unreachable_blueprints as (

    select
        'unreachable_blueprint' as check_name,
        'error' as severity,
        'blueprints' as seed,
        blueprint as row_key,
        blueprint || ' is active, and on no track is it asked for, looked at, or can it be selected.' as finding,
        'Give it a requirement other than none in blueprint_tracks, or make it reserved.' as resolution

    from blueprints

    where
        blueprint_status = 'active'
        and blueprint not in (
            select reached_blueprints.blueprint

            from reached_blueprints
        )

),

find_unreachable_items as (

    select
        'unreachable_item' as check_name,
        'error' as severity,
        'checklist_items' as seed,
        checklist_items.blueprint || '/' || checklist_items.item as row_key,
        checklist_items.blueprint || '/' || checklist_items.item || ' applies on no track on which its blueprint can be asked for.'
            as finding,
        'Add a track to applicable_tracks, or remove the item.' as resolution

    from checklist_items

    -- left: what is not there is what is looked for
    left join reached_items
        on
            checklist_items.blueprint = reached_items.blueprint
            and checklist_items.item = reached_items.item

    where reached_items.item is null

),

find_unreachable_assets as (

    select
        'unreachable_asset' as check_name,
        'error' as severity,
        'assets' as seed,
        asset_path as row_key,
        asset_path || ' is asked for at no level, on no track.' as finding,
        'Add its rows to asset_track_levels, or remove the asset.' as resolution

    from assets

    where
        asset_path not in (
            select asset_track_levels.asset_path

            from asset_track_levels

            inner join asset_levels on asset_track_levels.asset_level = asset_levels.asset_level

            where
                asset_track_levels.asset_path is not null
                and (asset_levels.is_reached_by_fields or asset_levels.level_rank > 1)
        )

),

rank_fields as (

    select
        asset_level_fields.asset_path,
        asset_level_fields.asset_level,
        asset_levels.level_rank,
        asset_levels.is_addition

    from asset_level_fields

    inner join asset_levels on asset_level_fields.asset_level = asset_levels.asset_level

),

find_levels_without_fields as (

    select
        'level_without_fields' as check_name,
        'error' as severity,
        'asset_track_levels' as seed,
        asset_track_levels.asset_path || '/' || asset_track_levels.track as row_key,
        asset_track_levels.asset_path || ' is asked for at ' || asset_track_levels.asset_level || ' on '
        || asset_track_levels.track || ', and no field says what that takes.' as finding,
        'Add the fields of the level to asset_level_fields.' as resolution

    from asset_track_levels

    inner join asset_levels on asset_track_levels.asset_level = asset_levels.asset_level

    -- left: what is not there is what is looked for. Levels of one rank are worth the same, additions have fields of their own.
    left join rank_fields
        on
            asset_track_levels.asset_path = rank_fields.asset_path
            and asset_levels.level_rank = rank_fields.level_rank
            and asset_levels.is_addition = rank_fields.is_addition
            and (not asset_levels.is_addition or asset_levels.asset_level = rank_fields.asset_level)

    where rank_fields.asset_path is null

),

led_to_playbooks as (

    select playbook

    from checklist_items

    union all

    select playbook

    from signals

    union all

    select playbook

    from cadence_duties

    union all

    select playbook

    from assets

    union all

    select playbook

    from engagement_owners

),

find_unreachable_playbooks as (

    select
        'unreachable_playbook' as check_name,
        'warning' as severity,
        'playbooks' as seed,
        playbook as row_key,
        'No item, signal, duty or asset leads to ' || playbook || '.' as finding,
        'It is carried out when somebody decides to. Name it in a row that it answers if that is not meant.' as resolution

    from playbooks

    where
        playbook not in (
            select led_to_playbooks.playbook

            from led_to_playbooks

            -- Without this a single row that leads nowhere would hide all findings.
            where led_to_playbooks.playbook is not null
        )

),

find_unreachable_signals as (

    select
        'unreachable_signal' as check_name,
        'error' as severity,
        'signals' as seed,
        blueprint || '/' || signal as row_key,
        blueprint || '/' || signal || ' belongs to a blueprint that no engagement can have.' as finding,
        'Remove the signal, or let a track ask for ' || blueprint || '.' as resolution

    from signals

    where
        blueprint not in (
            select reached_blueprints.blueprint

            from reached_blueprints
        )

),

find_duties_never_due as (

    select
        'unreachable_duty' as check_name,
        'error' as severity,
        'cadence_duties' as seed,
        cadence_duties.archetype || '/' || cadence_duties.duty as row_key,
        cadence_duties.archetype || '/' || cadence_duties.duty || ' is due on no track.' as finding,
        'Give it a rhythm in cadences, or remove the duty.' as resolution

    from cadence_duties

    -- left: a duty may have no rhythm at all
    left join cadences
        on
            cadence_duties.archetype = cadences.archetype
            and cadence_duties.duty = cadences.duty

    left join rhythms on cadences.rhythm = rhythms.rhythm

    group by cadence_duties.archetype, cadence_duties.duty

    having max(case when rhythms.duty_kind <> 'none' then 1 else 0 end) = 0

),

list_uses_of_blueprints as (

    {% for seed in ['assets', 'blueprint_tracks', 'checklist_items', 'playbooks', 'signals', 'stakeholders'] -%}
    select
        '{{ seed }}' as seed,
        {{ policy_row_key(seed) }} as row_key,
        blueprint

    from {{ seed }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

find_uses_of_reserved as (

    select
        'reserved_blueprint' as check_name,
        'error' as severity,
        list_uses_of_blueprints.seed,
        list_uses_of_blueprints.row_key,
        'The row belongs to ' || list_uses_of_blueprints.blueprint || ', which is kept free.' as finding,
        'Give it another blueprint, or make that one active.' as resolution

    from list_uses_of_blueprints

    inner join blueprints on list_uses_of_blueprints.blueprint = blueprints.blueprint

    where blueprints.blueprint_status = 'reserved'

),

union_findings as (

    {% for found in [
        'find_unreachable_blueprints', 'find_unreachable_items', 'find_unreachable_assets', 'find_levels_without_fields',
        'find_unreachable_playbooks', 'find_unreachable_signals', 'find_duties_never_due', 'find_uses_of_reserved',
    ] -%}
    select
        check_name,
        severity,
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
