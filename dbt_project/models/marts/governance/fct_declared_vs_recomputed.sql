{# One row per number or status that a file of an engagement declares, with what it comes out as on the day asked about. #}

with

compared_declarations as (

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
        reason,
        owner_role

    from {{ ref('int_governance__declarations_compared') }}

),

nodes as (

    select
        node_id,
        source_instance,
        realm,
        node,
        archetype,
        track,
        account_id,
        opportunity_id

    from {{ ref('int_infohub__nodes_resolved') }}

),

join_nodes as (

    select
        {{ as_of_date() }} as as_of_date,
        declarations.node_id,
        nodes.source_instance,
        nodes.realm,
        nodes.node,
        nodes.account_id,
        nodes.opportunity_id,
        nodes.archetype,
        nodes.track,
        declarations.asset_path,
        declarations.file_path,
        declarations.document_index,
        declarations.declaration,
        declarations.field,
        declarations.recomputation,
        declarations.declared_value,
        declarations.recomputed_value,
        declarations.agrees,
        declarations.reason,
        declarations.owner_role

    from compared_declarations as declarations

    inner join nodes on declarations.node_id = nodes.node_id

)

select * from join_nodes
