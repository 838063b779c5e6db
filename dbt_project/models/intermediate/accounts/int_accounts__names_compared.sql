{# One row per account record that has a name, with the words of it that tell companies apart. #}

with

records as (

    select
        account_record_id,
        account_name

    from {{ ref('int_accounts__records_unioned') }}

    where account_name is not null

),

legal_forms as (

    select legal_form

    from {{ ref('legal_forms') }}

),

plain_names as (

    select
        account_record_id,
        {{ name_words('account_name') }} as plain_name

    from records

    where {{ name_words('account_name') }} is not null

),

compared_names as (

    {{ names_without_legal_form('plain_names', ['account_record_id'], 'plain_name', 'legal_forms') }}

)

select * from compared_names
