{# One row per node and entry of the playbooks in its blueprint.yaml, as declared there. #}

with

blueprint_documents as (

    select
        node_id,
        file_path,
        {{ json_part('fields_text', 'playbooks.required') }} as required_playbooks,
        {{ json_part('fields_text', 'playbooks.optional') }} as optional_playbooks,
        {{ json_part('fields_text', 'playbooks.blocked') }} as blocked_playbooks

    from {{ ref('int_infohub__node_documents_chosen') }}

    where file_kind = 'blueprint'

),

playbooks as (

    select
        playbook,
        blueprint

    from {{ ref('playbooks') }}

),

unfold_required_playbooks as (

    {{ json_array_items('blueprint_documents', 'required_playbooks', ['node_id', 'file_path'], 'entry') }}

),

unfold_optional_playbooks as (

    {{ json_array_items('blueprint_documents', 'optional_playbooks', ['node_id', 'file_path'], 'entry') }}

),

unfold_blocked_playbooks as (

    {{ json_array_items('blueprint_documents', 'blocked_playbooks', ['node_id', 'file_path'], 'entry') }}

),

union_playbooks as (

    select
        node_id,
        file_path,
        'required' as list_name,
        item_index,
        entry

    from unfold_required_playbooks

    union all

    select
        node_id,
        file_path,
        'optional' as list_name,
        item_index,
        entry

    from unfold_optional_playbooks

    union all

    select
        node_id,
        file_path,
        'blocked' as list_name,
        item_index,
        entry

    from unfold_blocked_playbooks

),

read_playbooks as (

    select
        node_id,
        file_path,
        list_name,
        item_index as entry_index,
        replace(coalesce({{ json_text('entry', 'playbook_id') }}, entry), '"', '') as declared_playbook,
        {{ json_text('entry', 'phase') }} as phase,
        cast(try_cast({{ json_text('entry', 'sequence') }} as decimal(9, 0)) as integer) as sequence_number,
        {{ plain_name(json_text('entry', 'status')) }} as declared_status,
        {{ json_date('entry', 'completed_date') }} as completed_date

    from union_playbooks

),

recognise_playbooks as (

    select
        read_playbooks.node_id,
        read_playbooks.file_path,
        read_playbooks.list_name,
        read_playbooks.entry_index,
        read_playbooks.declared_playbook,
        playbooks.playbook,
        playbooks.blueprint,
        read_playbooks.phase,
        read_playbooks.sequence_number,
        read_playbooks.declared_status,
        read_playbooks.completed_date

    from read_playbooks

    -- left: playbooks of the node's own are no policy
    left join playbooks on upper(trim(read_playbooks.declared_playbook)) = playbooks.playbook

)

select * from recognise_playbooks
