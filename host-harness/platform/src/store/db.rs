//! Connections and the thinnest possible query layer: text, integers and bytes in, rows read left to right.
//! SQLite has one connection that writes and several that read; PostgreSQL has one pool for both.

use crate::{Error, Result};
use futures_util::TryStreamExt;
use jiff::{Timestamp, civil};
use sqlx::{
    Any, AnyPool, AssertSqlSafe, Row as _,
    any::{AnyArguments, AnyPoolOptions, AnyRow},
    query::Query,
};
use std::{borrow::Cow, str::FromStr, time::Duration};

/// A bound parameter. NULL keeps its type because PostgreSQL wants to know it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
}

macro_rules! value_from {
    ($($type:ty => $case:ident($name:ident) $into:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($name: $type) -> Self {
                Self::$case(Some($into))
            }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::$case(value.map(|$name| $into))
            }
        }
    )*};
}

value_from! {
    i64 => Int(value) value;
    u32 => Int(value) i64::from(value);
    u8 => Int(value) i64::from(value);
    bool => Int(value) i64::from(value);
    Timestamp => Int(value) value.as_millisecond();
    &str => Text(value) value.to_owned();
    String => Text(value) value;
    &String => Text(value) value.clone();
    civil::Date => Text(value) value.to_string();
    civil::DateTime => Text(value) value.strftime("%Y-%m-%dT%H:%M").to_string();
    Vec<u8> => Blob(value) value;
}

impl Value {
    /// The value as staff may read it in a diff.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Int(Some(value)) => value.to_string(),
            Self::Text(Some(value)) => value.clone(),
            _ => String::new(),
        }
    }
}

/// Bound parameters in order.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::db::Value::from($value)),*] };
}
pub(crate) use args;

pub(crate) type Args = Vec<Value>;
/// Columns and what goes into them.
pub(crate) type Fields = Vec<(&'static str, Value)>;
pub(crate) type Sql = Cow<'static, str>;

fn query(sql: Sql, args: Args) -> Query<'static, Any, AnyArguments> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in args {
        query = match value {
            Value::Int(value) => query.bind(value),
            // PostgreSQL has no NUL in text; a lookup by such a text finds nothing on either engine.
            Value::Text(value) => query.bind(value.map(|text| text.replace('\0', "\u{fffd}"))),
            Value::Blob(value) => query.bind(value),
        };
    }
    query
}

/// A row, read column by column from the left.
pub(crate) struct Row {
    row: AnyRow,
    at: usize,
}

impl Row {
    fn new(row: AnyRow) -> Self {
        Self { row, at: 0 }
    }

    fn next(&mut self) -> usize {
        let at = self.at;
        self.at += 1;
        at
    }

    pub(crate) fn skip(&mut self) {
        self.at += 1;
    }

    /// The text of a column by its place, wherever reading stands.
    pub(crate) fn text_at(&self, at: usize) -> Result<String> {
        Ok(self.row.try_get(at)?)
    }

    pub(crate) fn int(&mut self) -> Result<i64> {
        let at = self.next();
        Ok(self.row.try_get(at)?)
    }

    pub(crate) fn opt_int(&mut self) -> Result<Option<i64>> {
        let at = self.next();
        Ok(self.row.try_get(at)?)
    }

    /// An unsigned number; damaged data shows as an error.
    pub(crate) fn uint<T: TryFrom<i64>>(&mut self) -> Result<T> {
        let value = self.int()?;
        T::try_from(value).map_err(|_| Error::corrupt(format_args!("number {value} is out of range")))
    }

    pub(crate) fn flag(&mut self) -> Result<bool> {
        Ok(self.int()? != 0)
    }

    pub(crate) fn text(&mut self) -> Result<String> {
        let at = self.next();
        Ok(self.row.try_get(at)?)
    }

    pub(crate) fn opt_text(&mut self) -> Result<Option<String>> {
        let at = self.next();
        Ok(self.row.try_get(at)?)
    }

    pub(crate) fn blob(&mut self) -> Result<Vec<u8>> {
        let at = self.next();
        Ok(self.row.try_get(at)?)
    }

    /// The next column as the same type as `like`.
    pub(crate) fn value_like(&mut self, like: &Value) -> Result<Value> {
        let at = self.next();
        Ok(match like {
            Value::Int(_) => Value::Int(self.row.try_get(at)?),
            Value::Text(_) => Value::Text(self.row.try_get(at)?),
            Value::Blob(_) => Value::Blob(self.row.try_get(at)?),
        })
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp> {
        timestamp(self.int()?)
    }

    pub(crate) fn opt_time(&mut self) -> Result<Option<Timestamp>> {
        self.opt_int()?.map(timestamp).transpose()
    }

    /// A civil date or date-time, when there is one.
    pub(crate) fn opt_civil<T: FromStr>(&mut self) -> Result<Option<T>> {
        let text = self.opt_text()?;
        text.map(|text| text.parse().map_err(|_| Error::corrupt(format_args!("date {text:?}"))))
            .transpose()
    }

    pub(crate) fn date(&mut self) -> Result<civil::Date> {
        self.opt_civil()?.ok_or_else(|| Error::corrupt("a date is missing"))
    }
}

fn timestamp(millis: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(millis).map_err(|_| Error::corrupt(format_args!("instant {millis}")))
}

/// Which database this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// The database.
pub(crate) struct Db {
    pub(crate) engine: Engine,
    read: AnyPool,
    write: AnyPool,
}

impl Db {
    pub(crate) async fn open(url: &str, connections: u32) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let options = || AnyPoolOptions::new().acquire_timeout(Duration::from_secs(30));
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = options().max_connections(connections.max(2)).connect(url).await?;
            return Ok(Self {
                engine: Engine::Postgres,
                read: pool.clone(),
                write: pool,
            });
        }
        if !url.starts_with("sqlite:") {
            return Err(Error::invalid(
                "database_url",
                "malformed",
                "A database address starts with sqlite: or postgres:.",
            ));
        }
        let url = match url.contains('?') {
            true => url.to_owned(),
            false => format!("{url}?mode=rwc"),
        };
        // FULL makes every commit survive a power cut: the writer carries money and signatures.
        const WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA busy_timeout = 20000; PRAGMA cache_size = -16000;";
        const READER: &str =
            "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 20000; PRAGMA cache_size = -8000; PRAGMA query_only = ON;";
        let prepared = |pragmas: &'static str| {
            options().after_connect(move |connection, _| {
                Box::pin(async move { sqlx::raw_sql(pragmas).execute(connection).await.map(drop) })
            })
        };
        let write = prepared(WRITER).max_connections(1).connect(&url).await?;
        let read = prepared(READER)
            .max_connections(connections.max(1))
            .connect(&url)
            .await?;
        Ok(Self {
            engine: Engine::Sqlite,
            read,
            write,
        })
    }

    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    pub(crate) async fn rows(&self, sql: impl Into<Sql>, args: Args) -> Result<Vec<Row>> {
        let rows = query(sql.into(), args).fetch_all(&self.read).await?;
        Ok(rows.into_iter().map(Row::new).collect())
    }

    pub(crate) async fn row(&self, sql: impl Into<Sql>, args: Args) -> Result<Option<Row>> {
        Ok(query(sql.into(), args).fetch_optional(&self.read).await?.map(Row::new))
    }

    /// The row, or `NotFound`.
    pub(crate) async fn one(&self, sql: impl Into<Sql>, args: Args) -> Result<Row> {
        self.row(sql, args).await?.ok_or(Error::NotFound)
    }

    /// Feed every row of a long answer to `each` without holding them all.
    pub(crate) async fn each(
        &self,
        sql: impl Into<Sql>,
        args: Args,
        mut each: impl FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let mut rows = query(sql.into(), args).fetch(&self.read);
        while let Some(row) = rows.try_next().await? {
            each(Row::new(row))?;
        }
        Ok(())
    }

    /// One statement that writes, in a transaction of its own.
    pub(crate) async fn execute(&self, sql: impl Into<Sql>, args: Args) -> Result<u64> {
        Ok(query(sql.into(), args).execute(&self.write).await?.rows_affected())
    }

    /// Begin a transaction that writes.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        let inner = match self.engine {
            // Taking the write lock at once keeps two writers from deadlocking on an upgrade.
            Engine::Sqlite => self.write.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.write.begin().await?,
        };
        Ok(Tx { inner })
    }
}

/// What `upsert` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upsert {
    Created,
    Updated,
    Unchanged,
}

/// A transaction; dropped without `commit` it never happened.
pub(crate) struct Tx {
    inner: sqlx::Transaction<'static, Any>,
}

impl Tx {
    pub(crate) async fn rows(&mut self, sql: impl Into<Sql>, args: Args) -> Result<Vec<Row>> {
        let rows = query(sql.into(), args).fetch_all(&mut *self.inner).await?;
        Ok(rows.into_iter().map(Row::new).collect())
    }

    pub(crate) async fn row(&mut self, sql: impl Into<Sql>, args: Args) -> Result<Option<Row>> {
        Ok(query(sql.into(), args)
            .fetch_optional(&mut *self.inner)
            .await?
            .map(Row::new))
    }

    /// The row, or `NotFound`.
    pub(crate) async fn one(&mut self, sql: impl Into<Sql>, args: Args) -> Result<Row> {
        self.row(sql, args).await?.ok_or(Error::NotFound)
    }

    pub(crate) async fn execute(&mut self, sql: impl Into<Sql>, args: Args) -> Result<u64> {
        Ok(query(sql.into(), args).execute(&mut *self.inner).await?.rows_affected())
    }

    /// Insert one row.
    pub(crate) async fn insert(&mut self, table: &str, fields: Fields) -> Result<()> {
        let names = fields.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "INSERT INTO {table} ({names}) VALUES ({})",
            placeholders(0, fields.len())
        );
        self.execute(sql, fields.into_iter().map(|(_, value)| value).collect())
            .await?;
        Ok(())
    }

    /// Insert many rows with the same columns, in as few statements as the engines take.
    pub(crate) async fn insert_many(&mut self, table: &str, rows: Vec<Fields>) -> Result<()> {
        self.insert_many_or(table, rows, "").await
    }

    /// `insert_many`, with what to do about rows that are there already: an `ON CONFLICT` clause.
    pub(crate) async fn insert_many_or(&mut self, table: &str, rows: Vec<Fields>, conflict: &str) -> Result<()> {
        let Some(first) = rows.first() else { return Ok(()) };
        let names = first.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let width = first.len();
        // Powers of two keep the number of different statements (and prepared plans) small.
        let mut rows = rows.into_iter().peekable();
        let mut left = rows.len();
        while rows.peek().is_some() {
            let take = if left >= 64 {
                64
            } else if left >= 8 {
                8
            } else {
                1
            };
            left -= take;
            let tuples = (0..take).map(|row| format!("({})", placeholders(row * width, width)));
            let sql = format!(
                "INSERT INTO {table} ({names}) VALUES {} {conflict}",
                tuples.collect::<Vec<_>>().join(", ")
            );
            let args = rows.by_ref().take(take).flatten().map(|(_, value)| value).collect();
            self.execute(sql, args).await?;
        }
        Ok(())
    }

    /// Set `fields` where every column of `key` has its value; how many rows.
    pub(crate) async fn update(&mut self, table: &str, fields: Fields, key: Fields) -> Result<u64> {
        let equals = |fields: &Fields, before: usize| -> Vec<String> {
            fields
                .iter()
                .enumerate()
                .map(|(at, (name, _))| format!("{name} = ${}", before + at + 1))
                .collect()
        };
        let set = equals(&fields, 0).join(", ");
        let place = equals(&key, fields.len()).join(" AND ");
        let args = fields.into_iter().chain(key).map(|(_, value)| value).collect();
        self.execute(format!("UPDATE {table} SET {set} WHERE {place}"), args)
            .await
    }

    /// Store a record unless it is so already. `fields` are compared; `fresh` are set only on a new one.
    pub(crate) async fn upsert(
        &mut self,
        table: &str,
        (company_id, id): (&str, &str),
        fields: Fields,
        fresh: Fields,
        now: Timestamp,
    ) -> Result<Upsert> {
        let compared: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
        let set: Vec<_> = compared
            .iter()
            .map(|name| format!("{name} = excluded.{name}"))
            .collect();
        let differs: Vec<_> = compared
            .iter()
            .map(|name| format!("{table}.{name} IS DISTINCT FROM excluded.{name}"))
            .collect();
        let all: Fields = [
            ("company_id", company_id.into()),
            ("id", id.into()),
            ("version", 1_i64.into()),
            ("created_at", now.into()),
            ("changed_at", now.into()),
        ]
        .into_iter()
        .chain(fields)
        .chain(fresh)
        .collect();
        let sql = format!(
            "INSERT INTO {table} ({}) VALUES ({}) ON CONFLICT (company_id, id) DO UPDATE SET {}, \
             version = {table}.version + 1, changed_at = excluded.changed_at WHERE {} RETURNING version",
            all.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
            placeholders(0, all.len()),
            set.join(", "),
            differs.join(" OR "),
        );
        let row = self.row(sql, all.into_iter().map(|(_, value)| value).collect()).await?;
        Ok(match row.map(|mut row| row.int()).transpose()? {
            None => Upsert::Unchanged,
            Some(1) => Upsert::Created,
            Some(_) => Upsert::Updated,
        })
    }

    /// Several statements without parameters.
    pub(crate) async fn script(&mut self, sql: String) -> Result<()> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *self.inner).await?;
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }
}

/// `$1, $2, …` for `count` parameters after the first `before`.
pub(crate) fn placeholders(before: usize, count: usize) -> String {
    (before + 1..=before + count)
        .map(|index| format!("${index}"))
        .collect::<Vec<_>>()
        .join(", ")
}
