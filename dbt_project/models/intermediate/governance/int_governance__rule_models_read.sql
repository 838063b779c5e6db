{#
    One row per checklist item or signal that a rule of the project names, and the blueprint it names it for.

    Read from the SQL of the rules, so that no company has to be loaded to know what is written.
#}

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
        words.model_name,
        words.kind,
        words.blueprint,
        words.word

    -- Hundreds of rows: as many queries in a union are too deep for Spark.
    from (
        values
        (cast(null as string), cast(null as string), cast(null as string), cast(null as string))
        {%- for named in words_in_rules() %},
        ('{{ named.model }}', '{{ named.kind }}', '{{ named.blueprint }}', '{{ named.word }}')
        {%- endfor %}
    ) as words (model_name, kind, blueprint, word)

    where words.model_name is not null

),

match_items as (

    -- distinct: an item that the policy has twice is one rule_name
    select distinct
        'checklist_items' as seed,
        named_words.blueprint,
        named_words.word as rule_name,
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
        signals.signal as rule_name,
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
        rule_name,
        model_name,
        is_in_policy

    from match_items

    union all

    select
        seed,
        blueprint,
        rule_name,
        model_name,
        is_in_policy

    from match_signals

)

select * from union_rules
