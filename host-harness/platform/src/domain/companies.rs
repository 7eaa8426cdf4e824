//! Companies: who they are, how they look, their zone, currency and words for statuses.
//! A company's id is the host's own; its slug is what addresses show.

use super::{
    FieldChange, NewEntry,
    activity::append,
    records::{address_fields, read_address},
};
use crate::{
    Actor, Catalogue, Error, Platform, RecordKind, Result, StatusRow,
    security::new_id,
    status::{parse_tone, tone_code},
    store::{
        db::{Fields, Row, Tx, args},
        objects::StoredObject,
    },
    validate::{Check, LINE, TEXT},
};
use bytes::Bytes;
use capabilities::{Address, FieldError, Moment, Status};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// What an admin can edit about a company.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompanyDetails {
    /// Short name in addresses: lower-case letters, digits and `-`.
    pub slug: String,
    /// Full name.
    pub name: String,
    /// Telephone, or empty.
    pub phone: String,
    /// E-mail, or empty.
    pub email: String,
    /// Absolute http(s) address, or empty.
    pub website: String,
    /// Postal address.
    pub address: Address,
    /// BCP 47 tag.
    pub locale: String,
    /// IANA time zone.
    pub time_zone: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `#rrggbb`, or none.
    pub accent: Option<String>,
    /// How to pay without paying online; plain text.
    pub remit_to: String,
    /// Terms printed on new estimates; plain text.
    pub terms: String,
}

/// A company as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// The host's id.
    pub id: String,
    /// Everything an admin can edit.
    pub details: CompanyDetails,
    /// Whether it has a logo.
    pub has_logo: bool,
    /// The day of its first import, which relative dates count from.
    pub first_import_date: Option<Date>,
    /// Rises with every change.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
}

impl std::ops::Deref for Company {
    type Target = CompanyDetails;

    fn deref(&self) -> &CompanyDetails {
        &self.details
    }
}

impl Company {
    /// The company's zone; UTC should its name no longer be known.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.details.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// An instant with how the company's wall clock shows it.
    pub fn moment(&self, at: Timestamp) -> Moment {
        let zoned = at.to_zoned(self.zone());
        Moment {
            unix_seconds: at.as_second(),
            local: zoned.datetime(),
            zone: zoned.strftime("%Z").to_string(),
        }
    }

    /// The civil date at an instant in the company's zone.
    pub fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone()).date()
    }

    /// Digits after the decimal separator of the company's currency.
    pub fn currency_digits(&self) -> u8 {
        crate::money::currency_digits(&self.details.currency)
    }
}

/// A company's logo.
#[derive(Debug, Clone)]
pub struct Logo {
    /// As detected from its bytes.
    pub media_type: String,
    /// The image.
    pub bytes: Bytes,
    /// Strong entity tag without quotes.
    pub etag: String,
}

/// The companies repository.
#[derive(Clone, Copy)]
pub struct Companies<'a> {
    pub(crate) platform: &'a Platform,
}

impl Companies<'_> {
    /// Every company, by name.
    pub async fn list(&self) -> Result<Vec<Company>> {
        let sql = format!("SELECT {COLUMNS} FROM companies ORDER BY name, id");
        self.platform
            .db()
            .rows(sql, args![])
            .await?
            .iter_mut()
            .map(read)
            .collect()
    }

    /// The company with this id.
    pub async fn get(&self, id: &str) -> Result<Company> {
        let sql = format!("SELECT {COLUMNS} FROM companies WHERE id = $1");
        read(&mut self.platform.db().one(sql, args![id]).await?)
    }

    /// The company with this slug.
    pub async fn by_slug(&self, slug: &str) -> Result<Company> {
        let sql = format!("SELECT {COLUMNS} FROM companies WHERE slug = $1");
        read(&mut self.platform.db().one(sql, args![slug]).await?)
    }

    /// Add a company.
    pub async fn create(&self, details: CompanyDetails, actor: &Actor) -> Result<Company> {
        let now = self.platform.now();
        check(&details)?;
        let mut tx = self.platform.db().begin().await?;
        let id = new_id("co")?;
        insert(&mut tx, &id, &details, now).await?;
        let entry = NewEntry {
            kind: "company.created".into(),
            summary: format!("Added the company {}", details.name),
            ..NewEntry::default()
        };
        append(&mut tx, &id, &[entry], actor, now).await?;
        tx.commit().await?;
        self.get(&id).await
    }

    /// Change a company; `Conflict` when somebody changed it since `expected_version`.
    pub async fn update(
        &self,
        id: &str,
        expected_version: i64,
        details: CompanyDetails,
        actor: &Actor,
    ) -> Result<Company> {
        let now = self.platform.now();
        check(&details)?;
        let mut tx = self.platform.db().begin().await?;
        if update(&mut tx, id, Some(expected_version), &details, actor, now).await? {
            tx.commit().await?;
        }
        self.get(id).await
    }

    /// Set (PNG, JPEG, GIF, WebP; at most 1 MiB) or remove the logo.
    pub async fn set_logo(&self, id: &str, image: Option<Bytes>, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        self.get(id).await?;
        let stored = match image {
            Some(image) if image.len() > MAX_LOGO_BYTES => {
                return Err(Error::invalid("logo", "too-long", "A logo can have at most 1 MiB."));
            }
            Some(image) => {
                let stored = self.platform.objects().put_bytes(id, image).await?;
                if !is_logo_type(stored.media_type) {
                    return Err(Error::invalid(
                        "logo",
                        "not-allowed",
                        "A logo is a PNG, JPEG, GIF or WebP image.",
                    ));
                }
                Some(stored)
            }
            None => None,
        };
        let mut tx = self.platform.db().begin().await?;
        let summary = if stored.is_some() {
            "Changed the logo"
        } else {
            "Removed the logo"
        };
        store_logo(&mut tx, id, stored.as_ref()).await?;
        let entry = NewEntry {
            kind: "company.logo".into(),
            summary: summary.into(),
            ..NewEntry::default()
        };
        append(&mut tx, id, &[entry], actor, now).await?;
        tx.commit().await
    }

    /// The logo.
    pub async fn logo(&self, id: &str) -> Result<Logo> {
        let sql = "SELECT logo_type, logo_sha256 FROM companies WHERE id = $1";
        let mut row = self.platform.db().one(sql, args![id]).await?;
        let (media_type, etag) = (
            row.opt_text()?.ok_or(Error::NotFound)?,
            row.opt_text()?.ok_or(Error::NotFound)?,
        );
        let bytes = self.platform.objects().get_bytes(id, &etag).await?;
        Ok(Logo {
            media_type,
            bytes,
            etag,
        })
    }

    /// The company's words, tones and openness of every status.
    pub async fn statuses(&self, id: &str) -> Result<Catalogue> {
        let sql = "SELECT kind, code, label, tone, open FROM statuses WHERE company_id = $1 ORDER BY kind, position";
        let rows = self.platform.db().rows(sql, args![id]).await?;
        let rows = rows.into_iter().map(|mut row| {
            let (kind, code, label, tone) = (row.text()?, row.text()?, row.text()?, row.text()?);
            let kind = RecordKind::parse(&kind).ok_or_else(|| Error::corrupt("a status's kind"))?;
            let tone = parse_tone(&tone).ok_or_else(|| Error::corrupt("a status's tone"))?;
            Ok(StatusRow {
                kind,
                status: Status {
                    code,
                    label,
                    tone,
                    open: row.flag()?,
                },
            })
        });
        Ok(Catalogue::with(rows.collect::<Result<_>>()?))
    }

    /// Replace the company's own statuses; built-in ones not named keep their words.
    pub async fn set_statuses(&self, id: &str, rows: Vec<StatusRow>, actor: &Actor) -> Result<()> {
        let now = self.platform.now();
        let objections: Vec<_> = rows.iter().filter_map(Catalogue::objection).collect();
        if !objections.is_empty() {
            return Err(Error::Invalid(
                objections
                    .into_iter()
                    .map(|why| FieldError::new("statuses", "not-allowed", why))
                    .collect(),
            ));
        }
        self.get(id).await?;
        let mut tx = self.platform.db().begin().await?;
        store_statuses(&mut tx, id, &rows).await?;
        let entry = NewEntry {
            kind: "company.statuses".into(),
            summary: "Changed the company's statuses".into(),
            ..NewEntry::default()
        };
        append(&mut tx, id, &[entry], actor, now).await?;
        tx.commit().await
    }
}

const MAX_LOGO_BYTES: usize = 1024 * 1024;

const COLUMNS: &str = "id, slug, name, phone, email, website, street, unit, city, region, postal_code, country, locale,
    time_zone, currency, accent, remit_to, terms, logo_sha256, first_import_date, version, created_at";

fn read(row: &mut Row) -> Result<Company> {
    let id = row.text()?;
    let details = CompanyDetails {
        slug: row.text()?,
        name: row.text()?,
        phone: row.text()?,
        email: row.text()?,
        website: row.text()?,
        address: read_address(row)?,
        locale: row.text()?,
        time_zone: row.text()?,
        currency: row.text()?,
        accent: row.opt_text()?,
        remit_to: row.text()?,
        terms: row.text()?,
    };
    Ok(Company {
        id,
        details,
        has_logo: row.opt_text()?.is_some(),
        first_import_date: row.opt_civil()?,
        version: row.int()?,
        created_at: row.time()?,
    })
}

fn fields(details: &CompanyDetails) -> Fields {
    let mut fields: Fields = vec![
        ("slug", (&details.slug).into()),
        ("name", (&details.name).into()),
        ("phone", (&details.phone).into()),
        ("email", (&details.email).into()),
        ("website", (&details.website).into()),
        ("locale", (&details.locale).into()),
        ("time_zone", (&details.time_zone).into()),
        ("currency", (&details.currency).into()),
        ("accent", details.accent.as_deref().into()),
        ("remit_to", (&details.remit_to).into()),
        ("terms", (&details.terms).into()),
    ];
    fields.extend(address_fields(&details.address));
    fields
}

/// Slugs that the public listener uses itself.
const RESERVED_SLUGS: [&str; 6] = ["livez", "readyz", "assets", "static", "api", "metrics"];

pub(crate) fn check(details: &CompanyDetails) -> Result<()> {
    let mut check = Check::default();
    let slug = details.slug.as_str();
    let well_formed = (2..=40).contains(&slug.len())
        && slug
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-');
    if !well_formed {
        check.refuse("slug", "malformed", "Use 2 to 40 lower-case letters, digits and -.");
    } else if RESERVED_SLUGS.contains(&slug) {
        check.refuse("slug", "taken", "This short name is used by the host itself.");
    }
    check.required("name", &details.name, LINE);
    check.phone("phone", &details.phone);
    check.email("email", &details.email);
    check.line("website", &details.website, 300);
    let website = details.website.as_str();
    if !(website.is_empty() || website.starts_with("https://") || website.starts_with("http://")) {
        check.refuse(
            "website",
            "malformed",
            "A website address starts with https:// or http://.",
        );
    }
    check.address("", &details.address);
    check.language("locale", &details.locale);
    if details.locale.is_empty() {
        check.refuse("locale", "required", "Please give a language such as en-US.");
    }
    if TimeZone::get(&details.time_zone).is_err() {
        check.refuse(
            "time_zone",
            "malformed",
            "Use an IANA time zone such as America/Denver.",
        );
    }
    if details.currency.len() != 3 || !details.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        check.refuse("currency", "malformed", "Use a three-letter currency code such as USD.");
    }
    let colour = |accent: &str| {
        accent
            .strip_prefix('#')
            .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    if details.accent.as_deref().is_some_and(|accent| !colour(accent)) {
        check.refuse("accent", "malformed", "Use a colour such as #1a6fb5.");
    }
    check.text("remit_to", &details.remit_to, TEXT);
    check.text("terms", &details.terms, 4 * TEXT);
    check.finish()
}

fn slug_taken(error: Error) -> Error {
    if error.is_duplicate() {
        return Error::invalid("slug", "taken", "Another company has this short name.");
    }
    error
}

pub(crate) async fn insert(tx: &mut Tx, id: &str, details: &CompanyDetails, now: Timestamp) -> Result<()> {
    let mut fields = fields(details);
    fields.push(("id", id.into()));
    fields.push(("version", 1_i64.into()));
    fields.push(("created_at", now.into()));
    tx.insert("companies", fields).await.map_err(slug_taken)
}

/// Change a company (at any version when none is expected); whether anything changed.
pub(crate) async fn update(
    tx: &mut Tx,
    id: &str,
    expected_version: Option<i64>,
    details: &CompanyDetails,
    actor: &Actor,
    now: Timestamp,
) -> Result<bool> {
    let sql = format!("SELECT {COLUMNS} FROM companies WHERE id = $1");
    let before = read(&mut tx.one(sql, args![id]).await?)?;
    let stale = || Error::Conflict("The company was changed by somebody else since you opened it.".into());
    if expected_version.is_some_and(|expected| expected != before.version) {
        return Err(stale());
    }
    if before.details == *details {
        return Ok(false);
    }
    // Amounts are whole minor units of the old currency and would silently change their meaning.
    if before.details.currency != details.currency {
        return Err(Error::invalid(
            "currency",
            "not-allowed",
            "A company's currency cannot change.",
        ));
    }
    let (after, old) = (fields(details), fields(&before.details));
    let changes = after
        .iter()
        .zip(&old)
        .filter(|(after, before)| after.1 != before.1)
        .map(|(after, before)| FieldChange {
            field: after.0.to_owned(),
            before: before.1.shown(),
            after: after.1.shown(),
        });
    let entry = NewEntry {
        kind: "company.updated".into(),
        summary: "Changed the company's details".into(),
        changes: changes.collect(),
        ..NewEntry::default()
    };
    let mut set = after.clone();
    set.push(("version", (before.version + 1).into()));
    let key: Fields = vec![("id", id.into()), ("version", before.version.into())];
    if tx.update("companies", set, key).await.map_err(slug_taken)? == 0 {
        return Err(stale());
    }
    append(tx, id, &[entry], actor, now).await?;
    Ok(true)
}

/// Whether a detected content type can be a logo's.
pub(crate) fn is_logo_type(media_type: &str) -> bool {
    matches!(media_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

/// Note the day of the first import, once.
pub(crate) async fn store_first_import(tx: &mut Tx, id: &str, day: Date) -> Result<()> {
    let sql = "UPDATE companies SET first_import_date = $2 WHERE id = $1 AND first_import_date IS NULL";
    tx.execute(sql, args![id, day]).await?;
    Ok(())
}

/// Note the logo's object; whether it is another one than before.
pub(crate) async fn store_logo(tx: &mut Tx, id: &str, logo: Option<&StoredObject>) -> Result<bool> {
    let sql = "UPDATE companies SET logo_type = $2, logo_sha256 = $3
         WHERE id = $1 AND COALESCE(logo_sha256, '') <> COALESCE($3, '')";
    let (media_type, sha256) = (logo.map(|logo| logo.media_type), logo.map(|logo| logo.sha256.as_str()));
    Ok(tx.execute(sql, args![id, media_type, sha256]).await? > 0)
}

/// Replace the company's statuses and bring every record's open flag in line.
pub(crate) async fn store_statuses(tx: &mut Tx, id: &str, rows: &[StatusRow]) -> Result<()> {
    tx.execute("DELETE FROM statuses WHERE company_id = $1", args![id])
        .await?;
    let fields = rows.iter().zip(1_i64..).map(|(row, position)| -> Fields {
        vec![
            ("company_id", id.into()),
            ("kind", row.kind.code().into()),
            ("code", (&row.status.code).into()),
            ("label", (&row.status.label).into()),
            ("tone", tone_code(row.status.tone).into()),
            ("open", row.status.open.into()),
            ("position", position.into()),
        ]
    });
    tx.insert_many("statuses", fields.collect()).await?;
    let catalogue = Catalogue::with(rows.to_vec());
    for (kind, table) in [
        (RecordKind::Job, "jobs"),
        (RecordKind::Project, "projects"),
        (RecordKind::Request, "requests"),
    ] {
        for status in catalogue.choices(kind) {
            let sql = format!("UPDATE {table} SET open = $3 WHERE company_id = $1 AND status = $2 AND open <> $3");
            tx.execute(sql, args![id, status.code, status.open]).await?;
        }
    }
    Ok(())
}
