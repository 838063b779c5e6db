{# What dbt knows of the policy: which version of it an answer is given by, which columns its seeds have, which rules are written. #}


{% macro policy_version() -%}
    {#-
        A text literal that changes when a file of the policy does, and with nothing else: neither the engine nor the day nor what
        is loaded. While dbt parses, not all files are known, and it is that of no policy.

        dbt's checksum is that of a file's text without blanks at its ends. It keeps line endings, so files have to agree on them.
    -#}
    {%- set lines = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'seed' and node.fqn[1] == 'policy' -%}
            {%- do lines.append(node.name ~ ' ' ~ node.checksum.checksum) -%}
        {%- endfor -%}
    {%- endif -%}
    '{{ local_md5(lines | sort | join('\n'))[:12] }}'
{%- endmacro %}


{% macro policy_columns(seed) -%}
    {#- The columns of a seed of the policy, in their order. None while dbt parses. -#}
    {{ return(graph.nodes['seed.revhouse.' ~ seed].config.column_types | list if execute else []) }}
{%- endmacro %}


{% macro words_in_rules() -%}
    {#-
        Words in quotes in the SQL of rules: {'model', 'kind', 'blueprint', 'word'}. Items are judged in models that are called
        int_governance__<blueprint>_items_checked, signals computed in such as end in _signals_ and a verb, for any blueprint.
    -#}
    {%- set words = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' -%}
        {%- set items = modules.re.fullmatch('int_governance__([a-z][0-9]{2})_items_checked', node.name) -%}
        {%- set signals = modules.re.fullmatch('int_[a-z_]+_signals_[a-z]+', node.name) -%}
        {%- if items or signals -%}
            {%- for word in modules.re.findall("'([A-Za-z][A-Za-z0-9_]+)'", node.raw_code) | unique -%}
                {%- do words.append({
                    'model': node.name,
                    'kind': 'item' if items else 'signal',
                    'blueprint': items[1] | upper if items else '',
                    'word': word,
                }) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(words) }}
{%- endmacro %}


{% macro policy_column_tests(seed) -%}
    {#- What the YAML says of a seed's columns: {'filled': those that hold something in each row, 'words': {column: the only ones}}. -#}
    {%- set tests = {'filled': [], 'words': {}} -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'test' and node.test_metadata -%}
        {%- if node.attached_node == 'seed.revhouse.' ~ seed and node.test_metadata.name == 'sound_rows' -%}
            {%- do tests.filled.extend(node.test_metadata.kwargs.get('filled', [])) -%}
            {%- do tests.words.update(node.test_metadata.kwargs.get('values', {})) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(tests) }}
{%- endmacro %}
