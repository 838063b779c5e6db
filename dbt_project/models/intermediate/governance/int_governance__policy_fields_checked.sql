{# One row per row of the policy in which something is missing, or stands a word that the column does not have. #}

with

{% for seed in policy_keys() -%}
{%- set tests = policy_column_tests(seed) -%}
{{ seed }}_rows as (

    select
        '{{ seed }}' as seed,
        {{ policy_row_key(seed) }} as row_key,
        ''
        {%- for column in tests.filled %}
        || case when {{ column }} is null then ', {{ column }}' else '' end
        {%- endfor %} as empty_fields,
        ''
        {%- for column, words in (tests.words or {}).items() %}
        || case
            when cast({{ column }} as string) not in ('{{ words | join("', '") }}')
                then ', ' || cast({{ column }} as string) || ' ({{ column }})'
            else ''
        end
        {%- endfor %} as unknown_words

    from {{ ref(seed) }}

),

{% endfor -%}
union_rows as (

    {% for seed in policy_keys() -%}
    select
        seed,
        row_key,
        empty_fields,
        unknown_words

    from {{ seed }}_rows
    {% if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

union_findings as (

    select
        'empty_field' as check_name,
        'error' as severity,
        seed,
        row_key,
        'The row says nothing in ' || substring(empty_fields, 3) || '.' as finding,
        'Fill it in.' as resolution

    from union_rows

    where empty_fields <> ''

    union all

    select
        'unknown_word' as check_name,
        'error' as severity,
        seed,
        row_key,
        'The row has a word that the column does not have: ' || substring(unknown_words, 3) || '.' as finding,
        'Which words there are is said in the YAML file beside the CSV.' as resolution

    from union_rows

    where unknown_words <> ''

)

select * from union_findings
