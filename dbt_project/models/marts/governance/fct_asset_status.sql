{# One row per engagement and asset that it is asked for, drops, adds, or has: what is wrong with it on the day asked about. #}

with

assessed_assets as (

    select
        node_id,
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
        reading_reason,
        reason_line,
        is_dropped_without_reason,
        customisation_reason,
        reached_level,
        is_demanded_level_reached,
        content_date,
        content_date_key,
        is_content_date_inferred,
        age_days,
        staleness_days,
        is_stale

    from {{ ref('int_infohub__assets_assessed') }}

),

nodes as (

    select
        node_id,
        source_instance,
        realm,
        node,
        archetype,
        track,
        account_id,
        opportunity_id

    from {{ ref('int_infohub__nodes_resolved') }}

),

assets as (

    select
        asset_path,
        playbook

    from {{ ref('assets') }}

),

validation_strictness as (

    select
        archetype,
        track,
        severity

    from {{ ref('validation_strictness') }}

),

active_waivers as (

    select
        node_id,
        lower(declared_rule) as waived_path,
        reason,
        expires_date

    from {{ ref('int_infohub__waivers_parsed') }}

    where waiver_status = 'active'

    -- Of two waivers of one asset the one that lasts longer counts.
    qualify
        row_number() over (
            partition by node_id, lower(declared_rule)
            order by expires_date desc nulls last, entry_index asc nulls last
        ) = 1

),

name_problems as (

    select
        node_id,
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
        reading_reason,
        reason_line,
        is_dropped_without_reason,
        customisation_reason,
        reached_level,
        is_demanded_level_reached,
        content_date,
        content_date_key,
        is_content_date_inferred,
        age_days,
        staleness_days,
        is_stale,
        case
            when asset_status = 'dropped' then 'dropped'
            when asset_status = 'missing' and is_dropped_without_reason then 'dropped_without_reason'
            when asset_status <> 'present' then asset_status
            when not is_demanded_level_reached then 'below_level'
            when is_stale then 'stale'
            else 'none'
        end as problem

    from assessed_assets

),

describe_assets as (

    select
        node_id,
        asset_path,
        blueprint,
        owner_role,
        is_extra,
        blueprint_requirement,
        demand,
        demanded_level,
        match_rule,
        file_path,
        reached_level,
        is_demanded_level_reached,
        content_date,
        content_date_key,
        is_content_date_inferred,
        age_days,
        staleness_days,
        is_stale,
        problem,
        case
            when demand = 'required' or problem = 'dropped' then ''
            when demand = 'optional' then 'It is optional. '
            when demand = 'not_asked_for' then 'The track does not ask for it. '
            when demand = 'not_of_archetype' then 'It belongs to the other archetype. '
            else 'It is unknown whether it is asked for. '
        end as demand_sentence,
        case
            when problem = 'dropped'
                then 'The engagement has customised ' || asset_path || ' away: ' || coalesce(customisation_reason, '') || '.'
            when problem in ('missing', 'dropped_without_reason')
                then
                    asset_path || ' is missing'
                    || case
                        when is_extra then '; blueprint.yaml adds it.'
                        when demand = 'required' then '; ' || blueprint || ' asks for it.'
                        else '.'
                    end
                    || case when is_dropped_without_reason then ' blueprint.yaml drops it and gives no reason.' else '' end
                    || coalesce(' ' || decoy_path || ' is a note and does not count.', '')
            when problem = 'ambiguous' then 'Several files could be ' || asset_path || ': ' || candidate_paths || '.'
            when problem = 'later_version' then asset_path || ' is known only as it was written after the day.'
            when problem = 'unreadable'
                then
                    coalesce(file_path, asset_path) || ' cannot be read'
                    || coalesce(', line ' || cast(reason_line as string), '') || ': ' || coalesce(reading_reason, 'unknown') || '.'
            else
                asset_path || ' is there'
                || case match_rule
                    when 'exact' then ''
                    when 'alias' then ' under another name'
                    when 'stem' then ' in another folder'
                    else ' below ' || replace(match_rule, '_', '-')
                end
                || case
                    when is_demanded_level_reached
                        then ', reaches ' || coalesce(reached_level, 'no level') || ' where ' || demanded_level || ' is asked for'
                    when not is_demanded_level_reached
                        then ', reaches ' || coalesce(reached_level, 'no level') || ' and not ' || demanded_level
                    else ''
                end
                || case
                    when content_date is null then ', and tells no day.'
                    else
                        ', and is of ' || cast(content_date as string)
                        || case
                            when is_content_date_inferred then ' by the file system'
                            else coalesce(' by its ' || content_date_key, '')
                        end
                        || coalesce(', ' || cast(age_days as string) || ' days old', '')
                        || case
                            when is_stale then '; the track allows ' || cast(staleness_days as string) || '.'
                            else '.'
                        end
                end
        end as asset_sentence

    from name_problems

),

judge_assets as (

    select
        node_id,
        asset_path,
        blueprint,
        owner_role,
        is_extra,
        blueprint_requirement,
        demand,
        demanded_level,
        match_rule,
        file_path,
        reached_level,
        is_demanded_level_reached,
        content_date,
        content_date_key,
        is_content_date_inferred,
        age_days,
        staleness_days,
        is_stale,
        problem,
        demand_sentence || asset_sentence as reason,
        case
            when problem = 'dropped' then 'not_applicable'
            when demand = 'unknown' then 'insufficient_data'
            when demand <> 'required' then 'not_applicable'
            when problem = 'later_version' then 'insufficient_data'
            when problem = 'none' then 'pass'
            else 'fail'
        end as status_before_waiver

    from describe_assets

),

join_nodes as (

    select
        {{ as_of_date() }} as as_of_date,
        judge_assets.node_id,
        nodes.source_instance,
        nodes.realm,
        nodes.node,
        nodes.account_id,
        nodes.opportunity_id,
        nodes.archetype,
        nodes.track,
        judge_assets.asset_path,
        judge_assets.blueprint,
        judge_assets.is_extra,
        judge_assets.blueprint_requirement,
        judge_assets.demand,
        case
            when judge_assets.status_before_waiver = 'fail' and active_waivers.node_id is not null then 'waived'
            else judge_assets.status_before_waiver
        end as status,
        judge_assets.status_before_waiver,
        judge_assets.problem,
        judge_assets.reason,
        judge_assets.demanded_level,
        judge_assets.reached_level,
        judge_assets.is_demanded_level_reached,
        judge_assets.file_path,
        judge_assets.match_rule,
        judge_assets.content_date,
        judge_assets.content_date_key,
        judge_assets.is_content_date_inferred,
        judge_assets.age_days,
        judge_assets.staleness_days,
        judge_assets.is_stale,
        validation_strictness.severity,
        judge_assets.owner_role,
        assets.playbook,
        active_waivers.reason as waiver_reason,
        active_waivers.expires_date as waiver_expires_date

    from judge_assets

    inner join nodes on judge_assets.node_id = nodes.node_id

    -- left: what a node adds is no asset of policy, without a track nobody knows how strict to be, and little is waived
    left join assets on judge_assets.asset_path = assets.asset_path
    left join validation_strictness
        on
            nodes.archetype = validation_strictness.archetype
            and nodes.track = validation_strictness.track
    left join active_waivers
        on
            judge_assets.node_id = active_waivers.node_id
            and lower(judge_assets.asset_path) = active_waivers.waived_path

)

select * from join_nodes
