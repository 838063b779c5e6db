{{ config(materialized='table') }}
{#
    One row per node and asset that it is asked for, drops, adds, or has: what becomes of the asset on the day.

    What is demanded is known of nodes with a track; what is there is known of all.
#}

with

nodes as (

    select
        node_id,
        source_instance,
        realm,
        node,
        archetype,
        track,
        is_ended

    from {{ ref('int_infohub__nodes_resolved') }}

),

assets as (

    select
        asset_path,
        blueprint,
        owner_role

    from {{ ref('assets') }}

),

demanded_blueprints as (

    select
        node_id,
        blueprint,
        requirement,
        is_required

    from {{ ref('int_infohub__blueprints_demanded') }}

),

asset_track_levels as (

    select
        asset_path,
        track,
        asset_level,
        requirement

    from {{ ref('asset_track_levels') }}

),

asset_levels as (

    select
        asset_level,
        level_rank,
        is_addition

    from {{ ref('asset_levels') }}

),

validation_strictness as (

    select
        archetype,
        track,
        staleness_days

    from {{ ref('validation_strictness') }}

),

customisations as (

    select
        node_id,
        asset_path,
        customisation_kind,
        customisation_status,
        declared_level,
        reason,
        entry_index

    from {{ ref('int_infohub__customisations_parsed') }}

),

matched_assets as (

    select
        node_id,
        asset_path,
        match_rule,
        candidate_count,
        candidate_paths,
        file_path,
        is_readable,
        reading_reason_code,
        reading_reason,
        reason_line,
        content_date,
        content_date_key,
        is_content_date_inferred,
        is_later_version

    from {{ ref('int_infohub__assets_matched') }}

),

reached_levels as (

    select
        node_id,
        asset_path,
        asset_level,
        level_rank,
        has_addition

    from {{ ref('int_infohub__asset_levels_reached') }}

),

files as (

    select
        node_id,
        file_path,
        area,
        asset_path,
        file_kind,
        is_readable,
        reading_reason_code,
        reading_reason,
        reason_line,
        content_date,
        content_date_key,
        is_content_date_inferred,
        is_later_version

    from {{ ref('int_infohub__files_dated') }}

),

-- The first word on an asset counts; whoever drops it twice has said it once.
choose_customisations as (

    select
        node_id,
        asset_path,
        customisation_kind,
        customisation_status,
        declared_level,
        reason

    from customisations

    qualify
        row_number() over (
            partition by node_id, asset_path, customisation_kind
            order by
                case customisation_status when 'accepted' then 1 else 2 end asc nulls last,
                entry_index asc nulls last
        ) = 1

),

list_decoys as (

    select
        node_id,
        {{ file_name('asset_path') }} as file_name,
        min(file_path) as decoy_path

    from files

    where file_kind = 'note'

    group by node_id, {{ file_name('asset_path') }}

),

demand_assets as (

    select
        nodes.node_id,
        assets.asset_path,
        assets.blueprint,
        assets.owner_role,
        demanded_blueprints.requirement as blueprint_requirement,
        asset_track_levels.asset_level as demanded_level,
        case
            when nodes.archetype is null or demanded_blueprints.requirement = 'unknown' then 'unknown'
            when demanded_blueprints.requirement is null then 'not_of_archetype'
            when demanded_blueprints.is_required and asset_track_levels.requirement = 'optional'
                then 'optional'
            when demanded_blueprints.is_required then 'required'
            when demanded_blueprints.requirement = 'optional' then 'optional'
            else 'not_asked_for'
        end as demand

    from nodes

    -- Assets of the other archetype are looked for too: a file that is there is shown.
    cross join assets

    -- left: a node without archetype or track asks for nothing that is known
    left join demanded_blueprints
        on
            nodes.node_id = demanded_blueprints.node_id
            and assets.blueprint = demanded_blueprints.blueprint
    left join asset_track_levels
        on
            assets.asset_path = asset_track_levels.asset_path
            and nodes.track = asset_track_levels.track

),

assess_policy_assets as (

    select
        demand_assets.node_id,
        demand_assets.asset_path,
        demand_assets.blueprint,
        demand_assets.owner_role,
        false as is_extra,
        demand_assets.blueprint_requirement,
        demand_assets.demand,
        dropped_assets.reason as customisation_reason,
        matched_assets.match_rule,
        matched_assets.candidate_paths,
        matched_assets.file_path,
        matched_assets.is_readable,
        matched_assets.reading_reason_code,
        matched_assets.reading_reason,
        matched_assets.reason_line,
        matched_assets.content_date,
        matched_assets.content_date_key,
        matched_assets.is_content_date_inferred,
        matched_assets.is_later_version,
        decoys.decoy_path,
        case when demand_assets.demand in ('required', 'optional') then demand_assets.demanded_level end
            as demanded_level,
        coalesce(dropped_assets.customisation_status = 'accepted', false) as is_dropped,
        coalesce(dropped_assets.customisation_status = 'without_reason', false) as is_dropped_without_reason

    from demand_assets

    -- left: what is not there is what is looked for
    left join choose_customisations as dropped_assets
        on
            demand_assets.node_id = dropped_assets.node_id
            and demand_assets.asset_path = dropped_assets.asset_path
            and dropped_assets.customisation_kind = 'dropped'
    left join matched_assets
        on
            demand_assets.node_id = matched_assets.node_id
            and demand_assets.asset_path = matched_assets.asset_path
    left join list_decoys as decoys
        on
            demand_assets.node_id = decoys.node_id
            and {{ file_name('demand_assets.asset_path') }} = decoys.file_name

    where
        demand_assets.demand in ('required', 'optional')
        or dropped_assets.node_id is not null
        or matched_assets.node_id is not null
        -- A note of that name may be what somebody took for the asset, also where the demand is unknown.
        or (demand_assets.demand = 'unknown' and decoys.node_id is not null)

),

assess_extra_assets as (

    select
        nodes.node_id,
        extra_assets.asset_path,
        cast(null as string) as blueprint,
        cast(null as string) as owner_role,
        true as is_extra,
        cast(null as string) as blueprint_requirement,
        'required' as demand,
        cast(null as string) as demanded_level,
        false as is_dropped,
        false as is_dropped_without_reason,
        extra_assets.reason as customisation_reason,
        files.file_path as candidate_paths,
        files.file_path,
        files.is_readable,
        files.reading_reason_code,
        files.reading_reason,
        files.reason_line,
        files.content_date,
        files.content_date_key,
        files.is_content_date_inferred,
        files.is_later_version,
        cast(null as string) as decoy_path,
        case
            when files.area = 'internal-infohub' then 'internal_infohub'
            when files.area = 'external-infohub' then 'external_infohub'
            when files.file_path is not null then 'exact'
        end as match_rule

    from nodes

    inner join choose_customisations as extra_assets
        on
            nodes.node_id = extra_assets.node_id
            and extra_assets.customisation_kind = 'extra'
            and extra_assets.customisation_status = 'accepted'

    -- left: what is not there is what is looked for
    left join files
        on
            extra_assets.node_id = files.node_id
            and extra_assets.asset_path = files.asset_path
            and files.file_kind in ('asset', 'canvas')

    qualify
        row_number() over (
            partition by nodes.node_id, extra_assets.asset_path
            order by
                case
                    when files.area is null then 1 when files.area = 'internal-infohub' then 2 else 3
                end asc nulls last,
                files.file_path asc nulls last
        ) = 1

),

union_assets as (

    select
        node_id,
        asset_path,
        blueprint,
        owner_role,
        is_extra,
        blueprint_requirement,
        demand,
        demanded_level,
        is_dropped,
        is_dropped_without_reason,
        customisation_reason,
        match_rule,
        candidate_paths,
        file_path,
        is_readable,
        reading_reason_code,
        reading_reason,
        reason_line,
        content_date,
        content_date_key,
        is_content_date_inferred,
        is_later_version,
        decoy_path

    from assess_policy_assets

    union all

    select
        node_id,
        asset_path,
        blueprint,
        owner_role,
        is_extra,
        blueprint_requirement,
        demand,
        demanded_level,
        is_dropped,
        is_dropped_without_reason,
        customisation_reason,
        match_rule,
        candidate_paths,
        file_path,
        is_readable,
        reading_reason_code,
        reading_reason,
        reason_line,
        content_date,
        content_date_key,
        is_content_date_inferred,
        is_later_version,
        decoy_path

    from assess_extra_assets

),

judge_assets as (

    select
        assessed_assets.node_id,
        nodes.source_instance,
        nodes.realm,
        nodes.node,
        nodes.archetype,
        nodes.track,
        assessed_assets.asset_path,
        assessed_assets.blueprint,
        assessed_assets.owner_role,
        assessed_assets.is_extra,
        assessed_assets.blueprint_requirement,
        assessed_assets.demand,
        assessed_assets.demanded_level,
        case
            when assessed_assets.is_dropped then 'dropped'
            when assessed_assets.match_rule is null then 'missing'
            when assessed_assets.match_rule = 'ambiguous' then 'ambiguous'
            when assessed_assets.is_later_version then 'later_version'
            when not assessed_assets.is_readable then 'unreadable'
            else 'present'
        end as asset_status,
        assessed_assets.match_rule,
        assessed_assets.file_path,
        assessed_assets.candidate_paths,
        assessed_assets.decoy_path,
        assessed_assets.reading_reason_code,
        assessed_assets.reading_reason,
        assessed_assets.reason_line,
        assessed_assets.is_dropped_without_reason,
        assessed_assets.customisation_reason,
        reached_levels.asset_level as reached_level,
        reached_levels.level_rank as reached_level_rank,
        coalesce(reached_levels.has_addition, false) as has_addition,
        demanded_levels.level_rank as demanded_level_rank,
        coalesce(demanded_levels.is_addition, false) as is_addition_demanded,
        assessed_assets.content_date,
        assessed_assets.content_date_key,
        assessed_assets.is_content_date_inferred,
        case
            when not assessed_assets.is_later_version
                then {{ days_between('assessed_assets.content_date', as_of_date()) }}
        end as age_days,
        validation_strictness.staleness_days,
        nodes.is_ended

    from union_assets as assessed_assets

    inner join nodes on assessed_assets.node_id = nodes.node_id

    -- left: what cannot be read reaches no level, and without a demand or a track nothing is measured
    left join reached_levels
        on
            assessed_assets.node_id = reached_levels.node_id
            and assessed_assets.asset_path = reached_levels.asset_path
    left join asset_levels as demanded_levels on assessed_assets.demanded_level = demanded_levels.asset_level
    left join validation_strictness
        on
            nodes.archetype = validation_strictness.archetype
            and nodes.track = validation_strictness.track

),

measure_assets as (

    select
        node_id,
        source_instance,
        realm,
        node,
        archetype,
        track,
        asset_path,
        blueprint,
        owner_role,
        is_extra,
        blueprint_requirement,
        demand,
        demanded_level,
        asset_status,
        match_rule,
        file_path,
        candidate_paths,
        decoy_path,
        reading_reason_code,
        reading_reason,
        reason_line,
        is_dropped_without_reason,
        customisation_reason,
        reached_level,
        has_addition,
        content_date,
        content_date_key,
        is_content_date_inferred,
        age_days,
        staleness_days,
        case
            when
                demanded_level_rank is null or asset_status not in ('present', 'missing', 'unreadable')
                then cast(null as boolean)
            else
                asset_status = 'present'
                and coalesce(reached_level_rank >= demanded_level_rank, false)
                and (has_addition or not is_addition_demanded)
        end as is_demanded_level_reached,
        case
            when asset_status = 'present' then coalesce(not is_ended and age_days > staleness_days, false)
        end as is_stale

    from judge_assets

)

select * from measure_assets
