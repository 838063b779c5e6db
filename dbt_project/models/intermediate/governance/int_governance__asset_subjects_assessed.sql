{# One row per node, asset that is asked for, and check of it: whether it is there, at its level, fresh, and dropped for a reason. #}

with

nodes as (

    select
        node_id,
        severity,
        owner_role,
        is_ended

    from {{ ref('int_governance__nodes_weighed') }}

),

assets as (

    select
        node_id,
        asset_path,
        blueprint,
        owner_role,
        is_extra,
        demand,
        demanded_level,
        asset_status,
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
        is_content_date_inferred,
        age_days,
        staleness_days,
        is_stale

    from {{ ref('int_infohub__assets_assessed') }}

    where demand in ('required', 'optional')

),

policy_assets as (

    select
        asset_path,
        playbook

    from {{ ref('assets') }}

),

own_assets as (

    select
        assets.node_id,
        assets.asset_path,
        assets.blueprint,
        assets.is_extra,
        assets.demand,
        assets.demanded_level,
        assets.asset_status,
        assets.file_path,
        assets.candidate_paths,
        assets.decoy_path,
        assets.reading_reason,
        assets.reason_line,
        assets.is_dropped_without_reason,
        assets.customisation_reason,
        assets.reached_level,
        assets.is_demanded_level_reached,
        assets.content_date,
        assets.is_content_date_inferred,
        assets.age_days,
        assets.staleness_days,
        assets.is_stale,
        nodes.is_ended,
        nodes.severity,
        coalesce(assets.owner_role, nodes.owner_role) as owner_role,
        policy_assets.playbook

    from assets

    inner join nodes on assets.node_id = nodes.node_id

    -- left: policy knows nothing of what an engagement adds
    left join policy_assets on assets.asset_path = policy_assets.asset_path

),

assess_presence as (

    select
        node_id,
        'assets' as dimension,
        asset_path as subject,
        'presence' as check_name,
        case
            when demand = 'optional' or asset_status = 'dropped' then 'not_applicable'
            when asset_status in ('missing', 'ambiguous', 'unreadable') then 'fail'
            when asset_status = 'later_version' then 'insufficient_data'
            else 'pass'
        end as status,
        case asset_status
            when 'missing' then 'asset_missing'
            when 'ambiguous' then 'asset_ambiguous'
            when 'unreadable' then 'asset_unreadable'
        end as gap_kind,
        demand = 'required' and asset_status in ('missing', 'ambiguous', 'unreadable') as is_gap,
        asset_status <> 'later_version' as is_assessed,
        case
            when asset_status = 'dropped'
                then 'The engagement has customised it away: ' || coalesce(customisation_reason, 'no reason given') || '.'
            when asset_status = 'missing'
                then
                    asset_path || ' is missing; '
                    || case when is_extra then 'blueprint.yaml adds it.' else blueprint || ' asks for it.' end
                    || case
                        when decoy_path is not null then ' ' || decoy_path || ' is a note and does not count.' else ''
                    end
                    || case when is_dropped_without_reason then ' It is dropped without a reason.' else '' end
            when asset_status = 'ambiguous' then 'Several files could be ' || asset_path || ': ' || candidate_paths || '.'
            when asset_status = 'later_version'
                then asset_path || ' is known only as it was written after the day.'
            when asset_status = 'unreadable'
                then
                    coalesce(file_path, asset_path) || ' cannot be read'
                    || case when reason_line is not null then ', line ' || cast(reason_line as string) else '' end
                    || ': ' || coalesce(reading_reason, 'unknown') || '.'
            else asset_path || ' is there.'
        end as reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        coalesce(file_path, candidate_paths) as evidence_path,
        asset_status as observed_value,
        'present' as threshold,
        cast(null as date) as waiver_expires_date

    from own_assets

),

assess_levels as (

    select
        node_id,
        'assets' as dimension,
        asset_path as subject,
        'level' as check_name,
        case
            when demand = 'optional' or asset_status = 'dropped' then 'not_applicable'
            when asset_status <> 'present' then 'insufficient_data'
            when is_demanded_level_reached then 'pass'
            else 'fail'
        end as status,
        'asset_below_level' as gap_kind,
        demand = 'required' and asset_status = 'present' and not is_demanded_level_reached as is_gap,
        -- What is not there reaches no level: that is known.
        asset_status in ('present', 'missing', 'dropped') as is_assessed,
        case
            when asset_status = 'dropped' then 'The engagement has customised it away.'
            when asset_status <> 'present' then 'As long as ' || asset_path || ' is ' || asset_status || ' it has no level.'
            when is_demanded_level_reached
                then asset_path || ' reaches ' || coalesce(reached_level, 'no level') || '; ' || demanded_level || ' is asked for.'
            else
                asset_path || ' reaches ' || coalesce(reached_level, 'no level') || ', not ' || demanded_level
                || ': fields of it are missing or hold placeholders.'
        end as reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        coalesce(file_path, candidate_paths) as evidence_path,
        reached_level as observed_value,
        demanded_level as threshold,
        cast(null as date) as waiver_expires_date

    from own_assets

    -- What an engagement adds has no levels.
    where demanded_level is not null

),

assess_freshness as (

    select
        node_id,
        'assets' as dimension,
        asset_path as subject,
        'freshness' as check_name,
        case
            when demand = 'optional' or asset_status = 'dropped' or is_ended or staleness_days is null
                then 'not_applicable'
            when asset_status <> 'present' or age_days is null then 'insufficient_data'
            when is_stale then 'fail'
            else 'pass'
        end as status,
        'asset_stale' as gap_kind,
        demand = 'required' and asset_status = 'present' and is_stale as is_gap,
        asset_status in ('present', 'missing', 'dropped') as is_assessed,
        case
            when asset_status = 'dropped' then 'The engagement has customised it away.'
            when is_ended then 'The engagement has ended.'
            when staleness_days is null then 'The track sets no age.'
            when asset_status <> 'present' then 'As long as ' || asset_path || ' is ' || asset_status || ' it has no age.'
            when age_days is null then 'Nothing tells the age of ' || asset_path || '.'
            else
                asset_path || ' is of ' || cast(content_date as string)
                || case when is_content_date_inferred then ' by the file system' else '' end
                || ', ' || cast(age_days as string) || ' days old; the track allows '
                || cast(staleness_days as string) || '.'
        end as reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        coalesce(file_path, candidate_paths) as evidence_path,
        cast(age_days as string) as observed_value,
        cast(staleness_days as string) as threshold,
        cast(null as date) as waiver_expires_date

    from own_assets

),

assess_customisations as (

    select
        node_id,
        'assets' as dimension,
        asset_path as subject,
        'customisation' as check_name,
        'fail' as status,
        'asset_dropped_without_reason' as gap_kind,
        demand = 'required' as is_gap,
        true as is_assessed,
        'blueprint.yaml drops ' || asset_path || ' and gives no reason, so it is still asked for.' as reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        file_path as evidence_path,
        'no reason' as observed_value,
        cast(null as string) as threshold,
        cast(null as date) as waiver_expires_date

    from own_assets

    where
        is_dropped_without_reason
        and demand = 'required'

),

union_subjects as (

    {% for assessed in ['assess_presence', 'assess_levels', 'assess_freshness', 'assess_customisations'] -%}
    select
        node_id,
        dimension,
        subject,
        check_name,
        status,
        gap_kind,
        is_gap,
        is_assessed,
        reason,
        severity,
        owner_role,
        playbook,
        blueprint,
        asset_path,
        evidence_path,
        observed_value,
        threshold,
        waiver_expires_date

    from {{ assessed }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

)

select * from union_subjects
