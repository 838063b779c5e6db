{# A table of which more or fewer rows were exported than are conformed or left out for a named reason. #}

select
    source_system,
    source_instance,
    table_name,
    conformed_model,
    row_count

from {{ ref('rpt_control_totals') }}

where measure = 'unexplained' and row_count <> 0
