//! The run of an import: check every row of every file, then store what differs in one transaction.
//! Each file is read twice, so that only ids (and lines) are held in memory, however long it is.

use super::{
    ImportCounts, ImportError, ImportProgress, ImportReport, TemplateObjections,
    company::{STATUSES, inside, read_company, read_statuses},
    documents::{self, ESTIMATE_LINES, ESTIMATES, INVOICE_LINES, INVOICES, Lines},
    imported::{Imported, RowHash, was_imported},
    records::{self, CUSTOMERS, FILES, JOBS, PAYMENTS, PROJECTS, REQUESTS, TEMPLATES},
    table::{Conventions, Layout, Problems, Row, Table},
};
use crate::{
    Actor, Catalogue, CompanyDetails, Error, Line, NewEntry, Platform, RecordKind, Result, StatusRow,
    domain::{
        MAX_FILE_BYTES, activity, companies, customers, estimates, files, invoices, jobs, lines, payments, projects,
        requests, templates,
    },
    security::new_id,
    store::{
        db::{Fields, Tx, Upsert, args},
        objects::StoredObject,
    },
};
use futures_util::{StreamExt, stream};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
};

type Progress<'a> = &'a (dyn Fn(ImportProgress) + Send + Sync);

/// Everything read from the folder before its records, and what stores them.
struct Import<'a> {
    platform: &'a Platform,
    folder: &'a Path,
    progress: Progress<'a>,
    objections: TemplateObjections<'a>,
    company_id: String,
    is_new: bool,
    details: CompanyDetails,
    conventions: Conventions,
    zone: TimeZone,
    catalogue: Catalogue,
    now: Timestamp,
    bytes_total: u64,
    bytes_done: u64,
}

const LAYOUTS: [&Layout; 9] = [
    &CUSTOMERS, &PROJECTS, &JOBS, &ESTIMATES, &INVOICES, &PAYMENTS, &REQUESTS, &FILES, &TEMPLATES,
];

/// Under what the company's own rows are noted as imported: its details, its logo, its statuses.
const COMPANY: &str = "companies";

fn statuses_hash(rows: &[StatusRow]) -> RowHash {
    RowHash::of([format!("{rows:?}").as_str()])
}

/// A misspelt file would be left out without a word.
fn report_unknown_files(folder: &Path, problems: &mut Problems) -> Result<()> {
    let lines = [&ESTIMATE_LINES, &INVOICE_LINES, &STATUSES];
    let known: Vec<_> = LAYOUTS.into_iter().chain(lines).map(|layout| layout.file).collect();
    let mut unknown = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.to_lowercase().ends_with(".csv") && !known.contains(&name.as_str()) {
            unknown.push(name.escape_debug().to_string());
        }
    }
    unknown.sort();
    for name in unknown {
        problems.add(
            &name,
            1,
            format!("an import has no such file, only {}", known.join(", ")),
        );
    }
    Ok(())
}

pub(crate) async fn run(
    platform: &Platform,
    folder: &Path,
    actor: &Actor,
    progress: Progress<'_>,
    objections: TemplateObjections<'_>,
) -> Result<ImportReport, ImportError> {
    let mut problems = Problems::default();
    let Some((details, logo)) = read_company(folder, &mut problems)? else {
        return Err(refused(problems));
    };
    let now = platform.now();
    let known = match platform.companies().by_slug(&details.slug).await {
        Ok(company) => Some(company),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let zone = TimeZone::get(&details.time_zone).unwrap_or(TimeZone::UTC);
    let first = known.as_ref().and_then(|company| company.first_import_date);
    let base = first.unwrap_or_else(|| now.to_zoned(zone.clone()).date());
    let conventions = Conventions {
        base,
        digits: crate::money::currency_digits(&details.currency),
    };
    if known
        .as_ref()
        .is_some_and(|company| company.details.currency != details.currency)
    {
        problems.add("company.toml", 1, "currency: a company's currency cannot change");
    }
    report_unknown_files(folder, &mut problems)?;
    let statuses = read_statuses(folder, &conventions, &mut problems)?;
    let catalogue = match (&statuses, &known) {
        (Some(rows), Some(company)) => {
            // Should the file be as it was imported last, the company's own changes since stay; they count, too.
            let stored = platform.companies().statuses(&company.id).await?;
            let own = RecordKind::ALL.into_iter().flat_map(|kind| {
                let choices = stored.choices(kind).into_iter();
                choices.map(move |status| StatusRow { kind, status })
            });
            let hash = statuses_hash(rows);
            match was_imported(platform.db(), &company.id, COMPANY, STATUSES.file, &hash).await? {
                true => Catalogue::with(rows.iter().cloned().chain(own).collect()),
                false => Catalogue::with(rows.clone()),
            }
        }
        (Some(rows), None) => Catalogue::with(rows.clone()),
        (None, Some(company)) => platform.companies().statuses(&company.id).await?,
        (None, None) => Catalogue::default(),
    };
    let size = |layout: &&Layout| std::fs::metadata(folder.join(layout.file)).map_or(0, |file| file.len());
    let mut import = Import {
        platform,
        folder,
        progress,
        objections,
        is_new: known.is_none(),
        company_id: match known {
            Some(company) => company.id,
            None => new_id("co")?,
        },
        details,
        conventions,
        zone,
        catalogue,
        now,
        bytes_total: LAYOUTS.iter().map(size).sum(),
        bytes_done: 0,
    };
    if !folder.join(CUSTOMERS.file).is_file() {
        problems.add(CUSTOMERS.file, 1, "the file is missing");
    }
    let estimate_lines = Lines::read(
        folder,
        &ESTIMATE_LINES,
        "estimate_id",
        &import.conventions,
        &mut problems,
    )?;
    let invoice_lines = Lines::read(folder, &INVOICE_LINES, "invoice_id", &import.conventions, &mut problems)?;
    let paths = import
        .check(&estimate_lines, &invoice_lines, logo.as_deref(), &mut problems)
        .await?;
    if problems.total > 0 {
        return Err(refused(problems));
    }
    let objects = import.store_objects(&paths).await?;
    let logo = match logo {
        Some(path) => Some(import.store_object(&path).await?),
        None => None,
    };
    let lines = DocumentLines {
        estimates: estimate_lines,
        invoices: invoice_lines,
    };
    Ok(import.store(statuses, logo, base, lines, &objects, actor).await?)
}

fn refused(problems: Problems) -> ImportError {
    ImportError::Invalid {
        problems: problems.lines,
        total: problems.total,
    }
}

struct DocumentLines {
    estimates: Lines,
    invoices: Lines,
}

/// Which records there are and whose they are, in this folder or in the store.
#[derive(Default)]
struct Known {
    /// A number for each customer id.
    customers: HashMap<String, u32>,
    /// By table: id to customer, and whether it is a draft.
    records: HashMap<&'static str, HashMap<String, (u32, bool)>>,
}

impl Known {
    fn add_customer(&mut self, id: String) -> bool {
        let number = u32::try_from(self.customers.len()).unwrap_or(u32::MAX);
        self.customers.insert(id, number).is_none()
    }

    /// The customer's number; one that is only in the store counts too.
    async fn customer(&mut self, import: &Import<'_>, row: &mut Row, id: &str) -> Result<Option<u32>> {
        if let Some(number) = self.customers.get(id) {
            return Ok(Some(*number));
        }
        let sql = "SELECT 1 FROM customers WHERE company_id = $1 AND id = $2";
        if !id.is_empty()
            && import
                .platform
                .db()
                .row(sql, args![&import.company_id, id])
                .await?
                .is_some()
        {
            self.add_customer(id.to_owned());
            return Ok(self.customers.get(id).copied());
        }
        if !id.is_empty() {
            row.refuse(format!("unknown customer {id:?}"));
        }
        Ok(None)
    }

    /// Note a record of the folder.
    fn add(&mut self, table: &'static str, row: &mut Row, id: String, customer: Option<u32>, draft: bool) {
        if id.is_empty() {
            return;
        }
        let owner = (customer.unwrap_or(u32::MAX), draft);
        if self
            .records
            .entry(table)
            .or_default()
            .insert(id.clone(), owner)
            .is_some()
        {
            row.refuse(format!("duplicate id {id:?}"));
        }
    }

    /// Refuse a reference to a record that is not there or not this customer's; whether it is a draft.
    async fn refer(
        &mut self,
        import: &Import<'_>,
        row: &mut Row,
        table: &'static str,
        id: Option<&str>,
        customer: Option<u32>,
    ) -> Result<bool> {
        let Some(id) = id.filter(|id| !id.is_empty()) else {
            return Ok(false);
        };
        let found = match self.records.get(table).and_then(|records| records.get(id)) {
            Some(found) => Some(*found),
            None => self.refer_stored(import, table, id).await?,
        };
        match (found, customer) {
            (None, _) => row.refuse(format!("there is no {id:?} in {table}")),
            (Some((owner, _)), Some(customer)) if owner != customer && owner != u32::MAX => {
                row.refuse(format!("{id:?} in {table} belongs to another customer"));
            }
            _ => {}
        }
        Ok(found.is_some_and(|(_, draft)| draft))
    }

    async fn refer_stored(
        &mut self,
        import: &Import<'_>,
        table: &'static str,
        id: &str,
    ) -> Result<Option<(u32, bool)>> {
        let sql = format!("SELECT customer_id, status FROM {table} WHERE company_id = $1 AND id = $2");
        let Some(mut found) = import.platform.db().row(sql, args![&import.company_id, id]).await? else {
            return Ok(None);
        };
        let (customer, status) = (found.text()?, found.text()?);
        if !self.customers.contains_key(&customer) {
            self.add_customer(customer.clone());
        }
        let number = self.customers.get(&customer).copied().unwrap_or(u32::MAX);
        Ok(Some((number, status == "draft")))
    }
}

/// Rows between two breaths: other tasks run, the progress moves.
const BREATH: u64 = 500;

impl<'a> Import<'a> {
    fn open(&self, layout: &Layout, problems: &mut Problems) -> Result<Option<Table>> {
        Table::open(self.folder, layout, &self.conventions, problems)
    }

    async fn breathe(&self, stage: &'static str, table: &Table, rows: &mut u64) {
        *rows += 1;
        if rows.is_multiple_of(BREATH) {
            (self.progress)(ImportProgress {
                stage,
                done: self.bytes_done + table.bytes(),
                total: self.bytes_total,
            });
            tokio::task::yield_now().await;
        }
    }

    fn close(&mut self, stage: &'static str, table: &Table) {
        self.bytes_done += table.size;
        (self.progress)(ImportProgress {
            stage,
            done: self.bytes_done.min(self.bytes_total),
            total: self.bytes_total,
        });
    }

    /// Check every row; where each file of `files.csv` lies.
    async fn check(
        &mut self,
        estimate_lines: &Lines,
        invoice_lines: &Lines,
        logo: Option<&Path>,
        problems: &mut Problems,
    ) -> Result<BTreeMap<String, PathBuf>> {
        const STAGE: &str = "Checking";
        let mut known = Known::default();
        let mut numbers: HashSet<(&'static str, String)> = HashSet::new();
        let mut template_ids = HashSet::new();
        let mut paths = BTreeMap::new();
        for layout in LAYOUTS {
            let Some(mut table) = self.open(layout, problems)? else {
                continue;
            };
            let mut rows = 0;
            while let Some(mut row) = table.next(problems)? {
                self.breathe(STAGE, &table, &mut rows).await;
                let id = row.id("id");
                self.check_row(
                    layout,
                    &mut row,
                    id,
                    &mut known,
                    (estimate_lines, invoice_lines),
                    &mut numbers,
                    &mut template_ids,
                    &mut paths,
                )
                .await?;
                row.finish(problems);
            }
            self.close(STAGE, &table);
        }
        let has = |table: &str, id: &str| known.records.get(table).is_some_and(|records| records.contains_key(id));
        estimate_lines.report_orphans(ESTIMATE_LINES.file, |id| has("estimates", id), problems);
        invoice_lines.report_orphans(INVOICE_LINES.file, |id| has("invoices", id), problems);
        if let Some(logo) = logo {
            let head = read_head(logo)?;
            if !companies::is_logo_type(crate::store::media::sniff(&head)) {
                problems.add("company.toml", 1, "logo: this is no PNG, JPEG, GIF or WebP image");
            }
        }
        self.bytes_done = 0;
        Ok(paths)
    }

    #[expect(clippy::too_many_arguments, reason = "the bookkeeping of one pass over all files")]
    async fn check_row(
        &self,
        layout: &Layout,
        row: &mut Row,
        id: String,
        known: &mut Known,
        (estimate_lines, invoice_lines): (&Lines, &Lines),
        numbers: &mut HashSet<(&'static str, String)>,
        template_ids: &mut HashSet<String>,
        paths: &mut BTreeMap<String, PathBuf>,
    ) -> Result<()> {
        let catalogue = &self.catalogue;
        match layout.file {
            file if file == CUSTOMERS.file => {
                records::customer(row);
                if !id.is_empty() && !known.add_customer(id.clone()) {
                    row.refuse(format!("duplicate id {id:?}"));
                }
            }
            file if file == PROJECTS.file => {
                let details = records::project(row, catalogue);
                let customer = known.customer(self, row, &details.customer_id).await?;
                known.add("projects", row, id, customer, false);
            }
            file if file == JOBS.file => {
                let details = records::job(row, catalogue);
                let customer = known.customer(self, row, &details.customer_id).await?;
                known
                    .refer(self, row, "projects", details.project_id.as_deref(), customer)
                    .await?;
                known.add("jobs", row, id, customer, false);
            }
            file if file == ESTIMATES.file => {
                let customer_id = row.text("customer_id");
                let read = documents::estimate(row, catalogue, estimate_lines.of(&id));
                let customer = known.customer(self, row, &customer_id).await?;
                let (draft, number) = (row.text("status") == "draft", row.text("number"));
                known
                    .refer(
                        self,
                        row,
                        "projects",
                        read.as_ref().and_then(|(details, _)| details.project_id.as_deref()),
                        customer,
                    )
                    .await?;
                if !numbers.insert(("estimates", number.clone())) {
                    row.refuse(format!("number {number:?} stands twice"));
                }
                known.add("estimates", row, id, customer, draft);
            }
            file if file == INVOICES.file => {
                let customer_id = row.text("customer_id");
                let read = documents::invoice(row, catalogue, invoice_lines.of(&id));
                let customer = known.customer(self, row, &customer_id).await?;
                let (draft, number) = (row.text("status") == "draft", row.text("number"));
                known
                    .refer(
                        self,
                        row,
                        "jobs",
                        read.as_ref().and_then(|(details, _)| details.job_id.as_deref()),
                        customer,
                    )
                    .await?;
                if !numbers.insert(("invoices", number.clone())) {
                    row.refuse(format!("number {number:?} stands twice"));
                }
                known.add("invoices", row, id, customer, draft);
            }
            file if file == PAYMENTS.file => {
                let (customer_id, invoice_id) = (row.text("customer_id"), row.text("invoice_id"));
                records::payment(row);
                let customer = known.customer(self, row, &customer_id).await?;
                if known.refer(self, row, "invoices", Some(&invoice_id), customer).await? {
                    row.refuse(format!("invoice {invoice_id:?} is a draft and cannot be paid"));
                }
                known.add("payments", row, id, customer, false);
            }
            file if file == REQUESTS.file => {
                let (customer_id, job_id) = (row.text("customer_id"), row.text("job_id"));
                records::request(row, catalogue, &self.zone);
                let customer = known.customer(self, row, &customer_id).await?;
                known.refer(self, row, "jobs", Some(&job_id), customer).await?;
                known.add("requests", row, id, customer, false);
            }
            file if file == FILES.file => {
                let customer_id = row.text("customer_id");
                let customer = known.customer(self, row, &customer_id).await?;
                if let Some((new, _, path)) = records::file(row) {
                    known
                        .refer(self, row, new.owner_kind.table(), Some(&new.owner_id), customer)
                        .await?;
                    match inside(&self.folder.join("files"), &path) {
                        None if path.is_empty() => {}
                        None => row.refuse(format!("path {path:?} is no file under files/")),
                        Some(found) if std::fs::metadata(&found)?.len() > MAX_FILE_BYTES => {
                            row.refuse(format!(
                                "path {path:?} has more than {} MiB",
                                MAX_FILE_BYTES / 1024 / 1024
                            ));
                        }
                        Some(found) => {
                            paths.insert(path, found);
                        }
                    }
                }
                known.add("files", row, id, customer, false);
            }
            _ => {
                if let Some(details) = records::template(row) {
                    for objection in (self.objections)(&details) {
                        row.refuse(objection);
                    }
                }
                if !template_ids.insert(id.clone()) {
                    row.refuse(format!("duplicate id {id:?}"));
                }
            }
        }
        Ok(())
    }

    /// Put every file of the folder into the object store, before the transaction: bytes nobody refers to do no harm.
    async fn store_objects(&self, paths: &BTreeMap<String, PathBuf>) -> Result<HashMap<String, StoredObject>> {
        let total = paths.len() as u64;
        let mut stored = HashMap::new();
        for ((name, path), done) in paths.iter().zip(1_u64..) {
            stored.insert(name.clone(), self.store_object(path).await?);
            (self.progress)(ImportProgress {
                stage: "Storing files",
                done,
                total,
            });
        }
        Ok(stored)
    }

    async fn store_object(&self, path: &Path) -> Result<StoredObject> {
        let objects = self.platform.objects();
        let path_of_hash = path.to_owned();
        let known = tokio::task::spawn_blocking(move || describe(&path_of_hash))
            .await
            .map_err(|_| Error::Unavailable("A file could not be read.".into()))??;
        if objects.exists(&self.company_id, &known.sha256).await? {
            return Ok(known);
        }
        let file = tokio::fs::File::open(path).await?;
        let chunks = stream::try_unfold(file, |mut file| async move {
            use tokio::io::AsyncReadExt;
            let mut chunk = vec![0; 64 * 1024];
            let read = file.read(&mut chunk).await?;
            chunk.truncate(read);
            Ok((read > 0).then(|| (bytes::Bytes::from(chunk), file)))
        });
        objects.put(&self.company_id, chunks.boxed(), MAX_FILE_BYTES).await
    }

    /// Store everything in one transaction.
    async fn store(
        mut self,
        statuses: Option<Vec<StatusRow>>,
        logo: Option<StoredObject>,
        base: Date,
        lines: DocumentLines,
        objects: &HashMap<String, StoredObject>,
        actor: &Actor,
    ) -> Result<ImportReport> {
        let mut counts: BTreeMap<&'static str, ImportCounts> = BTreeMap::new();
        let mut tx = self.platform.db().begin().await?;
        let company_id = self.company_id.clone();
        let mut imported = Imported::new(&company_id, self.is_new);
        let company = self.store_company(&mut tx, &mut imported, logo.as_ref(), actor).await?;
        count(&mut counts, "company", company);
        companies::store_first_import(&mut tx, &company_id, base).await?;
        if let Some(rows) = &statuses
            && !imported
                .is_same(&mut tx, COMPANY, STATUSES.file, statuses_hash(rows))
                .await?
        {
            companies::store_statuses(&mut tx, &company_id, rows).await?;
        }
        for layout in LAYOUTS {
            self.store_table(&mut tx, &mut imported, layout, &lines, objects, &mut counts)
                .await?;
        }
        imported.write(&mut tx).await?;
        invoices::settle(&mut tx, &company_id, None).await?;
        let (created, updated) = counts
            .values()
            .fold((0, 0), |sum, counts| (sum.0 + counts.created, sum.1 + counts.updated));
        if created + updated > 0 {
            let entry = NewEntry {
                kind: "import.done".into(),
                summary: format!("Imported a folder: {created} records created, {updated} updated"),
                ..NewEntry::default()
            };
            activity::append(&mut tx, &company_id, &[entry], actor, self.now).await?;
        }
        tx.commit().await?;
        Ok(ImportReport {
            company_id,
            slug: self.details.slug,
            counts,
        })
    }

    async fn store_company(
        &self,
        tx: &mut Tx,
        imported: &mut Imported,
        logo: Option<&StoredObject>,
        actor: &Actor,
    ) -> Result<Upsert> {
        let id = &self.company_id;
        if self.is_new {
            companies::insert(tx, id, &self.details, self.now).await?;
        }
        let details_hash = RowHash::of([format!("{:?}", self.details).as_str()]);
        let same_details = imported.is_same(tx, COMPANY, "company.toml", details_hash).await?;
        let changed = !same_details && companies::update(tx, id, None, &self.details, actor, self.now).await?;
        let logo_hash = RowHash::of(logo.map(|logo| logo.sha256.as_str()));
        let same_logo = imported.is_same(tx, COMPANY, "logo", logo_hash).await?;
        let new_logo = !same_logo && companies::store_logo(tx, id, logo).await?;
        Ok(match (self.is_new, changed || new_logo) {
            (true, _) => Upsert::Created,
            (false, true) => Upsert::Updated,
            (false, false) => Upsert::Unchanged,
        })
    }

    async fn store_table(
        &mut self,
        tx: &mut Tx,
        imported: &mut Imported,
        layout: &Layout,
        lines: &DocumentLines,
        objects: &HashMap<String, StoredObject>,
        counts: &mut BTreeMap<&'static str, ImportCounts>,
    ) -> Result<()> {
        const STAGE: &str = "Importing";
        // What was fine a moment ago is read again; should the folder change meanwhile, nothing is stored.
        let mut problems = Problems::default();
        let Some(mut table) = self.open(layout, &mut problems)? else {
            return Ok(());
        };
        let mut rows = 0;
        while let Some(mut row) = table.next(&mut problems)? {
            self.breathe(STAGE, &table, &mut rows).await;
            let id = row.id("id");
            let described = self.read_row(layout, &mut row, &id, lines, objects)?;
            let kind = described.table;
            let done = self.store_record(tx, imported, &row, &id, described).await?;
            count(counts, kind, done);
            if !row.finish(&mut problems) {
                break;
            }
        }
        if problems.total > 0 {
            return Err(Error::Conflict(
                "The folder changed while it was being imported.".into(),
            ));
        }
        self.close(STAGE, &table);
        Ok(())
    }

    /// The record that a row and what belongs to it describe.
    fn read_row(
        &self,
        layout: &Layout,
        row: &mut Row,
        id: &str,
        lines: &DocumentLines,
        objects: &HashMap<String, StoredObject>,
    ) -> Result<Described> {
        let catalogue = &self.catalogue;
        let changed = || Error::Conflict("The folder changed while it was being imported.".into());
        let plain = |table: &'static str, fields: Fields| Described {
            table,
            fields,
            ..Described::default()
        };
        Ok(match layout.file {
            file if file == CUSTOMERS.file => plain("customers", customers::fields(&records::customer(row))),
            file if file == PROJECTS.file => plain(
                "projects",
                projects::fields(&records::project(row, catalogue), catalogue),
            ),
            file if file == JOBS.file => plain("jobs", jobs::fields(&records::job(row, catalogue), catalogue)),
            file if file == ESTIMATES.file => {
                let (details, priced) =
                    documents::estimate(row, catalogue, lines.estimates.of(id)).ok_or_else(changed)?;
                let fields = estimates::fields(&details, &priced);
                Described {
                    more: priced.hash,
                    lines: Some(("estimate_lines", priced.lines)),
                    ..plain("estimates", fields)
                }
            }
            file if file == INVOICES.file => {
                let (details, priced) =
                    documents::invoice(row, catalogue, lines.invoices.of(id)).ok_or_else(changed)?;
                let fields = invoices::fields(&details, &priced);
                Described {
                    fresh: invoices::unsettled(),
                    more: priced.hash,
                    lines: Some(("invoice_lines", priced.lines)),
                    ..plain("invoices", fields)
                }
            }
            file if file == PAYMENTS.file => plain(
                "payments",
                payments::fields(&records::payment(row).ok_or_else(changed)?, ""),
            ),
            file if file == REQUESTS.file => {
                let (details, submitted) = records::request(row, catalogue, &self.zone).ok_or_else(changed)?;
                plain("requests", requests::fields(&details, catalogue, submitted))
            }
            file if file == FILES.file => {
                let (new, customer_id, path) = records::file(row).ok_or_else(changed)?;
                let stored = objects.get(&path).ok_or_else(changed)?;
                Described {
                    more: stored.sha256.clone(),
                    ..plain("files", files::fields(&new, &customer_id, stored))
                }
            }
            _ => plain(
                "templates",
                templates::fields(&records::template(row).ok_or_else(changed)?),
            ),
        })
    }

    /// Store a record, unless its row is as it was imported last: then what was changed since stays.
    async fn store_record(
        &self,
        tx: &mut Tx,
        imported: &mut Imported,
        row: &Row,
        id: &str,
        described: Described,
    ) -> Result<Upsert> {
        let table = described.table;
        if imported.is_same(tx, table, id, row.hash(&described.more)).await? {
            return Ok(Upsert::Unchanged);
        }
        let done = tx
            .upsert(
                table,
                (&self.company_id, id),
                described.fields,
                described.fresh,
                self.now,
            )
            .await
            .map_err(|error| {
                let place = format!("{}:{}", row.file, row.line);
                if error.is_duplicate() {
                    Error::Conflict(format!(
                        "{place}: another record of the company has this number already"
                    ))
                } else if error.is_missing_reference() {
                    Error::Conflict(format!("{place}: a record it refers to was removed meanwhile"))
                } else {
                    error
                }
            })?;
        if let Some((table, lines)) = described.lines
            && done != Upsert::Unchanged
        {
            lines::store(tx, table, &self.company_id, id, &lines).await?;
        }
        Ok(done)
    }
}

/// A record as the folder describes it.
#[derive(Default)]
struct Described {
    table: &'static str,
    fields: Fields,
    /// Set on a new record only.
    fresh: Fields,
    /// Hash of what the row alone does not show: its lines, its file's bytes.
    more: String,
    /// The table of its lines, and they.
    lines: Option<(&'static str, Vec<Line>)>,
}

fn count(counts: &mut BTreeMap<&'static str, ImportCounts>, kind: &'static str, done: Upsert) {
    let counts = counts.entry(kind).or_default();
    match done {
        Upsert::Created => counts.created += 1,
        Upsert::Updated => counts.updated += 1,
        Upsert::Unchanged => counts.unchanged += 1,
    }
}

fn read_head(path: &Path) -> Result<Vec<u8>> {
    use std::io::Read;
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(64 * 1024).read_to_end(&mut head)?;
    Ok(head)
}

/// Hash, size and type of a file.
fn describe(path: &Path) -> Result<StoredObject> {
    use sha2::{Digest, Sha256};
    use std::io::Read;
    let mut file = std::fs::File::open(path)?;
    let (mut hash, mut size, mut head) = (Sha256::new(), 0_u64, Vec::new());
    let mut chunk = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut chunk)?;
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        hash.update(bytes);
        size += bytes.len() as u64;
        if head.is_empty() {
            head.extend_from_slice(bytes);
        }
    }
    let sha256 = crate::security::hex(&hash.finalize());
    Ok(StoredObject {
        sha256,
        size,
        media_type: crate::store::media::sniff(&head),
    })
}
