-- Staff looking at a plugin's pages as a customer: first a one-time token, then (under another hash) a cookie.
-- A look lives no longer than the staff session it was begun from; see `domain/views.rs`.

CREATE TABLE customer_views (
    hash {text} NOT NULL PRIMARY KEY,
    company_id {text} NOT NULL REFERENCES companies (id),
    customer_id {text} NOT NULL,
    plugin_id {text} NOT NULL,
    staff_id {text} NOT NULL REFERENCES staff (id),
    staff_session_id {text} NOT NULL,
    begun {int} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
){strict};
CREATE INDEX customer_views_expiry ON customer_views (expires_at);
