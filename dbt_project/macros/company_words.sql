{# What addresses and names of companies are compared by. #}


{% macro web_domain(address) -%}
    {#-
        The domain of a web or mail address: `https://www.acme.example/de` and `Ann@acme.example` are both at
        acme.example.
    -#}
    {%- set text = "regexp_replace(lower(trim(" ~ address ~ ")), '^[a-z]+://', '')" -%}
    {%- set text = "regexp_replace(" ~ text ~ ", '[/?#:].*$', '')" -%}
    {%- set text = "regexp_replace(" ~ text ~ ", '^(.*@)?(www[.])?', '')" -%}
    case when {{ matches(text, "'^[^ .]+([.][^ .]+)+$'") }} then {{ text }} end
{%- endmacro %}


{% macro claimed_text(claim_kind, text) -%}
    {#- What is compared: of addresses the domain, of all else the text without blanks around it. -#}
    {%- if claim_kind in ('domain', 'people_domain') -%}
        {{ web_domain(text) }}
    {%- else -%}
        nullif(trim({{ text }}), '')
    {%- endif -%}
{%- endmacro %}


{% macro name_words(company_name) -%}
    {#- A company's name without capitals, full stops and commas; null if nothing is left. -#}
    nullif(trim(translate(lower({{ company_name }}), '.,', '')), '')
{%- endmacro %}


{% macro names_without_legal_form(relation, keep_columns, plain_name, legal_forms) -%}
    {#-
        A query with one row per row of a relation: the columns kept, and company_name_key, the plain name
        without its legal form. The longest form that fits is cut, so that nothing of `sa de cv` stays. A
        name that is nothing else is kept.
    -#}
    {%- set name = relation ~ '.' ~ plain_name %}
    select
        {% for column in keep_columns %}{{ relation }}.{{ column }},
        {% endfor -%}
        case
            when {{ legal_forms }}.legal_form is null then {{ name }}
            else trim(substr({{ name }}, 1, length({{ name }}) - length({{ legal_forms }}.legal_form)))
        end as company_name_key
    from {{ relation }}
    left join {{ legal_forms }}
        on
            length({{ name }}) > length({{ legal_forms }}.legal_form) + 1
            and substr({{ name }}, length({{ name }}) - length({{ legal_forms }}.legal_form))
            = ' ' || {{ legal_forms }}.legal_form
    qualify
        row_number() over (
            partition by
                {% for column in keep_columns %}{{ relation }}.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
            order by length({{ legal_forms }}.legal_form) desc nulls last
        ) = 1
{%- endmacro %}
