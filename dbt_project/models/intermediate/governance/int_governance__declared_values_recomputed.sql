{{ config(materialized='table') }}
{#
    One row per declared value and recomputation that policy knows of it: what it comes out as, with the words that say how.

    A recomputation whose inputs are missing, or are no numbers and days, comes out as null: that is no disagreement.
#}

with

declared_values as (

    select
        declared_value_id,
        declared_value,
        source_part,
        source_value,
        first_value,
        second_value,
        thresholds,
        recomputation,
        source_path,
        first_path,
        second_path,
        accepted_words

    from {{ ref('int_governance__declared_values_read') }}

),

with_sources as (

    select
        declared_value_id,
        source_part,
        recomputation,
        first_path,
        second_path,
        accepted_words

    from declared_values

    where source_part is not null

),

with_thresholds as (

    select
        declared_value_id,
        {{ text_number('first_value') }} as score,
        accepted_words,
        thresholds

    from declared_values

    where recomputation in ('band', 'band_of_entry')

),

unfold_lists as (

    {{ json_array_items(
        'with_sources',
        'source_part',
        ['declared_value_id', 'recomputation', 'first_path', 'second_path', 'accepted_words'],
        'entry'
    ) }}

),

unfold_members as (

    {{ json_object_items(
        'with_sources',
        'source_part',
        ['declared_value_id', 'recomputation', 'first_path', 'second_path', 'accepted_words'],
        'member_name',
        'entry'
    ) }}

),

unfold_thresholds as (

    {{ json_object_items('with_thresholds', 'thresholds', ['declared_value_id', 'score', 'accepted_words'], 'band', 'lowest') }}

),

union_parts as (

    select
        declared_value_id,
        recomputation,
        first_path,
        second_path,
        accepted_words,
        entry,
        item_index

    from unfold_lists

    union all

    select
        declared_value_id,
        recomputation,
        first_path,
        second_path,
        accepted_words,
        entry,
        cast(null as integer) as item_index

    from unfold_members

),

read_parts as (

    select
        declared_value_id,
        recomputation,
        accepted_words,
        item_index,
        {{ json_text_at('entry', 'first_path') }} as first_text,
        {{ json_text_at('entry', 'second_path') }} as second_text

    from union_parts

),

sum_parts as (

    select
        declared_value_id,
        count(*) as part_count,
        count({{ text_number('first_text') }} * {{ text_number('second_text') }}) as number_count,
        sum({{ text_number('second_text') }}) as weight_sum,
        sum({{ text_number('first_text') }} * {{ text_number('second_text') }}) as weighted_sum

    from read_parts

    where recomputation = 'weighted_sum'

    group by declared_value_id

),

weigh_parts as (

    select
        declared_value_id,
        'number' as value_kind,
        -- Weights that do not add up make a sum of something else.
        case when part_count = number_count and round(weight_sum, 4) = 1 then weighted_sum end as recomputed_number,
        cast(null as string) as recomputed_word,
        cast(null as string) as observed_word

    from sum_parts

),

count_matching_parts as (

    select
        declared_value_id,
        count(
            case
                when recomputation = 'count' and (accepted_words is null or {{ plain_name('first_text') }} = accepted_words)
                    then 1
                when
                    recomputation = 'count_overdue'
                    and {{ text_date('first_text') }} < {{ as_of_date() }}
                    and not contains(';' || accepted_words || ';', ';' || coalesce({{ plain_name('second_text') }}, '') || ';')
                    then 1
            end
        ) as entry_count

    from read_parts

    where recomputation in ('count', 'count_overdue')

    group by declared_value_id

),

count_parts as (

    select
        with_sources.declared_value_id,
        'number' as value_kind,
        cast(coalesce(count_matching_parts.entry_count, 0) as double) as recomputed_number,
        cast(null as string) as recomputed_word,
        cast(null as string) as observed_word

    from with_sources

    -- left: an empty list has nothing to unfold, and that is a count of zero
    left join count_matching_parts on with_sources.declared_value_id = count_matching_parts.declared_value_id

    where
        with_sources.recomputation in ('count', 'count_overdue')
        and with_sources.source_part like '[%'

),

compute_numbers as (

    select
        declared_value_id,
        'number' as value_kind,
        case recomputation
            when 'same_number' then {{ text_number('source_value') }}
            when 'difference' then {{ text_number('first_value') }} - {{ text_number('second_value') }}
            when 'product' then {{ text_number('first_value') }} * {{ text_number('second_value') }}
        end as recomputed_number,
        cast(null as string) as recomputed_word,
        cast(null as string) as observed_word

    from declared_values

    where recomputation in ('same_number', 'difference', 'product')

),

choose_bands as (

    select
        declared_value_id,
        band,
        score,
        accepted_words,
        {{ text_number('lowest') }} as lowest_score

    from unfold_thresholds

    where {{ text_number('lowest') }} is not null

    qualify
        row_number() over (
            partition by declared_value_id
            order by
                case when {{ text_number('lowest') }} <= score then 1 else 2 end asc nulls last,
                {{ text_number('lowest') }} desc nulls last,
                band asc nulls last
        ) = 1

),

compute_bands as (

    select
        declared_value_id,
        'word' as value_kind,
        cast(null as double) as recomputed_number,
        case when score >= lowest_score then {{ plain_name('band') }} when score < lowest_score then accepted_words end
            as recomputed_word,
        cast(null as string) as observed_word

    from choose_bands

),

-- Completed by its own account, whatever it says besides. A day to come is a plan.
compute_completions as (

    select
        declared_value_id,
        'word' as value_kind,
        cast(null as double) as recomputed_number,
        case when {{ text_date('first_value') }} <= {{ as_of_date() }} then split_part(accepted_words, ';', 1) end
            as recomputed_word,
        cast(null as string) as observed_word

    from declared_values

    where recomputation = 'done_by_date'

),

order_entries as (

    select
        declared_value_id,
        accepted_words,
        try_cast(first_text as timestamp) as moment,
        lag(try_cast(first_text as timestamp)) over (
            partition by declared_value_id order by item_index asc nulls last
        ) as moment_before

    from read_parts

    where
        recomputation = 'order'
        and try_cast(first_text as timestamp) is not null

),

compute_orders as (

    select
        declared_value_id,
        'word' as value_kind,
        cast(null as double) as recomputed_number,
        case when count(moment_before) > 0 then max(accepted_words) end as recomputed_word,
        case
            when count(case when moment < moment_before then 1 end) = 0 then 'oldest first'
            when count(case when moment > moment_before then 1 end) = 0 then 'newest first'
            else 'out of order'
        end as observed_word

    from order_entries

    group by declared_value_id

),

union_results as (

    {% for result in [
        'weigh_parts', 'count_parts', 'compute_numbers', 'compute_bands', 'compute_completions', 'compute_orders'
    ] -%}
    select
        declared_value_id,
        value_kind,
        recomputed_number,
        recomputed_word,
        observed_word

    from {{ result }}
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

explain_results as (

    select
        declared_values.declared_value_id,
        coalesce(results.value_kind, 'word') as value_kind,
        -- Sums of binary fractions are off behind the last digit that anybody writes.
        round(results.recomputed_number, 4) as recomputed_number,
        results.recomputed_word,
        results.observed_word,
        case declared_values.recomputation
            when 'weighted_sum' then 'the weighted sum of ' || declared_values.source_path
            when 'same_number' then declared_values.source_path
            when 'band' then 'the thresholds that the file sets for ' || declared_values.first_path
            when 'band_of_entry' then 'the thresholds that the file sets for a ' || declared_values.first_path
            when 'difference' then declared_values.first_path || ' less ' || declared_values.second_path
            when 'product' then declared_values.first_path || ' times ' || declared_values.second_path
            when 'count'
                then
                    'the count of ' || declared_values.source_path
                    || case
                        when declared_values.accepted_words is null then ''
                        else ' with ' || declared_values.first_path || ' ' || declared_values.accepted_words
                    end
            when 'count_overdue'
                then
                    'the count of ' || declared_values.source_path || ' that are not done and whose '
                    || declared_values.first_path || ' is over'
            when 'done_by_date'
                then
                    declared_values.first_path || coalesce(' ' || substr(declared_values.first_value, 1, 10), ', which is open')
            when 'order' then 'the order in which a log is kept'
        end as recomputed_from

    from declared_values

    -- left: what cannot be recomputed is listed with the reason
    left join union_results as results on declared_values.declared_value_id = results.declared_value_id

)

select * from explain_results
