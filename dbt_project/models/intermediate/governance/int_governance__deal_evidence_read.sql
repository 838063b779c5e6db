{# One row per deal folder and checklist item of the pre-sales blueprints whose asset can be read: the document, and the folder's situation. #}

with

deal_folders as (

    select
        node_id,
        opportunity_id,
        track,
        is_running,
        specialist_state,
        rfp_submitted_date,
        trial_state,
        placeholder_list

    from {{ ref('int_governance__deal_folders_described') }}

),

item_evidence as (

    select
        node_id,
        blueprint,
        item,
        file_path,
        fields_text

    from {{ ref('int_governance__item_evidence_chosen') }}

),

blueprints as (

    select blueprint

    from {{ ref('blueprints') }}

    where archetype = 'pre_sales_governance'

),

join_folders as (

    select
        deal_folders.node_id,
        deal_folders.opportunity_id,
        item_evidence.item,
        item_evidence.file_path,
        item_evidence.fields_text,
        deal_folders.track,
        deal_folders.is_running,
        deal_folders.specialist_state,
        deal_folders.rfp_submitted_date,
        deal_folders.trial_state,
        deal_folders.placeholder_list

    from deal_folders

    inner join item_evidence on deal_folders.node_id = item_evidence.node_id
    -- inner: services have items of the same id before and after the signature
    inner join blueprints on item_evidence.blueprint = blueprints.blueprint

)

select * from join_folders
