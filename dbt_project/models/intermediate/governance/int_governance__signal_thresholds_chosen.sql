{#
    One row per number of a signal and track, and one for `unknown`: the laxest of them, so that nothing is called out by a
    threshold that may not be the subject's.
#}

with

signal_thresholds as (

    select
        blueprint,
        signal,
        threshold,
        track,
        comparison,
        threshold_value,
        unit

    from {{ ref('signal_thresholds') }}

),

choose_laxest as (

    select
        blueprint,
        signal,
        threshold,
        'unknown' as track,
        comparison,
        threshold_value,
        unit

    from signal_thresholds

    qualify
        row_number() over (
            partition by blueprint, signal, threshold
            order by
                case
                    when comparison in ('at_least', 'more_than') then -threshold_value
                    else threshold_value
                end asc nulls last,
                track asc nulls last
        ) = 1

),

union_thresholds as (

    select
        blueprint,
        signal,
        threshold,
        track,
        comparison,
        threshold_value,
        unit,
        '' as track_note

    from signal_thresholds

    union all

    select
        blueprint,
        signal,
        threshold,
        track,
        comparison,
        threshold_value,
        unit,
        ' No track is known, so the laxest threshold counts.' as track_note

    from choose_laxest

),

word_thresholds as (

    select
        blueprint,
        signal,
        threshold,
        track,
        comparison,
        threshold_value,
        unit,
        replace(comparison, '_', ' ') || ' ' || {{ number_text('threshold_value') }} || ' ' || unit as threshold_text,
        track_note

    from union_thresholds

)

select * from word_thresholds
