{{ config(materialized='table') }}
{#
    One row per node and recurring duty of policy, also those of the other archetype: whether it is done as often as its
    track asks.

    The gap scan is no row: its evidence is not a file, and int_governance__official_scan_days_flagged says when it is due.
#}

with

nodes as (

    select
        node_id,
        archetype,
        track,
        blueprint_status,
        ended_date,
        is_ended

    from {{ ref('int_infohub__nodes_resolved') }}

),

situations as (

    select
        node_id,
        began_date,
        has_poc,
        specialist_state,
        services_state,
        poc_state,
        poc_starts_date,
        poc_ended_date

    from {{ ref('int_governance__node_situations_read') }}

),

cadence_duties as (

    select
        archetype,
        duty,
        duty_name,
        blueprint,
        asset_path,
        runs_with,
        owner_role,
        playbook

    from {{ ref('cadence_duties') }}

    where asset_path is not null

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

demanded_blueprints as (

    select
        node_id,
        blueprint,
        requirement,
        is_selected,
        is_required

    from {{ ref('int_infohub__blueprints_demanded') }}

),

assessed_assets as (

    select
        node_id,
        asset_path,
        asset_status,
        reading_reason

    from {{ ref('int_infohub__assets_assessed') }}

),

duty_evidence as (

    select
        node_id,
        duty,
        file_path,
        has_field,
        last_date,
        first_date_since_end,
        unreadable_date_count

    from {{ ref('int_governance__duty_evidence_read') }}

),

days as (

    select
        day,
        is_business_day,
        business_day_number

    from {{ ref('int_governance__business_days_numbered') }}

),

ask_duties as (

    select
        nodes.node_id,
        nodes.archetype,
        nodes.track,
        nodes.blueprint_status,
        nodes.ended_date,
        nodes.is_ended,
        cadence_duties.archetype as duty_archetype,
        cadence_duties.duty,
        cadence_duties.duty_name,
        cadence_duties.blueprint,
        cadence_duties.asset_path,
        cadence_duties.runs_with,
        cadence_duties.owner_role,
        cadence_duties.playbook,
        rhythms.rhythm,
        rhythms.rhythm_name,
        rhythms.duty_kind,
        rhythms.maximum_days,
        rhythms.day_kind,
        situations.poc_starts_date,
        case cadence_duties.runs_with
            when 'engagement' then 'running'
            when 'trial'
                then
                    case
                        when situations.poc_ended_date is not null or situations.poc_state = 'completed' then 'over'
                        when situations.poc_starts_date > {{ as_of_date() }} or situations.poc_state = 'planned'
                            then 'not_begun'
                        when situations.poc_state = 'none' then 'none'
                        when situations.poc_state = 'running' or situations.poc_starts_date is not null then 'running'
                        when not situations.has_poc then 'none'
                    end
            when 'specialist'
                then
                    case situations.specialist_state
                        when 'active' then 'running' when 'closed' then 'over' when 'none' then 'none'
                    end
            when 'services'
                then
                    case situations.services_state
                        when 'active' then 'running' when 'complete' then 'over' when 'none' then 'none'
                    end
        end as run_state,
        case cadence_duties.runs_with when 'trial' then situations.poc_starts_date else situations.began_date end
            as since_date

    from nodes

    cross join cadence_duties
    inner join situations on nodes.node_id = situations.node_id

    -- left: without a track no rhythm is known, and the other archetype's duties have none for this node
    left join cadences
        on
            nodes.archetype = cadences.archetype
            and nodes.track = cadences.track
            and cadence_duties.archetype = cadences.archetype
            and cadence_duties.duty = cadences.duty
    left join rhythms on cadences.rhythm = rhythms.rhythm

),

join_evidence as (

    select
        ask_duties.node_id,
        ask_duties.archetype,
        ask_duties.track,
        ask_duties.blueprint_status,
        ask_duties.ended_date,
        ask_duties.is_ended,
        ask_duties.duty_archetype,
        ask_duties.duty,
        ask_duties.duty_name,
        ask_duties.blueprint,
        ask_duties.asset_path,
        ask_duties.runs_with,
        ask_duties.run_state,
        ask_duties.since_date,
        ask_duties.owner_role,
        ask_duties.playbook,
        ask_duties.rhythm,
        ask_duties.rhythm_name,
        ask_duties.duty_kind,
        ask_duties.maximum_days,
        ask_duties.day_kind,
        demanded_blueprints.requirement as blueprint_requirement,
        coalesce(demanded_blueprints.is_required or demanded_blueprints.is_selected, false) as is_blueprint_in_force,
        coalesce(assessed_assets.asset_status, 'missing') as asset_status,
        assessed_assets.reading_reason,
        duty_evidence.file_path,
        coalesce(duty_evidence.has_field, false) as has_field,
        duty_evidence.last_date,
        duty_evidence.first_date_since_end,
        coalesce(duty_evidence.unreadable_date_count, 0) as unreadable_date_count

    from ask_duties

    -- left: a node has demands for the blueprints of its own archetype only, no row for an asset that is neither there nor
    -- asked for, and evidence only in what can be read
    left join demanded_blueprints
        on
            ask_duties.node_id = demanded_blueprints.node_id
            and ask_duties.blueprint = demanded_blueprints.blueprint
    left join assessed_assets
        on
            ask_duties.node_id = assessed_assets.node_id
            and ask_duties.asset_path = assessed_assets.asset_path
    left join duty_evidence
        on
            ask_duties.node_id = duty_evidence.node_id
            and ask_duties.duty = duty_evidence.duty

),

settle_duties as (

    select
        node_id,
        archetype,
        track,
        duty,
        duty_name,
        blueprint,
        asset_path,
        file_path,
        owner_role,
        playbook,
        rhythm,
        rhythm_name,
        duty_kind,
        maximum_days,
        day_kind,
        since_date,
        ended_date,
        -- What is due once is done after the end: what was done before it was something else.
        case duty_kind when 'once' then first_date_since_end else last_date end as last_date,
        case
            when archetype is null then 'insufficient_data'
            when archetype <> duty_archetype then 'not_applicable'
            when track is null or blueprint_status <> 'readable' then 'insufficient_data'
            when coalesce(duty_kind, 'none') = 'none' then 'not_applicable'
            when not is_blueprint_in_force then 'not_applicable'
            when asset_status = 'dropped' then 'not_applicable'
            when duty_kind = 'once' and not is_ended then 'not_applicable'
            when duty_kind = 'recurring' and is_ended then 'not_applicable'
            when duty_kind = 'recurring' and run_state is null then 'insufficient_data'
            when duty_kind = 'recurring' and run_state <> 'running' then 'not_applicable'
            when asset_status <> 'present' then 'insufficient_data'
            when not has_field then 'insufficient_data'
            when last_date is null and unreadable_date_count > 0 then 'insufficient_data'
            when duty_kind = 'once' and ended_date is null then 'insufficient_data'
            when duty_kind = 'recurring' and last_date is null and since_date is null then 'insufficient_data'
        end as settled_status,
        case
            when archetype is null and blueprint_status = 'missing'
                then 'There is no blueprint.yaml, so it is unknown what governs the engagement.'
            when archetype is null
                then 'blueprint.yaml does not tell the archetype, so it is unknown what governs the engagement.'
            when archetype <> duty_archetype then 'The duty belongs to the other archetype.'
            when track is null then 'It is unknown which track is in force.'
            when blueprint_status <> 'readable'
                then
                    case blueprint_status
                        when 'missing' then 'There is no blueprint.yaml' else 'blueprint.yaml cannot be read'
                    end
                    || ', so it is unknown what the engagement has selected or dropped.'
            when coalesce(duty_kind, 'none') = 'none'
                then 'The track sets no rhythm for it' || coalesce(': ' || nullif(rhythm_name, '-'), '') || '.'
            when not is_blueprint_in_force and blueprint_requirement = 'none'
                then 'The track does not ask for ' || blueprint || '.'
            when not is_blueprint_in_force then blueprint || ' is not selected.'
            when asset_status = 'dropped' then 'The engagement has customised ' || asset_path || ' away.'
            when duty_kind = 'once' and not is_ended then 'It is due when the engagement ends, and it goes on.'
            when duty_kind = 'recurring' and is_ended then 'The engagement has ended.'
            when duty_kind = 'recurring' and run_state is null
                then 'Nobody says whether there is a ' || replace(runs_with, 'services', 'services engagement') || '.'
            when duty_kind = 'recurring' and run_state <> 'running'
                then
                    case runs_with
                        when 'trial' then 'The trial ' when 'specialist' then 'The work of a specialist '
                        else 'The work of services '
                    end
                    || case run_state
                        when 'over' then 'is over.' when 'not_begun' then 'has not begun.' else 'is not needed.'
                    end
            when asset_status = 'missing' then asset_path || ' is missing.'
            when asset_status = 'ambiguous' then 'Several files could be ' || asset_path || '.'
            when asset_status = 'later_version' then asset_path || ' is known only as it was written after the day.'
            when asset_status <> 'present'
                then asset_path || ' cannot be read: ' || coalesce(reading_reason, 'unknown') || '.'
            when not has_field then asset_path || ' is blank: the field that tells when it was done is not there.'
            when last_date is null and unreadable_date_count > 0 then asset_path || ' holds no day that can be read.'
            when duty_kind = 'once' and ended_date is null
                then 'The engagement has ended, and nobody says on which day.'
            when duty_kind = 'recurring' and last_date is null and since_date is null
                then 'It has not been done, and it is unknown since when it would have been due.'
        end as settled_reason

    from join_evidence

),

measure_duties as (

    select
        settle_duties.node_id,
        settle_duties.archetype,
        settle_duties.track,
        settle_duties.duty,
        settle_duties.duty_name,
        settle_duties.blueprint,
        settle_duties.asset_path,
        settle_duties.file_path,
        settle_duties.owner_role,
        settle_duties.playbook,
        settle_duties.rhythm,
        settle_duties.rhythm_name,
        settle_duties.duty_kind,
        settle_duties.maximum_days,
        settle_duties.day_kind,
        settle_duties.settled_status,
        settle_duties.settled_reason,
        settle_duties.last_date,
        case settle_duties.duty_kind
            when 'once' then settle_duties.ended_date
            else coalesce(settle_duties.last_date, settle_duties.since_date)
        end as counted_from_date

    from settle_duties

),

number_days as (

    select
        measure_duties.node_id,
        measure_duties.duty,
        first_days.business_day_number as counted_from_number,
        last_days.business_day_number - first_days.business_day_number as business_days_ago

    from measure_duties

    inner join days as first_days on measure_duties.counted_from_date = first_days.day
    inner join days as last_days on last_days.day = {{ as_of_date() }}

    where
        measure_duties.settled_status is null
        and measure_duties.day_kind = 'business'

),

count_days as (

    select
        measure_duties.node_id,
        measure_duties.archetype,
        measure_duties.track,
        measure_duties.duty,
        measure_duties.duty_name,
        measure_duties.blueprint,
        measure_duties.asset_path,
        measure_duties.file_path,
        measure_duties.owner_role,
        measure_duties.playbook,
        measure_duties.rhythm,
        measure_duties.rhythm_name,
        measure_duties.duty_kind,
        measure_duties.maximum_days,
        measure_duties.day_kind,
        measure_duties.settled_status,
        measure_duties.settled_reason,
        measure_duties.last_date,
        measure_duties.counted_from_date,
        {{ days_between('measure_duties.last_date', as_of_date()) }} as days_ago,
        case measure_duties.day_kind
            when 'business' then number_days.business_days_ago
            else {{ days_between('measure_duties.counted_from_date', as_of_date()) }}
        end as counted_days,
        case
            when measure_duties.settled_status is not null then cast(null as date)
            when measure_duties.day_kind = 'business' then due_days.day
            else {{ add_days('measure_duties.counted_from_date', 'measure_duties.maximum_days') }}
        end as due_date

    from measure_duties

    -- left: only what counts business days needs their numbers
    left join number_days
        on
            measure_duties.node_id = number_days.node_id
            and measure_duties.duty = number_days.duty
    left join days as due_days
        on
            due_days.is_business_day
            and due_days.business_day_number = number_days.counted_from_number + measure_duties.maximum_days

),

judge_duties as (

    select
        node_id,
        archetype,
        track,
        duty,
        duty_name,
        blueprint,
        asset_path,
        file_path,
        owner_role,
        playbook,
        rhythm,
        rhythm_name,
        duty_kind,
        maximum_days,
        day_kind,
        settled_reason,
        last_date,
        days_ago,
        counted_days,
        due_date,
        case
            when settled_status is not null then settled_status
            when last_date is null and counted_days <= maximum_days then 'too_early'
            when last_date is null then 'fail'
            when duty_kind = 'once' and last_date <= due_date then 'pass'
            when duty_kind = 'once' then 'fail'
            when counted_days <= maximum_days then 'pass'
            else 'fail'
        end as status

    from count_days

),

explain_duties as (

    select
        node_id,
        archetype,
        track,
        duty,
        duty_name,
        blueprint,
        asset_path,
        file_path,
        rhythm,
        status,
        case
            when settled_reason is not null then settled_reason
            when duty_kind = 'once' and last_date is not null
                then
                    duty_name || ': done on ' || cast(last_date as string) || ', due by ' || cast(due_date as string) || '.'
            when duty_kind = 'once'
                then duty_name || ': not done since the end, due by ' || cast(due_date as string) || '.'
            when last_date is null and status = 'too_early'
                then duty_name || ' is due by ' || cast(due_date as string) || ' for the first time.'
            when last_date is null
                then duty_name || ': there has been none, due by ' || cast(due_date as string) || '.'
            else
                duty_name || ': last on ' || cast(last_date as string) || ', ' || cast(counted_days as string) || ' '
                || day_kind || case counted_days when 1 then ' day' else ' days' end || ' ago; ' || lower(rhythm_name) || ' allows ' || cast(maximum_days as string) || '.'
        end as reason,
        case when settled_reason is null then last_date end as last_date,
        due_date,
        case when settled_reason is null then days_ago end as days_ago,
        case when settled_reason is null then counted_days end as counted_days,
        maximum_days,
        day_kind,
        owner_role,
        playbook

    from judge_duties

)

select * from explain_duties
