{#
    One row per node whose blueprint.yaml names a track for the day, with the tracks before and after it.

    An override goes before the history, and the history before the track that is declared beside it: whoever writes a
    history writes days, and whoever changes only the one word forgets them.
#}

with

listed_tracks as (

    select
        node_id,
        track_basis,
        entry_index,
        declared_track,
        track,
        valid_from_date,
        valid_to_date,
        override_reason,
        override_approver

    from {{ ref('int_infohub__tracks_listed') }}

),

mark_tracks as (

    select
        node_id,
        track_basis,
        entry_index,
        declared_track,
        track,
        valid_from_date,
        valid_to_date,
        override_reason,
        coalesce(valid_from_date <= {{ as_of_date() }}, true)
        and coalesce(valid_to_date >= {{ as_of_date() }}, true)
        -- An override without a reason, an approver and an end is a wish.
        and (
            track_basis <> 'override'
            or (override_reason is not null and override_approver is not null and valid_to_date is not null)
        ) as is_in_force

    from listed_tracks

),

choose_tracks_in_force as (

    select
        node_id,
        track_basis,
        declared_track,
        track,
        valid_from_date,
        valid_to_date,
        override_reason

    from mark_tracks

    where is_in_force

    qualify
        row_number() over (
            partition by node_id
            order by
                case track_basis when 'override' then 1 when 'history' then 2 else 3 end asc nulls last,
                valid_from_date desc nulls last,
                entry_index desc nulls last
        ) = 1

),

choose_previous_tracks as (

    select
        tracks_in_force.node_id,
        mark_tracks.track as previous_track,
        mark_tracks.valid_to_date as previous_track_to_date

    from choose_tracks_in_force as tracks_in_force

    inner join mark_tracks on tracks_in_force.node_id = mark_tracks.node_id

    where
        mark_tracks.valid_to_date < {{ as_of_date() }}
        and mark_tracks.track is distinct from tracks_in_force.track

    qualify
        row_number() over (
            partition by tracks_in_force.node_id
            order by
                mark_tracks.valid_to_date desc nulls last,
                mark_tracks.entry_index desc nulls last,
                mark_tracks.track_basis asc nulls last
        ) = 1

),

choose_planned_tracks as (

    select
        tracks_in_force.node_id,
        mark_tracks.track as planned_track,
        mark_tracks.valid_from_date as planned_track_from_date

    from choose_tracks_in_force as tracks_in_force

    inner join mark_tracks on tracks_in_force.node_id = mark_tracks.node_id

    where
        mark_tracks.valid_from_date > {{ as_of_date() }}
        and mark_tracks.track is distinct from tracks_in_force.track

    qualify
        row_number() over (
            partition by tracks_in_force.node_id
            order by
                mark_tracks.valid_from_date asc nulls last,
                mark_tracks.entry_index asc nulls last,
                mark_tracks.track_basis asc nulls last
        ) = 1

),

join_tracks as (

    select
        tracks_in_force.node_id,
        tracks_in_force.track_basis,
        tracks_in_force.declared_track,
        tracks_in_force.track,
        tracks_in_force.valid_from_date as track_from_date,
        tracks_in_force.valid_to_date as track_to_date,
        tracks_in_force.override_reason,
        previous_tracks.previous_track,
        previous_tracks.previous_track_to_date,
        planned_tracks.planned_track,
        planned_tracks.planned_track_from_date

    from choose_tracks_in_force as tracks_in_force

    -- left: most nodes never change their track
    left join choose_previous_tracks as previous_tracks on tracks_in_force.node_id = previous_tracks.node_id
    left join choose_planned_tracks as planned_tracks on tracks_in_force.node_id = planned_tracks.node_id

)

select * from join_tracks
