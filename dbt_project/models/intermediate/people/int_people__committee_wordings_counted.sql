{#
    One row per CRM instance and wording of a role, with what it means: where that is null, the policy has no
    row for it.
#}

with

roles as (

    select
        source_system,
        source_instance,
        crm_role,
        committee_role,
        person_id

    from {{ ref('int_people__committee_roles_conformed') }}

    where crm_role is not null

),

counted_wordings as (

    select
        source_system,
        source_instance,
        crm_role,
        committee_role,
        count(*) as role_count,
        count(distinct person_id) as person_count

    from roles

    group by source_system, source_instance, crm_role, committee_role

)

select * from counted_wordings
