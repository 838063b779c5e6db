{{ config(materialized='table') }}
{#
    One row per number or status that a file of a node declares and that can be compared: declared, recomputed, and whether
    the two agree.

    Where policy knows several recomputations of a value the first whose inputs are there counts. What cannot be recomputed
    neither agrees nor disagrees.
#}

with

declared_values as (

    select
        node_id,
        asset_path,
        file_path,
        document_index,
        declaration,
        field,
        declared_value_id,
        declared_value,
        preference,
        recomputation,
        accepted_words,
        tolerance,
        owner_role

    from {{ ref('int_governance__declared_values_read') }}

),

recomputed_values as (

    select
        declared_value_id,
        value_kind,
        recomputed_number,
        recomputed_word,
        observed_word,
        recomputed_from

    from {{ ref('int_governance__declared_values_recomputed') }}

),

checklist_entries as (

    select
        node_id,
        file_path,
        phase,
        entry_index,
        blueprint,
        item,
        declared_status

    from {{ ref('int_infohub__checklist_entries_parsed') }}

    -- Entries of the node's own are no policy, and nothing is known to hold them against.
    where
        item is not null
        and declared_status is not null

),

checked_items as (

    select
        node_id,
        blueprint,
        item,
        status,
        reason

    from {{ ref('int_governance__items_checked') }}

),

active_waivers as (

    select distinct
        node_id,
        blueprint,
        item

    from {{ ref('int_infohub__waivers_parsed') }}

    where waiver_status = 'active'

),

declared_status_words as (

    select
        declared_word,
        status,
        is_usual_word

    from {{ ref('declared_status_words') }}

),

blueprints as (

    select
        blueprint,
        owner_role

    from {{ ref('blueprints') }}

),

write_values as (

    select
        declared_values.node_id,
        declared_values.asset_path,
        declared_values.file_path,
        declared_values.document_index,
        declared_values.declaration,
        declared_values.field,
        declared_values.preference,
        declared_values.recomputation,
        declared_values.accepted_words,
        declared_values.tolerance,
        declared_values.owner_role,
        recomputed_values.value_kind,
        recomputed_values.recomputed_from,
        recomputed_values.recomputed_number,
        coalesce(recomputed_values.observed_word, declared_values.declared_value) as declared_value,
        {{ text_number('declared_values.declared_value') }} as declared_number,
        case
            when recomputed_values.value_kind = 'word' then recomputed_values.recomputed_word
            -- A change is written with its sign.
            when declared_values.recomputation = 'difference' and recomputed_values.recomputed_number >= 0
                then '+' || {{ number_text('recomputed_values.recomputed_number') }}
            else {{ number_text('recomputed_values.recomputed_number') }}
        end as recomputed_value

    from declared_values

    inner join recomputed_values on declared_values.declared_value_id = recomputed_values.declared_value_id

    qualify
        row_number() over (
            partition by
                declared_values.node_id, declared_values.file_path, declared_values.document_index, declared_values.field
            order by
                case
                    when recomputed_values.recomputed_word is null and recomputed_values.recomputed_number is null then 2 else 1
                end asc nulls last,
                declared_values.preference asc nulls last,
                declared_values.declaration asc nulls last
        ) = 1

),

compare_values as (

    select
        node_id,
        asset_path,
        file_path,
        document_index,
        declaration,
        field,
        recomputation,
        owner_role,
        declared_value,
        recomputed_value,
        recomputed_from,
        case
            when recomputed_value is null then cast(null as boolean)
            when value_kind = 'number' then round(abs(declared_number - recomputed_number), 4) <= tolerance
            when recomputation = 'done_by_date'
                then contains(';' || accepted_words || ';', ';' || {{ plain_name('declared_value') }} || ';')
            when recomputation = 'order' then declared_value = recomputed_value
            else {{ plain_name('declared_value') }} = recomputed_value
        end as agrees

    from write_values

),

join_results as (

    select
        checklist_entries.node_id,
        checklist_entries.file_path,
        checklist_entries.blueprint,
        checklist_entries.item,
        checklist_entries.declared_status,
        case
            when
                checked_items.status in ('fail', 'insufficient_data', 'manual') and active_waivers.item is not null
                then 'waived'
            else checked_items.status
        end as status,
        checked_items.reason

    from checklist_entries

    inner join checked_items
        on
            checklist_entries.node_id = checked_items.node_id
            and checklist_entries.blueprint = checked_items.blueprint
            and checklist_entries.item = checked_items.item

    -- left: few failures are waived
    left join active_waivers
        on
            checked_items.node_id = active_waivers.node_id
            and checked_items.blueprint = active_waivers.blueprint
            and checked_items.item = active_waivers.item

    -- An item that is listed twice has said it with its first entry.
    qualify
        row_number() over (
            partition by checklist_entries.node_id, checklist_entries.blueprint, checklist_entries.item
            order by checklist_entries.phase asc nulls last, checklist_entries.entry_index asc nulls last
        ) = 1

),

judge_words as (

    select
        join_results.node_id,
        join_results.blueprint,
        join_results.item,
        max(case when declared_status_words.declared_word = join_results.declared_status then 1 else 0 end) = 1
            as is_known_word,
        max(
            case
                when
                    declared_status_words.declared_word = join_results.declared_status
                    and declared_status_words.status = join_results.status
                    then 1
                else 0
            end
        ) = 1 as is_same_status,
        max(
            case
                when declared_status_words.is_usual_word and declared_status_words.status = join_results.status
                    then declared_status_words.declared_word
            end
        ) as usual_word

    from join_results

    cross join declared_status_words

    group by join_results.node_id, join_results.blueprint, join_results.item

),

compare_checklists as (

    select
        join_results.node_id,
        'blueprint.yaml' as asset_path,
        join_results.file_path,
        0 as document_index,
        'checklists' as declaration,
        'checklists.' || join_results.blueprint || '.' || join_results.item as field,
        'checklist_result' as recomputation,
        blueprints.owner_role,
        join_results.declared_status as declared_value,
        judge_words.usual_word as recomputed_value,
        'the result of the checklist' as recomputed_from,
        join_results.reason as remark,
        case
            when judge_words.is_same_status then true
            -- Without evidence nothing contradicts what is declared.
            when join_results.status in ('insufficient_data', 'manual') or not judge_words.is_known_word
                then cast(null as boolean)
            else false
        end as agrees

    from join_results

    inner join judge_words
        on
            join_results.node_id = judge_words.node_id
            and join_results.blueprint = judge_words.blueprint
            and join_results.item = judge_words.item
    inner join blueprints on join_results.blueprint = blueprints.blueprint

),

union_comparisons as (

    select
        node_id,
        asset_path,
        file_path,
        document_index,
        declaration,
        field,
        recomputation,
        owner_role,
        declared_value,
        recomputed_value,
        recomputed_from,
        cast(null as string) as remark,
        agrees

    from compare_values

    union all

    select
        node_id,
        asset_path,
        file_path,
        document_index,
        declaration,
        field,
        recomputation,
        owner_role,
        declared_value,
        recomputed_value,
        recomputed_from,
        remark,
        agrees

    from compare_checklists

),

explain_comparisons as (

    select
        node_id,
        asset_path,
        file_path,
        document_index,
        declaration,
        field,
        recomputation,
        declared_value,
        recomputed_value,
        agrees,
        case
            when agrees then 'It agrees with ' || recomputed_from || '.'
            when not agrees then 'It says ' || declared_value || '; by ' || recomputed_from || ' it is ' || recomputed_value || '.'
            when recomputed_value is null then 'It cannot be recomputed from ' || recomputed_from || '.'
            else 'It cannot be held against ' || recomputed_from || '.'
        end
        || coalesce(' ' || remark, '') as reason,
        owner_role

    from union_comparisons

)

select * from explain_comparisons
