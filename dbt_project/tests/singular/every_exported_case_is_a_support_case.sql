{# Cases that staging shows and that did not become a support case, or the other way round. #}

with

exported_cases as (

    select
        {{ conformed_id('source_system', 'source_instance', 'ticket_id') }} as support_case_id,
        coalesce(created_at, updated_at) as created_at

    from {{ ref('stg_zendesk__tickets') }}

    union all

    select
        {{ conformed_id('source_system', 'source_instance', 'issue_id') }} as support_case_id,
        coalesce(created_at, updated_at) as created_at

    from {{ ref('stg_jira_service_management__issues') }}

    union all

    select
        {{ conformed_id('source_system', 'source_instance', 'ticket_id') }} as support_case_id,
        coalesce(created_at, updated_at) as created_at

    from {{ ref('stg_freshdesk__tickets') }}

    union all

    select
        {{ conformed_id('source_system', 'source_instance', 'conversation_id') }} as support_case_id,
        coalesce(created_at, updated_at) as created_at

    from {{ ref('stg_intercom__conversations') }}

),

support_cases as (

    select support_case_id

    from {{ ref('dim_support_cases') }}

),

unpaired_cases as (

    select
        exported_cases.support_case_id as exported_case_id,
        support_cases.support_case_id

    from exported_cases

    full outer join support_cases
        on exported_cases.support_case_id = support_cases.support_case_id

    where
        (exported_cases.support_case_id is null or support_cases.support_case_id is null)
        -- a case that came in after the day is not of the day
        and coalesce(exported_cases.created_at < {{ as_of_end() }}, true)

)

select * from unpaired_cases
