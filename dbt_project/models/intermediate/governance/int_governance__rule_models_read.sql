{# One row per checklist item or signal that a rule in the project names, and the blueprint or model it is in. #}

{#
    Read from the SQL of the rules, so that no company has to be loaded to know what is written: items from
    int_governance__<blueprint>_items_checked, signals from models whose name ends in _signals_ and a verb.
#}
{%- set named = [] -%}
{%- if execute -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
        {%- set items = modules.re.fullmatch('int_governance__([a-z][0-9]{2})_items_checked', node.name) -%}
        {%- set signals = modules.re.fullmatch('int_[a-z_]+_signals_[a-z]+', node.name) -%}
        {%- if items or signals -%}
            {%- for word in modules.re.findall("'([A-Za-z][A-Za-z0-9_]+)'", node.raw_code) | unique -%}
                {%- do named.append((node.name, 'item' if items else 'signal', items[1] | upper if items else none, word)) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}

with

checklist_items as (

    select
        blueprint,
        item

    from {{ ref('checklist_items') }}

),

signals as (

    select
        blueprint,
        signal

    from {{ ref('signals') }}

),

named_words as (

    select
        cast(null as string) as model_name,
        cast(null as string) as kind,
        cast(null as string) as blueprint,
        cast(null as string) as word

    where 1 = 0
    {%- for model_name, kind, blueprint, word in named %}

    union all

    select
        '{{ model_name }}' as model_name,
        '{{ kind }}' as kind,
        {{ "'" ~ blueprint ~ "'" if blueprint else 'cast(null as string)' }} as blueprint,
        '{{ word }}' as word
    {%- endfor %}

),

match_items as (

    -- distinct: an item that the policy has twice is one rule
    select distinct
        'checklist_items' as seed,
        named_words.blueprint,
        named_words.word as rule,
        named_words.model_name,
        checklist_items.item is not null as is_in_policy

    from named_words

    -- left: a rule may outlive its item
    left join checklist_items
        on
            named_words.blueprint = checklist_items.blueprint
            and named_words.word = checklist_items.item

    where
        named_words.kind = 'item'
        -- Other words in a rule are no items, unless they look like one.
        and (checklist_items.item is not null or named_words.word like 'CHK~_%' escape '~')

),

match_signals as (

    select
        'signals' as seed,
        signals.blueprint,
        signals.signal as rule,
        min(named_words.model_name) as model_name,
        true as is_in_policy

    from signals

    inner join named_words
        on
            signals.signal = named_words.word
            and named_words.kind = 'signal'

    group by signals.blueprint, signals.signal

),

union_rules as (

    select
        seed,
        blueprint,
        rule,
        model_name,
        is_in_policy

    from match_items

    union all

    select
        seed,
        blueprint,
        rule,
        model_name,
        is_in_policy

    from match_signals

)

select * from union_rules
