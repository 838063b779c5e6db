{{ config(materialized='table') }}
{#
    One row per node and dimension of the gap scan: its status, its counts, and the points that it gives to the score.

    A dimension of which nothing is known gives no points and takes none away: its weight goes to the others. Points are
    differences of rounded running totals, so that they add up to the score to the last digit.
#}

with

subjects as (

    select
        node_id,
        dimension,
        status,
        is_assessed

    from {{ ref('int_governance__subjects_assessed') }}

),

nodes as (

    select
        node_id,
        archetype,
        track

    from {{ ref('int_infohub__nodes_resolved') }}

),

status_words as (

    select
        status,
        precedence,
        counts_in_pass_rate

    from {{ ref('status_words') }}

),

validation_strictness as (

    select
        archetype,
        track,
        minimum_pass_rate_pct

    from {{ ref('validation_strictness') }}

),

governance_score_weights as (

    select
        archetype,
        dimension,
        weight_points

    from {{ ref('governance_score_weights') }}

),

count_subjects as (

    select
        subjects.node_id,
        subjects.dimension,
        min(status_words.precedence) as precedence,
        count(case when subjects.status = 'pass' then 1 end) as pass_count,
        count(case when subjects.status = 'fail' then 1 end) as fail_count,
        count(case when subjects.status = 'manual' then 1 end) as manual_count,
        count(case when subjects.status = 'insufficient_data' then 1 end) as insufficient_data_count,
        count(case when subjects.status = 'too_early' then 1 end) as too_early_count,
        count(case when subjects.status = 'waived' then 1 end) as waived_count,
        count(case when subjects.status <> 'not_applicable' then 1 end) as applicable_count,
        count(case when subjects.status <> 'not_applicable' and subjects.is_assessed then 1 end) as assessed_count,
        count(case when status_words.counts_in_pass_rate then 1 end) as rated_count

    from subjects

    inner join status_words on subjects.status = status_words.status

    group by
        subjects.node_id,
        subjects.dimension

),

join_weights as (

    select
        nodes.node_id,
        governance_score_weights.dimension,
        status_words.status as worst_status,
        count_subjects.pass_count,
        count_subjects.fail_count,
        count_subjects.manual_count,
        count_subjects.insufficient_data_count,
        count_subjects.too_early_count,
        count_subjects.waived_count,
        count_subjects.applicable_count,
        count_subjects.assessed_count,
        count_subjects.rated_count,
        validation_strictness.minimum_pass_rate_pct,
        case
            when count_subjects.pass_count + count_subjects.fail_count + count_subjects.manual_count > 0
                then cast(governance_score_weights.weight_points as double)
            else cast(0 as double)
        end as known_weight,
        case
            when count_subjects.pass_count + count_subjects.fail_count + count_subjects.manual_count > 0
                then
                    cast(governance_score_weights.weight_points as double) * count_subjects.pass_count
                    / (count_subjects.pass_count + count_subjects.fail_count + count_subjects.manual_count)
            else cast(0 as double)
        end as kept_weight

    from nodes

    inner join governance_score_weights
        on coalesce(nodes.archetype, 'unknown') = governance_score_weights.archetype
    inner join count_subjects
        on
            nodes.node_id = count_subjects.node_id
            and governance_score_weights.dimension = count_subjects.dimension
    inner join status_words on count_subjects.precedence = status_words.precedence

    -- left: without archetype and track there is no minimum
    left join validation_strictness
        on
            nodes.archetype = validation_strictness.archetype
            and nodes.track = validation_strictness.track

),

rate_dimensions as (

    select
        node_id,
        dimension,
        worst_status,
        pass_count,
        fail_count,
        manual_count,
        insufficient_data_count,
        too_early_count,
        waived_count,
        applicable_count,
        assessed_count,
        rated_count,
        minimum_pass_rate_pct,
        known_weight,
        kept_weight,
        case
            when rated_count > 0 then round(cast(100 as double) * pass_count / rated_count, 2)
        end as pass_rate_pct,
        sum(known_weight) over (partition by node_id) as all_known_weight,
        coalesce(
            sum(known_weight) over (
                partition by node_id order by dimension asc nulls last
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as known_weight_before,
        coalesce(
            sum(kept_weight) over (
                partition by node_id order by dimension asc nulls last
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as kept_weight_before

    from join_weights

),

score_dimensions as (

    select
        node_id,
        dimension,
        case
            -- A checklist may have failures as long as enough of it passes.
            when dimension = 'checklist' and minimum_pass_rate_pct is not null and rated_count > 0
                then case when pass_rate_pct >= minimum_pass_rate_pct then 'pass' else 'fail' end
            else worst_status
        end as status,
        pass_count,
        fail_count,
        manual_count,
        insufficient_data_count,
        too_early_count,
        waived_count,
        applicable_count,
        assessed_count,
        rated_count,
        pass_rate_pct,
        minimum_pass_rate_pct,
        cast(
            round(100 * (known_weight_before + known_weight) / nullif(all_known_weight, 0), 2)
            - round(100 * known_weight_before / nullif(all_known_weight, 0), 2) as decimal(18, 2)
        ) as maximum_points,
        cast(
            round(100 * (kept_weight_before + kept_weight) / nullif(all_known_weight, 0), 2)
            - round(100 * kept_weight_before / nullif(all_known_weight, 0), 2) as decimal(18, 2)
        ) as points

    from rate_dimensions

)

select * from score_dimensions
