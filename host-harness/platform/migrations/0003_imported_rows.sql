-- The rows of import folders as they were imported last: a row that is still the same leaves its record alone,
-- with all that customers and staff changed since. No row here refers to its record: a removed one stays removed.

CREATE TABLE imported_rows (
    company_id {text} NOT NULL REFERENCES companies (id),
    table_name {text} NOT NULL,
    id {text} NOT NULL,
    hash {blob} NOT NULL,
    PRIMARY KEY (company_id, table_name, id)
){strict};
