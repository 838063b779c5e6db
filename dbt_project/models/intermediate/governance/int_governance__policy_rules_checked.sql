{# One row per rule that is in the policy and not in the project or the other way round, and per number in policy_counts not met. #}

with

checklist_items as (

    select
        blueprint,
        item

    from {{ ref('checklist_items') }}

),

policy_contradictions as (

    select contradiction

    from {{ ref('policy_contradictions') }}

),

rules as (

    select
        seed,
        blueprint,
        rule_name,
        model_name,
        is_in_policy

    from {{ ref('int_governance__rule_models_read') }}

),

counts as (

    select
        subject,
        expected_count,
        found_count

    from {{ ref('int_governance__policy_things_counted') }}

),

find_items_without_rule as (

    select
        'unimplemented_item' as check_name,
        'error' as severity,
        'checklist_items' as seed,
        checklist_items.blueprint || '/' || checklist_items.item as row_key,
        'No rule judges ' || checklist_items.blueprint || '/' || checklist_items.item || '.' as finding,
        'Write it in int_governance__' || lower(checklist_items.blueprint) || '_items_checked, with its cases.' as resolution

    from checklist_items

    -- left: what is not there is what is looked for
    left join rules
        on
            rules.seed = 'checklist_items'
            and checklist_items.blueprint = rules.blueprint
            and checklist_items.item = rules.rule_name

    where rules.rule_name is null

),

find_rules_without_item as (

    select
        'rule_without_item' as check_name,
        'error' as severity,
        seed,
        blueprint || '/' || rule_name as row_key,
        model_name || ' judges ' || blueprint || '/' || rule_name || ', which the policy does not have.' as finding,
        'Put the item back, or remove its rule.' as resolution

    from rules

    where not is_in_policy

),

find_wrong_counts as (

    select
        'wrong_count' as check_name,
        'error' as severity,
        'policy_counts' as seed,
        subject as row_key,
        'There are ' || cast(found_count as string) || ' ' || replace(subject, '_', ' ') || ', and there should be '
        || cast(expected_count as string) || '.' as finding,
        'Put back what is missing; if the change is meant, put the new number into policy_counts.' as resolution

    from counts

    where found_count <> expected_count

),

find_contradictions_not_looked_for as (

    select
        'unchecked_contradiction' as check_name,
        'warning' as severity,
        'policy_contradictions' as seed,
        contradiction as row_key,
        'Nothing looks whether ' || contradiction || ' is still in the policy.' as finding,
        'Correct its name, or write how it is found in int_governance__policy_contradictions_found.' as resolution

    from policy_contradictions

    where
        contradiction not in ('{{ contradictions_looked_for() | join("', '") }}')

),

union_findings as (

    {% for found in [
        'find_items_without_rule', 'find_rules_without_item', 'find_wrong_counts', 'find_contradictions_not_looked_for',
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
