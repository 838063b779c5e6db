{# One row per thing that policy_counts has a number for: how many there are, and how many of them work. #}

with

policy_counts as (

    select
        subject,
        expected_count

    from {{ ref('policy_counts') }}

),

blueprints as (

    select
        blueprint,
        blueprint_status

    from {{ ref('blueprints') }}

),

signals as (

    select
        blueprint,
        signal

    from {{ ref('signals') }}

),

assets as (

    select asset_path

    from {{ ref('assets') }}

),

asset_level_fields as (

    select asset_path

    from {{ ref('asset_level_fields') }}

),

checklist_items as (

    select
        blueprint,
        item

    from {{ ref('checklist_items') }}

),

playbooks as (

    select playbook

    from {{ ref('playbooks') }}

),

rules as (

    select
        seed,
        blueprint,
        rule_name

    from {{ ref('int_governance__rule_models_read') }}

    where is_in_policy

),

list_things as (

    select
        'active_blueprints' as subject,
        blueprint as thing,
        true as is_working

    from blueprints

    where blueprint_status = 'active'

    union all

    select
        'reserved_blueprints' as subject,
        blueprint as thing,
        true as is_working

    from blueprints

    where blueprint_status = 'reserved'

    union all

    select
        'signals' as subject,
        signals.blueprint || '/' || signals.signal as thing,
        rules.rule_name is not null as is_working

    from signals

    -- left: a signal that no model computes is defined all the same
    left join rules
        on
            rules.seed = 'signals'
            and signals.blueprint = rules.blueprint
            and signals.signal = rules.rule_name

    union all

    select
        'assets' as subject,
        asset_path as thing,
        asset_path in (
            select asset_level_fields.asset_path

            from asset_level_fields
        ) as is_working

    from assets

    union all

    select
        'checklist_items' as subject,
        checklist_items.blueprint || '/' || checklist_items.item as thing,
        rules.rule_name is not null as is_working

    from checklist_items

    -- left: an item without a rule_name is listed all the same
    left join rules
        on
            rules.seed = 'checklist_items'
            and checklist_items.blueprint = rules.blueprint
            and checklist_items.item = rules.rule_name

    union all

    select
        'playbooks' as subject,
        playbook as thing,
        true as is_working

    from playbooks

),

count_things as (

    select
        policy_counts.subject,
        policy_counts.expected_count,
        cast(count(distinct list_things.thing) as bigint) as found_count,
        cast(count(distinct case when list_things.is_working then list_things.thing end) as bigint) as working_count

    from policy_counts

    -- left: none is a number, too
    left join list_things on policy_counts.subject = list_things.subject

    group by policy_counts.subject, policy_counts.expected_count

)

select * from count_things
