-- The main path: companies, people, records, files, log, plugins, messages.
-- Instants are milliseconds since the epoch, civil dates text, money minor units. `sort_key`, `open` and `search` serve lists.

CREATE TABLE companies (
    id {text} NOT NULL PRIMARY KEY,
    slug {text} NOT NULL UNIQUE,
    name {text} NOT NULL,
    phone {text} NOT NULL,
    email {text} NOT NULL,
    website {text} NOT NULL,
    street {text} NOT NULL,
    unit {text} NOT NULL,
    city {text} NOT NULL,
    region {text} NOT NULL,
    postal_code {text} NOT NULL,
    country {text} NOT NULL,
    locale {text} NOT NULL,
    time_zone {text} NOT NULL,
    currency {text} NOT NULL,
    accent {text},
    remit_to {text} NOT NULL,
    terms {text} NOT NULL,
    logo_type {text},
    logo_sha256 {text},
    first_import_date {text},
    version {int} NOT NULL,
    created_at {int} NOT NULL
){strict};

CREATE TABLE statuses (
    company_id {text} NOT NULL REFERENCES companies (id),
    kind {text} NOT NULL,
    code {text} NOT NULL,
    label {text} NOT NULL,
    tone {text} NOT NULL,
    open {int} NOT NULL,
    position {int} NOT NULL,
    PRIMARY KEY (company_id, kind, code)
){strict};

-- The next free number of estimates and invoices.
CREATE TABLE counters (
    company_id {text} NOT NULL REFERENCES companies (id),
    name {text} NOT NULL,
    value {int} NOT NULL,
    PRIMARY KEY (company_id, name)
){strict};

CREATE TABLE staff (
    id {text} NOT NULL PRIMARY KEY,
    company_id {text} REFERENCES companies (id),
    email {text} NOT NULL,
    email_key {text} NOT NULL UNIQUE,
    name {text} NOT NULL,
    role {text} NOT NULL,
    active {int} NOT NULL,
    password_hash {text},
    last_signed_in_at {int},
    created_at {int} NOT NULL
){strict};
CREATE INDEX staff_company ON staff (company_id, name);

CREATE TABLE staff_tokens (
    hash {text} NOT NULL PRIMARY KEY,
    staff_id {text} NOT NULL REFERENCES staff (id),
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    used_at {int}
){strict};

CREATE TABLE staff_sessions (
    hash {text} NOT NULL PRIMARY KEY,
    id {text} NOT NULL,
    staff_id {text} NOT NULL REFERENCES staff (id),
    created_at {int} NOT NULL,
    last_seen_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    address {text} NOT NULL,
    user_agent {text} NOT NULL
){strict};
CREATE INDEX staff_sessions_staff ON staff_sessions (staff_id);

CREATE TABLE api_keys (
    id {text} NOT NULL PRIMARY KEY,
    company_id {text} NOT NULL REFERENCES companies (id),
    hash {text} NOT NULL UNIQUE,
    name {text} NOT NULL,
    scopes {text} NOT NULL,
    created_at {int} NOT NULL,
    last_used_at {int},
    revoked_at {int}
){strict};
CREATE INDEX api_keys_company ON api_keys (company_id, created_at);

-- Failed sign-ins by hashed account and by address.
CREATE TABLE throttles (
    key {text} NOT NULL PRIMARY KEY,
    failures {int} NOT NULL,
    last_failure_at {int} NOT NULL,
    blocked_until {int} NOT NULL
){strict};

CREATE TABLE customers (
    company_id {text} NOT NULL REFERENCES companies (id),
    id {text} NOT NULL,
    first_name {text} NOT NULL,
    last_name {text} NOT NULL,
    company_name {text} NOT NULL,
    email {text} NOT NULL,
    email_key {text} NOT NULL,
    phone {text} NOT NULL,
    mobile {text} NOT NULL,
    street {text} NOT NULL,
    unit {text} NOT NULL,
    city {text} NOT NULL,
    region {text} NOT NULL,
    postal_code {text} NOT NULL,
    country {text} NOT NULL,
    language {text} NOT NULL,
    internal_notes {text} NOT NULL,
    sort_key {text} NOT NULL,
    search {text} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (company_id, id)
){strict};
CREATE INDEX customers_list ON customers (company_id, sort_key, id);
CREATE INDEX customers_email ON customers (company_id, email_key);

CREATE TABLE projects (
    company_id {text} NOT NULL,
    id {text} NOT NULL,
    customer_id {text} NOT NULL,
    name {text} NOT NULL,
    description {text} NOT NULL,
    status {text} NOT NULL,
    open {int} NOT NULL,
    starts {text},
    target {text},
    percent_complete {int} NOT NULL,
    manager {text} NOT NULL,
    sort_key {text} NOT NULL,
    search {text} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
){strict};
CREATE INDEX projects_list ON projects (company_id, sort_key, id);
CREATE INDEX projects_customer ON projects (company_id, customer_id, sort_key, id);

CREATE TABLE jobs (
    company_id {text} NOT NULL,
    id {text} NOT NULL,
    customer_id {text} NOT NULL,
    project_id {text},
    title {text} NOT NULL,
    description {text} NOT NULL,
    status {text} NOT NULL,
    open {int} NOT NULL,
    starts {text},
    ends {text},
    technician {text} NOT NULL,
    service_address {text} NOT NULL,
    internal_notes {text} NOT NULL,
    sort_key {text} NOT NULL,
    search {text} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id),
    FOREIGN KEY (company_id, project_id) REFERENCES projects (company_id, id)
){strict};
CREATE INDEX jobs_list ON jobs (company_id, open, sort_key, id);
CREATE INDEX jobs_customer ON jobs (company_id, customer_id, open, sort_key, id);
CREATE INDEX jobs_project ON jobs (company_id, project_id);

CREATE TABLE estimates (
    company_id {text} NOT NULL,
    id {text} NOT NULL,
    customer_id {text} NOT NULL,
    project_id {text},
    number {text} NOT NULL,
    title {text} NOT NULL,
    status {text} NOT NULL,
    sent {text},
    expires {text},
    tax_name {text},
    tax_millionths {int} NOT NULL,
    subtotal {int} NOT NULL,
    discount {int} NOT NULL,
    tax {int} NOT NULL,
    total {int} NOT NULL,
    lines_hash {text} NOT NULL,
    notes {text} NOT NULL,
    terms {text} NOT NULL,
    prepared_by {text} NOT NULL,
    service_address {text} NOT NULL,
    sort_key {text} NOT NULL,
    search {text} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, number),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id),
    FOREIGN KEY (company_id, project_id) REFERENCES projects (company_id, id)
){strict};
CREATE INDEX estimates_list ON estimates (company_id, sort_key, id);
CREATE INDEX estimates_customer ON estimates (company_id, customer_id, sort_key, id);
CREATE INDEX estimates_project ON estimates (company_id, project_id);

CREATE TABLE estimate_lines (
    company_id {text} NOT NULL,
    parent_id {text} NOT NULL,
    position {int} NOT NULL,
    name {text} NOT NULL,
    description {text} NOT NULL,
    quantity_milli {int} NOT NULL,
    unit {text} NOT NULL,
    unit_price {int} NOT NULL,
    amount {int} NOT NULL,
    optional {int} NOT NULL,
    selected {int} NOT NULL,
    taxable {int} NOT NULL,
    PRIMARY KEY (company_id, parent_id, position),
    FOREIGN KEY (company_id, parent_id) REFERENCES estimates (company_id, id)
){strict};

CREATE TABLE invoices (
    company_id {text} NOT NULL,
    id {text} NOT NULL,
    customer_id {text} NOT NULL,
    job_id {text},
    number {text} NOT NULL,
    title {text} NOT NULL,
    status {text} NOT NULL,
    open {int} NOT NULL,
    issued {text},
    due {text},
    tax_name {text},
    tax_millionths {int} NOT NULL,
    subtotal {int} NOT NULL,
    discount {int} NOT NULL,
    tax {int} NOT NULL,
    total {int} NOT NULL,
    amount_paid {int} NOT NULL,
    lines_hash {text} NOT NULL,
    notes {text} NOT NULL,
    sort_key {text} NOT NULL,
    search {text} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, number),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id),
    FOREIGN KEY (company_id, job_id) REFERENCES jobs (company_id, id)
){strict};
CREATE INDEX invoices_list ON invoices (company_id, open, sort_key, id);
CREATE INDEX invoices_customer ON invoices (company_id, customer_id, open, sort_key, id);
CREATE INDEX invoices_job ON invoices (company_id, job_id);

CREATE TABLE invoice_lines (
    company_id {text} NOT NULL,
    parent_id {text} NOT NULL,
    position {int} NOT NULL,
    name {text} NOT NULL,
    description {text} NOT NULL,
    quantity_milli {int} NOT NULL,
    unit {text} NOT NULL,
    unit_price {int} NOT NULL,
    amount {int} NOT NULL,
    optional {int} NOT NULL,
    selected {int} NOT NULL,
    taxable {int} NOT NULL,
    PRIMARY KEY (company_id, parent_id, position),
    FOREIGN KEY (company_id, parent_id) REFERENCES invoices (company_id, id)
){strict};

CREATE TABLE payments (
    company_id {text} NOT NULL,
    id {text} NOT NULL,
    customer_id {text} NOT NULL,
    invoice_id {text},
    date {text} NOT NULL,
    amount {int} NOT NULL,
    method {text} NOT NULL,
    reference {text} NOT NULL,
    sort_key {text} NOT NULL,
    search {text} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id),
    FOREIGN KEY (company_id, invoice_id) REFERENCES invoices (company_id, id)
){strict};
CREATE INDEX payments_list ON payments (company_id, sort_key, id);
CREATE INDEX payments_customer ON payments (company_id, customer_id, sort_key, id);
CREATE INDEX payments_invoice ON payments (company_id, invoice_id);

CREATE TABLE requests (
    company_id {text} NOT NULL REFERENCES companies (id),
    id {text} NOT NULL,
    customer_id {text},
    summary {text} NOT NULL,
    details {text} NOT NULL,
    status {text} NOT NULL,
    open {int} NOT NULL,
    preferred {text},
    job_id {text},
    contact_name {text} NOT NULL,
    contact_email {text} NOT NULL,
    contact_phone {text} NOT NULL,
    idempotency_key {text},
    sort_key {text} NOT NULL,
    search {text} NOT NULL,
    submitted_at {int} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, idempotency_key),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id),
    FOREIGN KEY (company_id, job_id) REFERENCES jobs (company_id, id)
){strict};
CREATE INDEX requests_list ON requests (company_id, sort_key, id);
CREATE INDEX requests_customer ON requests (company_id, customer_id, sort_key, id);

CREATE TABLE files (
    company_id {text} NOT NULL,
    id {text} NOT NULL,
    customer_id {text} NOT NULL,
    owner_kind {text} NOT NULL,
    owner_id {text} NOT NULL,
    name {text} NOT NULL,
    media_type {text} NOT NULL,
    size {int} NOT NULL,
    sha256 {text} NOT NULL,
    visible {int} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
){strict};
CREATE INDEX files_owner ON files (company_id, owner_kind, owner_id, created_at, id);
CREATE INDEX files_bytes ON files (company_id, sha256);

-- Append-only: no statement of the host updates or deletes here.
CREATE TABLE activity (
    company_id {text} NOT NULL,
    seq {int} NOT NULL,
    at {int} NOT NULL,
    customer_id {text},
    kind {text} NOT NULL,
    subject_kind {text} NOT NULL,
    subject_id {text} NOT NULL,
    summary {text} NOT NULL,
    changes {text} NOT NULL,
    via {text} NOT NULL,
    plugin_id {text} NOT NULL,
    actor_kind {text} NOT NULL,
    actor_id {text} NOT NULL,
    actor_name {text} NOT NULL,
    address {text} NOT NULL,
    user_agent {text} NOT NULL,
    request_id {text} NOT NULL,
    prev_hash {text} NOT NULL,
    hash {text} NOT NULL,
    PRIMARY KEY (company_id, seq)
){strict};
CREATE INDEX activity_customer ON activity (company_id, customer_id, seq);
CREATE INDEX activity_kind ON activity (company_id, kind, seq);

CREATE TABLE activity_heads (
    company_id {text} NOT NULL PRIMARY KEY,
    seq {int} NOT NULL,
    hash {text} NOT NULL
){strict};

CREATE TABLE plugin_versions (
    plugin_id {text} NOT NULL,
    version {text} NOT NULL,
    manifest {text} NOT NULL,
    sha256 {text} NOT NULL,
    size {int} NOT NULL,
    installed_at {int} NOT NULL,
    installed_by {text} NOT NULL,
    PRIMARY KEY (plugin_id, version)
){strict};

CREATE TABLE plugins (
    plugin_id {text} NOT NULL PRIMARY KEY,
    active_version {text} NOT NULL,
    FOREIGN KEY (plugin_id, active_version) REFERENCES plugin_versions (plugin_id, version)
){strict};

CREATE TABLE plugin_enablements (
    company_id {text} NOT NULL REFERENCES companies (id),
    plugin_id {text} NOT NULL,
    enabled {int} NOT NULL,
    permissions {text} NOT NULL,
    version {text} NOT NULL,
    paused_reason {text},
    changed_at {int} NOT NULL,
    PRIMARY KEY (company_id, plugin_id)
){strict};
CREATE INDEX plugin_enablements_plugin ON plugin_enablements (plugin_id, enabled);

CREATE TABLE plugin_settings (
    company_id {text} NOT NULL REFERENCES companies (id),
    plugin_id {text} NOT NULL,
    key {text} NOT NULL,
    value {text} NOT NULL,
    PRIMARY KEY (company_id, plugin_id, key)
){strict};

CREATE TABLE plugin_storage (
    company_id {text} NOT NULL REFERENCES companies (id),
    plugin_id {text} NOT NULL,
    key {text} NOT NULL,
    value {blob} NOT NULL,
    size {int} NOT NULL,
    expires_at {int},
    PRIMARY KEY (company_id, plugin_id, key)
){strict};
CREATE INDEX plugin_storage_expiry ON plugin_storage (expires_at);

-- What a plugin uses of its quota; its row is also the lock that orders a plugin's writes.
CREATE TABLE plugin_storage_usage (
    company_id {text} NOT NULL REFERENCES companies (id),
    plugin_id {text} NOT NULL,
    entries {int} NOT NULL,
    bytes {int} NOT NULL,
    PRIMARY KEY (company_id, plugin_id)
){strict};

CREATE TABLE credentials (
    company_id {text} NOT NULL,
    plugin_id {text} NOT NULL,
    customer_id {text} NOT NULL,
    login {text} NOT NULL,
    login_key {text} NOT NULL,
    password_hash {text} NOT NULL,
    registered_at {int} NOT NULL,
    last_signed_in_at {int},
    PRIMARY KEY (company_id, plugin_id, customer_id),
    UNIQUE (company_id, plugin_id, login_key),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id)
){strict};

CREATE TABLE templates (
    company_id {text} NOT NULL REFERENCES companies (id),
    id {text} NOT NULL,
    channel {text} NOT NULL,
    name {text} NOT NULL,
    subject {text} NOT NULL,
    body {text} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL,
    PRIMARY KEY (company_id, id)
){strict};

CREATE TABLE campaigns (
    company_id {text} NOT NULL REFERENCES companies (id),
    id {text} NOT NULL,
    template_id {text},
    name {text} NOT NULL,
    channel {text} NOT NULL,
    total {int} NOT NULL,
    skipped {int} NOT NULL,
    created_by {text} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (company_id, id)
){strict};
CREATE INDEX campaigns_list ON campaigns (company_id, created_at);

-- Bodies are sealed: they hold links whose tokens are stored nowhere else.
CREATE TABLE outbox (
    id {text} NOT NULL PRIMARY KEY,
    company_id {text} NOT NULL REFERENCES companies (id),
    campaign_id {text},
    customer_id {text},
    channel {text} NOT NULL,
    recipient {text} NOT NULL,
    recipient_name {text} NOT NULL,
    subject {text} NOT NULL,
    sealed_body {blob} NOT NULL,
    idempotency_key {text} NOT NULL,
    status {text} NOT NULL,
    attempts {int} NOT NULL,
    next_attempt_at {int} NOT NULL,
    lease {text} NOT NULL,
    last_error {text} NOT NULL,
    sort_key {text} NOT NULL,
    created_at {int} NOT NULL,
    sent_at {int},
    UNIQUE (company_id, idempotency_key),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id),
    FOREIGN KEY (company_id, campaign_id) REFERENCES campaigns (company_id, id)
){strict};
CREATE INDEX outbox_due ON outbox (status, next_attempt_at);
CREATE INDEX outbox_list ON outbox (company_id, sort_key, id);
CREATE INDEX outbox_campaign ON outbox (company_id, campaign_id, status);

CREATE TABLE mailbox (
    id {text} NOT NULL PRIMARY KEY,
    company_id {text} NOT NULL REFERENCES companies (id),
    channel {text} NOT NULL,
    sender {text} NOT NULL,
    recipient {text} NOT NULL,
    subject {text} NOT NULL,
    sealed_body {blob} NOT NULL,
    sort_key {text} NOT NULL,
    sent_at {int} NOT NULL
){strict};
CREATE INDEX mailbox_list ON mailbox (sort_key, id);
CREATE INDEX mailbox_company ON mailbox (company_id, sort_key, id);
