//! A host in memory: one company, one customer, one file. It keeps what plugins did, to be looked at.
//! Small enough to read whole before the tests that use it.

use async_trait::async_trait;
use bytes::Bytes;
use capabilities::*;
use futures_util::stream;
use jiff::civil;
use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
};

/// Pieces of the one file's bytes.
pub(crate) const FILE: [&str; 3] = ["0123", "4567", "89"];

#[derive(Default)]
pub(crate) struct World {
    company: String,
    mode: Option<String>,
    pub(crate) stored: Mutex<BTreeMap<String, Vec<u8>>>,
    password: Mutex<Option<(String, String)>>,
    pub(crate) sent: Mutex<Vec<Message>>,
    pub(crate) recorded: Mutex<Vec<ActivityEntry>>,
}

impl World {
    pub(crate) fn new(company: &str) -> Arc<Self> {
        Arc::new(Self {
            company: company.to_owned(),
            ..Self::default()
        })
    }

    /// One whose plugin has the setting `mode` too.
    pub(crate) fn in_mode(company: &str, mode: &str) -> Arc<Self> {
        Arc::new(Self {
            company: company.to_owned(),
            mode: Some(mode.to_owned()),
            ..Self::default()
        })
    }

    pub(crate) fn grants(self: &Arc<Self>) -> Grants {
        Grants {
            company: self.clone(),
            customers: Some(self.clone()),
            documents: Some(self.clone()),
            storage: Some(self.clone()),
            credentials: Some(self.clone()),
            messages: Some(self.clone()),
            activity: Some(self.clone()),
        }
    }
}

fn moment() -> Moment {
    Moment {
        unix_seconds: 1_767_225_600,
        local: civil::date(2026, 1, 1).at(0, 0, 0, 0),
        zone: "UTC".into(),
    }
}

fn money(minor: i64) -> Money {
    Money {
        minor,
        currency: "USD".into(),
    }
}

#[async_trait]
impl Company for World {
    async fn profile(&self) -> Result<CompanyProfile> {
        Ok(CompanyProfile {
            slug: self.company.clone(),
            name: format!("Company {}", self.company),
            phone: String::new(),
            email: String::new(),
            website: String::new(),
            address: Address::default(),
            logo_path: None,
            accent: None,
            locale: "en-US".into(),
            time_zone: "UTC".into(),
            currency: "USD".into(),
            currency_digits: 2,
        })
    }

    fn features(&self) -> Features {
        Features {
            pdf: true,
            email: true,
            ..Features::default()
        }
    }

    async fn settings(&self) -> Result<Vec<Setting>> {
        let setting = |key: &str, value: &str| Setting {
            key: key.into(),
            value: value.into(),
        };
        let mode = self.mode.as_deref().map(|mode| setting("mode", mode));
        Ok([setting("days", "30")].into_iter().chain(mode).collect())
    }

    fn mount_url(&self) -> String {
        format!("https://example.com/{}/good", self.company)
    }

    fn now(&self) -> Moment {
        moment()
    }
}

#[async_trait]
impl Customers for World {
    async fn open(&self, id: &str) -> Result<Arc<dyn Customer>> {
        match id {
            "C1" => Ok(Arc::new(Ann)),
            _ => Err(Error::NotFound),
        }
    }

    async fn find_by_email(&self, email: &str) -> Result<Option<CustomerId>> {
        Ok((email == "ann@example.com").then(|| "C1".to_owned()))
    }
}

struct Ann;

fn unused<T>() -> Result<T> {
    Err(Error::Unavailable("not part of this host".into()))
}

#[async_trait]
impl Customer for Ann {
    fn id(&self) -> CustomerId {
        "C1".into()
    }

    async fn profile(&self) -> Result<Contact> {
        Ok(Contact {
            first_name: "Ann".into(),
            last_name: String::new(),
            company_name: String::new(),
            email: "ann@example.com".into(),
            phone: String::new(),
            mobile: String::new(),
            address: Address::default(),
            language: String::new(),
            version: 7,
            changed_at: moment(),
        })
    }

    async fn update_profile(&self, expected_version: u64, _: ContactChange) -> Result<Contact> {
        if expected_version != 7 {
            return Err(Error::Conflict("changed meanwhile".into()));
        }
        self.profile().await
    }

    async fn summary(&self) -> Result<Summary> {
        unused()
    }

    async fn jobs(&self, _: PageRequest) -> Result<Page<Job>> {
        unused()
    }

    async fn job(&self, _: &str) -> Result<JobDetail> {
        unused()
    }

    async fn projects(&self, _: PageRequest) -> Result<Page<Project>> {
        unused()
    }

    async fn project(&self, _: &str) -> Result<ProjectDetail> {
        unused()
    }

    async fn estimates(&self, _: PageRequest) -> Result<Page<Estimate>> {
        unused()
    }

    async fn estimate(&self, _: &str) -> Result<EstimateDetail> {
        unused()
    }

    async fn accept_estimate(&self, _: &str, _: Acceptance) -> Result<Decision> {
        unused()
    }

    async fn decline_estimate(&self, _: &str, _: Reply) -> Result<Decision> {
        unused()
    }

    async fn request_changes(&self, _: &str, _: Reply) -> Result<Decision> {
        unused()
    }

    async fn invoices(&self, page: PageRequest) -> Result<Page<Invoice>> {
        assert_eq!(
            (page.limit, page.filter),
            (200, ListFilter::Open),
            "the engine cuts the limit"
        );
        let invoice = |number: &str, total| Invoice {
            id: number.to_lowercase(),
            number: number.into(),
            title: "Furnace".into(),
            status: Status {
                code: "overdue".into(),
                label: "Overdue".into(),
                tone: Tone::Danger,
                open: true,
            },
            issued: Some(civil::date(2026, 1, 31)),
            due: None,
            total: money(total),
            amount_paid: money(0),
            amount_due: money(total),
        };
        Ok(Page {
            items: vec![invoice("INV-1", 12_345), invoice("INV-2", -1)],
            next: None,
        })
    }

    async fn invoice(&self, _: &str) -> Result<InvoiceDetail> {
        panic!("an id that long names nothing and must not get here")
    }

    async fn payments(&self, _: PageRequest) -> Result<Page<Payment>> {
        unused()
    }

    async fn payment(&self, _: &str) -> Result<Payment> {
        unused()
    }

    async fn requests(&self, _: PageRequest) -> Result<Page<ServiceRequest>> {
        unused()
    }

    async fn booking_url(&self) -> Result<String> {
        unused()
    }
}

struct OneFile(&'static str);

#[async_trait]
impl Document for OneFile {
    fn info(&self) -> DocumentInfo {
        DocumentInfo {
            name: self.0.into(),
            media_type: "image/png".into(),
            size: 10,
            etag: "abc".into(),
            modified: moment(),
            viewable: true,
        }
    }

    async fn read(&self, range: Option<Range<u64>>) -> Result<ByteStream> {
        let Some(range) = range else {
            return Ok(Box::pin(stream::iter(
                FILE.map(|piece| Ok(Bytes::from_static(piece.as_bytes()))),
            )));
        };
        let whole = FILE.concat();
        let part = whole[range.start as usize..range.end as usize].to_owned();
        Ok(Box::pin(stream::iter([Ok(Bytes::from(part))])))
    }
}

#[async_trait]
impl Documents for World {
    async fn file(&self, customer: &str, id: &str) -> Result<Arc<dyn Document>> {
        match (customer, id) {
            ("C1", "F1") => Ok(Arc::new(OneFile("photo.png"))),
            _ => Err(Error::NotFound),
        }
    }

    async fn render(&self, _: &str, subject: DocumentSubject, _: &str) -> Result<Arc<dyn Document>> {
        let january = DocumentSubject::Statement(civil::date(2026, 1, 1), civil::date(2026, 1, 31));
        assert_eq!(subject, january);
        Ok(Arc::new(OneFile("statement.pdf")))
    }
}

#[async_trait]
impl Storage for World {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        match key {
            "slow" => tokio::time::sleep(Duration::from_millis(20)).await,
            "stuck" => std::future::pending().await,
            _ => {}
        }
        Ok(self.stored.lock().unwrap().get(key).cloned())
    }

    async fn get_many(&self, keys: Vec<String>) -> Result<Vec<Option<Vec<u8>>>> {
        let stored = self.stored.lock().unwrap();
        Ok(keys.iter().map(|key| stored.get(key).cloned()).collect())
    }

    async fn set(&self, entry: Entry) -> Result<()> {
        self.stored.lock().unwrap().insert(entry.key, entry.value);
        Ok(())
    }

    async fn set_many(&self, entries: Vec<Entry>) -> Result<()> {
        self.stored
            .lock()
            .unwrap()
            .extend(entries.into_iter().map(|entry| (entry.key, entry.value)));
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<bool> {
        Ok(self.stored.lock().unwrap().remove(key).is_some())
    }

    async fn compare_and_swap(&self, expected: Option<Vec<u8>>, entry: Entry) -> Result<bool> {
        let mut stored = self.stored.lock().unwrap();
        if stored.get(&entry.key) != expected.as_ref() {
            return Ok(false);
        }
        stored.insert(entry.key, entry.value);
        Ok(true)
    }

    async fn list(&self, prefix: &str, _: Option<String>, limit: u32) -> Result<Page<String>> {
        let stored = self.stored.lock().unwrap();
        let keys = stored.keys().filter(|key| key.starts_with(prefix)).take(limit as usize);
        Ok(Page {
            items: keys.cloned().collect(),
            next: None,
        })
    }
}

#[async_trait]
impl Credentials for World {
    async fn set(&self, _: &str, login: &str, password: &str, _: SetMode) -> Result<()> {
        *self.password.lock().unwrap() = Some((login.into(), password.into()));
        Ok(())
    }

    async fn verify(&self, login: &str, password: &str) -> Result<CustomerId> {
        let known = self.password.lock().unwrap();
        match &*known {
            Some((l, p)) if l == login && p == password => Ok("C1".into()),
            _ => Err(Error::Denied("unknown".into())),
        }
    }

    async fn find(&self, login: &str) -> Result<Option<CustomerId>> {
        let known = self.password.lock().unwrap();
        Ok(known.as_ref().filter(|(l, _)| l == login).map(|_| "C1".into()))
    }

    async fn change_login(&self, _: &str, login: &str) -> Result<()> {
        match &mut *self.password.lock().unwrap() {
            Some((known, _)) => login.clone_into(known),
            None => return Err(Error::NotFound),
        }
        Ok(())
    }

    async fn clear(&self, _: &str) -> Result<()> {
        *self.password.lock().unwrap() = None;
        Ok(())
    }

    async fn status(&self, _: &str) -> Result<CredentialStatus> {
        let login = self.password.lock().unwrap().as_ref().map(|(login, _)| login.clone());
        Ok(CredentialStatus {
            registered: login.is_some(),
            login: login.unwrap_or_default(),
            ..CredentialStatus::default()
        })
    }
}

#[async_trait]
impl Messages for World {
    async fn send(&self, message: Message) -> Result<String> {
        let mut sent = self.sent.lock().unwrap();
        sent.push(message);
        Ok(format!("M{}", sent.len()))
    }

    async fn send_confidential(&self, message: Message) -> Result<String> {
        self.send(message).await
    }
}

#[async_trait]
impl Activity for World {
    async fn record(&self, entries: Vec<ActivityEntry>) -> Result<()> {
        self.recorded.lock().unwrap().extend(entries);
        Ok(())
    }
}
