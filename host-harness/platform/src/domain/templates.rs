//! Message templates of a company; what their merge fields mean is messaging's business.
//! Subjects refuse CR, LF and NUL here too.

use super::{
    FieldChange, NewEntry,
    activity::append,
    customers::missing_company,
    records::{new_record, update_versioned},
};
use crate::{
    Actor, Error, Platform, Result,
    security::new_id,
    store::db::{Fields, Row, args},
    validate::{Check, LINE},
};
use capabilities::Channel;
use jiff::Timestamp;

/// What staff can edit about a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateDetails {
    /// E-mail or text message.
    pub channel: Channel,
    /// Name in staff's list.
    pub name: String,
    /// E-mail only.
    pub subject: String,
    /// With merge fields.
    pub body: String,
}

/// A template as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Unique within the company.
    pub id: String,
    /// Everything staff can edit.
    pub details: TemplateDetails,
    /// Rises with every change.
    pub version: i64,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// The templates repository.
#[derive(Clone, Copy)]
pub struct Templates<'a> {
    pub(crate) platform: &'a Platform,
}

impl Templates<'_> {
    /// The company's templates, by name.
    pub async fn list(&self, company_id: &str) -> Result<Vec<Template>> {
        let sql = format!("SELECT {COLUMNS} FROM templates WHERE company_id = $1 ORDER BY name, id");
        self.platform
            .db()
            .rows(sql, args![company_id])
            .await?
            .iter_mut()
            .map(read)
            .collect()
    }

    /// One template.
    pub async fn get(&self, company_id: &str, id: &str) -> Result<Template> {
        let sql = format!("SELECT {COLUMNS} FROM templates WHERE company_id = $1 AND id = $2");
        read(&mut self.platform.db().one(sql, args![company_id, id]).await?)
    }

    /// Add a template.
    pub async fn create(&self, company_id: &str, details: TemplateDetails, actor: &Actor) -> Result<Template> {
        let now = self.platform.now();
        check(&details)?;
        let id = new_id("te")?;
        let mut tx = self.platform.db().begin().await?;
        let record = new_record(company_id, &id, now, fields(&details));
        tx.insert("templates", record).await.map_err(missing_company)?;
        append(
            &mut tx,
            company_id,
            &[entry(&id, "created", &details.name, Vec::new())],
            actor,
            now,
        )
        .await?;
        tx.commit().await?;
        self.get(company_id, &id).await
    }

    /// Change a template; `Conflict` when somebody changed it since `expected_version`.
    pub async fn update(
        &self,
        company_id: &str,
        id: &str,
        expected_version: i64,
        details: TemplateDetails,
        actor: &Actor,
    ) -> Result<Template> {
        let now = self.platform.now();
        check(&details)?;
        let mut tx = self.platform.db().begin().await?;
        let changes = update_versioned(
            &mut tx,
            "templates",
            (company_id, id),
            expected_version,
            fields(&details),
            now,
        )
        .await?;
        if !changes.is_empty() {
            append(
                &mut tx,
                company_id,
                &[entry(id, "updated", &details.name, changes)],
                actor,
                now,
            )
            .await?;
            tx.commit().await?;
        }
        self.get(company_id, id).await
    }

    /// Remove a template.
    pub async fn delete(&self, company_id: &str, id: &str, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let mut tx = self.platform.db().begin().await?;
        let sql = "DELETE FROM templates WHERE company_id = $1 AND id = $2 RETURNING name";
        let name = tx.one(sql, args![company_id, id]).await?.text()?;
        append(
            &mut tx,
            company_id,
            &[entry(id, "deleted", &name, Vec::new())],
            actor,
            now,
        )
        .await?;
        tx.commit().await
    }
}

const COLUMNS: &str = "id, channel, name, subject, body, version, changed_at";

fn read(row: &mut Row) -> Result<Template> {
    Ok(Template {
        id: row.text()?,
        details: TemplateDetails {
            channel: read_channel(row)?,
            name: row.text()?,
            subject: row.text()?,
            body: row.text()?,
        },
        version: row.int()?,
        changed_at: row.time()?,
    })
}

/// The word stored for a channel.
pub(crate) fn channel_code(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "email",
        Channel::Sms => "sms",
    }
}

pub(crate) fn read_channel(row: &mut Row) -> Result<Channel> {
    match row.text()?.as_str() {
        "email" => Ok(Channel::Email),
        "sms" => Ok(Channel::Sms),
        other => Err(Error::corrupt(format_args!("channel {other:?}"))),
    }
}

pub(crate) fn check(details: &TemplateDetails) -> Result<()> {
    let mut check = Check::default();
    check.required("name", &details.name, LINE);
    match details.channel {
        Channel::Email => check.required("subject", &details.subject, 500),
        Channel::Sms if !details.subject.is_empty() => {
            check.refuse("subject", "not-allowed", "A text message has no subject.");
        }
        Channel::Sms => {}
    }
    if details.body.trim().is_empty() {
        check.refuse("body", "required", "Please write the message.");
    }
    check.text("body", &details.body, 20_000);
    check.finish()
}

pub(crate) fn fields(details: &TemplateDetails) -> Fields {
    vec![
        ("channel", channel_code(details.channel).into()),
        ("name", (&details.name).into()),
        ("subject", (&details.subject).into()),
        ("body", (&details.body).into()),
    ]
}

fn entry(id: &str, what: &str, name: &str, changes: Vec<FieldChange>) -> NewEntry {
    NewEntry {
        kind: format!("template.{what}"),
        subject_kind: "template".into(),
        subject_id: id.to_owned(),
        summary: format!("Template {name:?} {what}"),
        changes,
        ..NewEntry::default()
    }
}
