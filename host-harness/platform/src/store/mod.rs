//! Where records and files lie: connections, migrations, paging, the object store.
//! One SQL text serves SQLite and PostgreSQL.

pub(crate) mod db;
pub(crate) mod media;
pub(crate) mod migrate;
pub(crate) mod objects;
pub(crate) mod paging;
