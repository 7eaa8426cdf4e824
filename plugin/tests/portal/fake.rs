//! A host made of maps, which keeps count of every write; the portal's logic is tested against it
//! without wasm. Its lists, conflicts and refusals follow the contract.

use customer_portal::{
    Error,
    bindings::fieldservice::plugins::{
        activity,
        company::{CompanyProfile, FeatureSet, Setting},
        credentials::CredentialStatus,
        customers::{
            Contact, ContactChange, Estimate, EstimateDetail, EstimatePage, File, Invoice, InvoiceDetail, InvoicePage,
            Job, JobDetail, JobPage, Payment, PaymentPage, Project, ProjectDetail, ProjectPage, RequestPage,
            SectionCount, ServiceRequest, Summary, Viewing,
        },
        documents::{ByteRange, DocumentInfo},
        messages::{Message, Recipient},
        storage,
        types::{Address, Channel, Date, FieldError, ListFilter, LocalTime, Moment, PageRequest},
    },
    host::{Customer, Document, FileStream, Host},
    http::{Body, Method, Request, Response},
    portal,
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

/// One customer's records.
#[derive(Clone)]
pub(crate) struct Records {
    pub(crate) contact: Contact,
    pub(crate) jobs: Vec<JobDetail>,
    pub(crate) projects: Vec<ProjectDetail>,
    pub(crate) estimates: Vec<EstimateDetail>,
    pub(crate) invoices: Vec<InvoiceDetail>,
    pub(crate) payments: Vec<Payment>,
    pub(crate) requests: Vec<ServiceRequest>,
    pub(crate) files: Vec<(File, Vec<u8>)>,
}

/// A stored value and until when it is kept, in Unix seconds.
type Stored = (Vec<u8>, Option<i64>);
/// What another tab does just before a write.
type Meanwhile = Box<dyn FnOnce(&State)>;

pub(crate) struct State {
    pub(crate) company: RefCell<CompanyProfile>,
    pub(crate) features: Cell<u8>,
    pub(crate) settings: RefCell<Vec<Setting>>,
    pub(crate) unix: Cell<i64>,
    pub(crate) store: RefCell<BTreeMap<String, Stored>>,
    pub(crate) customers: RefCell<BTreeMap<String, Records>>,
    pub(crate) passwords: RefCell<BTreeMap<String, (String, String)>>,
    pub(crate) activity: RefCell<Vec<activity::Entry>>,
    /// Every message in the outbox with the address it goes to.
    pub(crate) messages: RefCell<Vec<(String, Message)>>,
    /// Keys of those that staff may not read.
    pub(crate) confidential: RefCell<Vec<String>>,
    /// Every write to the storage, to credentials and to customers, as it happened.
    pub(crate) writes: RefCell<Vec<String>>,
    pub(crate) calls: RefCell<Vec<&'static str>>,
    pub(crate) profile_fails: Cell<bool>,
    pub(crate) verify_answer: RefCell<Option<Error>>,
    pub(crate) message_answer: RefCell<Option<Error>>,
    /// When everybody last signed in, and until when they are slowed down; Unix seconds.
    pub(crate) last_signed_in: Cell<Option<i64>>,
    pub(crate) throttled_until: Cell<Option<i64>>,
    /// Staff who look as this customer; every write is refused meanwhile, as the host does it.
    pub(crate) viewing: RefCell<Option<Viewing>>,
    pub(crate) before_update: RefCell<Option<Meanwhile>>,
    /// What somebody else does just before the next compare-and-swap.
    pub(crate) before_swap: RefCell<Option<Meanwhile>>,
    /// The same before a password's hash is read, and while it is being compared.
    pub(crate) before_verify: RefCell<Option<Meanwhile>>,
    pub(crate) during_verify: RefCell<Option<Meanwhile>>,
    /// Nanoseconds; sending a message takes some.
    pub(crate) clock: Cell<u64>,
    /// Until when the portal rested.
    pub(crate) rests: RefCell<Vec<u64>>,
    pub(crate) broken_random: Cell<bool>,
    random: Cell<u64>,
}

#[derive(Clone)]
pub(crate) struct Fake(pub(crate) Rc<State>);

impl std::ops::Deref for Fake {
    type Target = State;
    fn deref(&self) -> &State {
        &self.0
    }
}

/// Sun, Nov 22, 2026, 14:05 in Denver.
pub(crate) const NOW: i64 = 1_795_381_500;

impl Fake {
    pub(crate) fn new() -> Self {
        let fake = Self(Rc::new(State {
            company: RefCell::new(company()),
            features: Cell::new((FeatureSet::EMAIL | FeatureSet::SMS).bits()),
            settings: RefCell::new(Vec::new()),
            unix: Cell::new(NOW),
            store: RefCell::default(),
            customers: RefCell::default(),
            passwords: RefCell::default(),
            activity: RefCell::default(),
            messages: RefCell::default(),
            confidential: RefCell::default(),
            writes: RefCell::default(),
            calls: RefCell::default(),
            profile_fails: Cell::new(false),
            verify_answer: RefCell::default(),
            message_answer: RefCell::default(),
            last_signed_in: Cell::default(),
            throttled_until: Cell::default(),
            viewing: RefCell::default(),
            before_update: RefCell::default(),
            before_swap: RefCell::default(),
            before_verify: RefCell::default(),
            during_verify: RefCell::default(),
            clock: Cell::new(7_000_000_000),
            rests: RefCell::default(),
            broken_random: Cell::new(false),
            random: Cell::new(0x9e37_79b9_7f4a_7c15),
        }));
        fake.customers
            .borrow_mut()
            .insert("c1".to_owned(), crate::sample::dana());
        fake.customers
            .borrow_mut()
            .insert("c2".to_owned(), crate::sample::empty("Omar", "Haddad"));
        fake
    }

    pub(crate) fn set(&self, key: &str, value: &str) {
        self.settings.borrow_mut().push(Setting {
            key: key.to_owned(),
            value: value.to_owned(),
        });
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.unix.set(self.unix.get() + seconds);
    }

    pub(crate) fn edit(&self, customer: &str, change: impl FnOnce(&mut Records)) {
        change(self.customers.borrow_mut().get_mut(customer).unwrap());
    }

    /// A token of a new link, as staff or a message would mint it.
    pub(crate) fn link(&self, customer: &str, purpose: customer_portal::links::Purpose) -> String {
        use customer_portal::links;
        let mut link = links::Link::new(&self.as_read(), purpose, customer, links::Way::Copied, self.unix.get());
        link.created_by = "Marta Ruiz".to_owned();
        links::mint(self, &[link]).unwrap().remove(0)
    }

    pub(crate) fn plain_link(&self, customer: &str) -> String {
        self.link(customer, customer_portal::links::Purpose::Plain)
    }

    /// The last message's recipient, subject and text.
    #[track_caller]
    pub(crate) fn last_message(&self) -> (String, String, String) {
        let messages = self.messages.borrow();
        let (to, message) = messages.last().unwrap();
        (to.clone(), message.subject.clone(), message.body.clone())
    }

    /// The path below the mount of the address in the last message.
    #[track_caller]
    pub(crate) fn path_in_message(&self) -> String {
        let (_, _, body) = self.last_message();
        let (_, rest) = body.split_once("https://portal.example/summit/portal").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    /// The code in the last message.
    #[track_caller]
    pub(crate) fn code_in_message(&self) -> String {
        let (_, subject, body) = self.last_message();
        let (_, rest) = body.split_once("Your code is ").unwrap();
        let code: String = rest.chars().take_while(char::is_ascii_digit).collect();
        assert_eq!(code.len(), 6, "{body}");
        assert!(!subject.contains(&code), "staff read the subject on the timeline");
        let key = self.messages.borrow().last().unwrap().1.idempotency_key.clone();
        assert!(self.confidential.borrow().contains(&key));
        code
    }

    /// The settings as the portal reads them.
    pub(crate) fn as_read(&self) -> customer_portal::settings::Settings {
        customer_portal::settings::Settings::read(&self.settings.borrow())
    }

    /// A browser that came in by a plain link.
    pub(crate) fn visit(&self, customer: &str) -> Browser {
        let mut browser = Browser::new(self);
        let token = self.plain_link(customer);
        let response = browser.post(&format!("/l/{token}"), "");
        assert_eq!(response.status, 303, "{}", response.text);
        assert_eq!(response.location(), "/summit/portal/");
        browser
    }

    pub(crate) fn forget_writes(&self) {
        self.writes.borrow_mut().clear();
        self.activity.borrow_mut().clear();
        self.calls.borrow_mut().clear();
    }

    /// `Denied` for a write during a look, which counts as one all the same: the portal must not try.
    fn writable(&self, what: &str) -> Result<(), Error> {
        if self.viewing.borrow().is_some() {
            self.wrote(format!("refused {what}"));
            return Err(Error::Denied("only looking".to_owned()));
        }
        Ok(())
    }

    fn wrote(&self, what: impl Into<String>) {
        self.writes.borrow_mut().push(what.into());
    }

    fn live(&self, key: &str) -> Option<Vec<u8>> {
        let store = self.store.borrow();
        let (value, until) = store.get(key)?;
        until.is_none_or(|until| until > self.unix.get()).then(|| value.clone())
    }

    fn set_password(&self, customer: &str, login: &str, password: &str) -> Result<(), Error> {
        self.writable("set_password")?;
        let refuse = |field: &str, code: &str| {
            Err(Error::Invalid(vec![FieldError {
                field: field.to_owned(),
                code: code.to_owned(),
                message: "Not this one.".to_owned(),
            }]))
        };
        if password == "password1" {
            return refuse("password", "too-common");
        }
        if self.find_login(login)?.is_some_and(|other| other != customer) {
            return refuse("login", "taken");
        }
        self.passwords
            .borrow_mut()
            .insert(customer.to_owned(), (login.trim().to_owned(), password.to_owned()));
        self.wrote(format!("password {customer}"));
        Ok(())
    }

    fn put(&self, entry: &storage::Entry) {
        assert!(
            (1..=256).contains(&entry.key.len()),
            "a key of {} bytes",
            entry.key.len()
        );
        let until = entry.ttl.map(|seconds| self.unix.get() + i64::from(seconds));
        self.store
            .borrow_mut()
            .insert(entry.key.clone(), (entry.value.clone(), until));
        self.wrote(format!("storage {}", entry.key));
    }
}

/// The company of the tests.
pub(crate) fn company() -> CompanyProfile {
    CompanyProfile {
        slug: "summit".to_owned(),
        name: "Summit Heating & Air".to_owned(),
        phone: "(303) 555-0142".to_owned(),
        email: "office@summit.example".to_owned(),
        website: "https://summit.example".to_owned(),
        address: Address {
            street: "1 Main St".to_owned(),
            unit: String::new(),
            city: "Denver".to_owned(),
            region: "CO".to_owned(),
            postal_code: "80202".to_owned(),
            country: "US".to_owned(),
        },
        logo_path: None,
        accent: Some("#0f766e".to_owned()),
        locale: "en-US".to_owned(),
        time_zone: "America/Denver".to_owned(),
        currency: "USD".to_owned(),
        currency_digits: 2,
    }
}

/// A moment on the wall clock of the tests: seven hours behind, for any day the tests use.
pub(crate) fn moment(unix: i64) -> Moment {
    let local = unix - 7 * 3_600;
    let (days, seconds) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let (mut year, mut rest) = (1970, days);
    let leap = |year: i32| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    while rest >= 365 + i64::from(leap(year)) {
        rest -= 365 + i64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while rest >= lengths[month] {
        rest -= lengths[month];
        month += 1;
    }
    let date = Date {
        year,
        month: month as u8 + 1,
        day: rest as u8 + 1,
    };
    let local = LocalTime {
        date,
        hour: (seconds / 3_600) as u8,
        minute: (seconds % 3_600 / 60) as u8,
    };
    Moment {
        unix_seconds: unix,
        local,
        zone: "MST".to_owned(),
    }
}

impl Host for Fake {
    fn profile(&self) -> Result<CompanyProfile, Error> {
        self.calls.borrow_mut().push("profile");
        if self.profile_fails.get() {
            return Err(Error::Unavailable("the store is away".to_owned()));
        }
        Ok(self.company.borrow().clone())
    }
    fn features(&self) -> FeatureSet {
        FeatureSet::from_bits_retain(self.features.get())
    }
    fn settings(&self) -> Result<Vec<Setting>, Error> {
        Ok(self.settings.borrow().clone())
    }
    fn mount_url(&self) -> String {
        "https://portal.example/summit/portal".to_owned()
    }
    fn now(&self) -> Moment {
        moment(self.unix.get())
    }
    fn clock(&self) -> u64 {
        self.clock.get()
    }
    fn rest_until(&self, moment: u64) {
        self.rests.borrow_mut().push(moment);
    }
    fn random(&self, count: usize) -> Vec<u8> {
        if self.broken_random.get() {
            return vec![0xff; count];
        }
        let next = || {
            let mut x = self.random.get();
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            self.random.set(x);
            (x >> 24) as u8
        };
        (0..count).map(|_| next()).collect()
    }
    fn viewing_as(&self) -> Option<Viewing> {
        self.viewing.borrow().clone()
    }
    fn customer(&self, id: &str) -> Result<Box<dyn Customer>, Error> {
        if self
            .viewing
            .borrow()
            .as_ref()
            .is_some_and(|viewing| viewing.customer != id)
        {
            return Err(Error::Denied("another customer".to_owned()));
        }
        if !self.customers.borrow().contains_key(id) {
            return Err(Error::NotFound);
        }
        Ok(Box::new(Handle {
            fake: self.clone(),
            id: id.to_owned(),
        }))
    }
    fn find_by_email(&self, email: &str) -> Result<Option<String>, Error> {
        let customers = self.customers.borrow();
        let mut found = customers
            .iter()
            .filter(|(_, records)| records.contact.email.eq_ignore_ascii_case(email.trim()));
        let first = found.next().map(|(id, _)| id.clone());
        Ok(first.filter(|_| found.next().is_none() && !email.trim().is_empty()))
    }
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.calls.borrow_mut().push("get");
        Ok(self.live(key))
    }
    fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        assert!(keys.len() <= 1_000);
        Ok(keys.iter().map(|key| self.live(key)).collect())
    }
    fn set(&self, entry: storage::Entry) -> Result<(), Error> {
        self.writable("set")?;
        self.put(&entry);
        Ok(())
    }
    fn set_many(&self, entries: &[storage::Entry]) -> Result<(), Error> {
        self.calls.borrow_mut().push("set_many");
        self.writable("set_many")?;
        assert!(entries.len() <= 1_000, "{} keys in one call", entries.len());
        entries.iter().for_each(|entry| self.put(entry));
        Ok(())
    }
    fn delete(&self, key: &str) -> Result<bool, Error> {
        self.writable("delete")?;
        let was = self.store.borrow_mut().remove(key).is_some();
        if was {
            self.wrote(format!("storage delete {key}"));
        }
        Ok(was)
    }
    fn compare_and_swap(&self, expected: Option<&[u8]>, entry: storage::Entry) -> Result<bool, Error> {
        self.writable("compare_and_swap")?;
        let faster = self.before_swap.borrow_mut().take();
        if let Some(faster) = faster {
            faster(self);
        }
        if self.live(&entry.key).as_deref() != expected {
            return Ok(false);
        }
        self.put(&entry);
        Ok(true)
    }
    fn list_keys(&self, prefix: &str, cursor: Option<&str>, limit: u32) -> Result<storage::KeyPage, Error> {
        let limit = limit.clamp(1, 1_000) as usize;
        let mut keys: Vec<String> = self.store.borrow().keys().cloned().collect();
        keys.retain(|key| key.starts_with(prefix) && self.live(key).is_some());
        keys.retain(|key| cursor.is_none_or(|cursor| key.as_str() > cursor));
        let more = keys.len() > limit;
        keys.truncate(limit);
        let next = keys.last().cloned().filter(|_| more);
        Ok(storage::KeyPage { keys, next })
    }
    fn create_password(&self, customer: &str, login: &str, password: &str) -> Result<(), Error> {
        if self.passwords.borrow().contains_key(customer) {
            return Err(Error::Conflict("there is one".to_owned()));
        }
        self.set_password(customer, login, password)
    }
    fn replace_password(&self, customer: &str, login: &str, password: &str) -> Result<(), Error> {
        if !self.passwords.borrow().contains_key(customer) {
            return Err(Error::NotFound);
        }
        self.set_password(customer, login, password)
    }
    fn clear_password(&self, customer: &str) -> Result<(), Error> {
        self.passwords.borrow_mut().remove(customer);
        self.wrote(format!("password clear {customer}"));
        Ok(())
    }
    fn find_login(&self, login: &str) -> Result<Option<String>, Error> {
        self.calls.borrow_mut().push("find_login");
        let passwords = self.passwords.borrow();
        let mut found = passwords
            .iter()
            .filter(|(_, (known, _))| known.eq_ignore_ascii_case(login.trim()));
        Ok(found.next().map(|(customer, _)| customer.clone()))
    }
    fn change_login(&self, customer: &str, login: &str) -> Result<(), Error> {
        let Some((_, password)) = self.passwords.borrow().get(customer).cloned() else {
            return Err(Error::NotFound);
        };
        self.set_password(customer, login, &password)
    }
    fn verify_password(&self, login: &str, password: &str) -> Result<String, Error> {
        self.writable("verify_password")?;
        self.calls.borrow_mut().push("verify");
        if let Some(error) = self.verify_answer.borrow().clone() {
            return Err(error);
        }
        let meanwhile = self.before_verify.borrow_mut().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile(self);
        }
        let found = self
            .passwords
            .borrow()
            .iter()
            .find(|(_, (l, p))| l.eq_ignore_ascii_case(login) && p == password)
            .map(|(customer, _)| customer.clone());
        let meanwhile = self.during_verify.borrow_mut().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile(self);
        }
        found.ok_or_else(|| Error::Denied("no".to_owned()))
    }
    fn password_status(&self, customer: &str) -> Result<CredentialStatus, Error> {
        let login = self.passwords.borrow().get(customer).map(|(login, _)| login.clone());
        Ok(CredentialStatus {
            registered: login.is_some(),
            login: login.unwrap_or_default(),
            registered_at: None,
            last_signed_in: self.last_signed_in.get().map(moment),
            throttled_until: self.throttled_until.get().map(moment),
        })
    }
    fn send_message(&self, message: &Message) -> Result<String, Error> {
        self.writable("send_message")?;
        if let Some(error) = self.message_answer.borrow().clone() {
            return Err(error);
        }
        let mut messages = self.messages.borrow_mut();
        let known = |(_, sent): &(String, Message)| sent.idempotency_key == message.idempotency_key;
        if let Some(at) = messages.iter().position(known) {
            return Ok(format!("m{at}"));
        }
        assert!(!message.subject.contains(['\r', '\n']) && !message.body.is_empty());
        let customers = self.customers.borrow();
        let contact = &customers.get(&message.customer).ok_or(Error::NotFound)?.contact;
        let to = match (&message.to, message.channel) {
            (Recipient::Unverified(to), _) => to.clone(),
            (Recipient::OnFile, Channel::Email) => contact.email.clone(),
            (Recipient::OnFile, Channel::Sms) if contact.mobile.is_empty() => contact.phone.clone(),
            (Recipient::OnFile, Channel::Sms) => contact.mobile.clone(),
        };
        if to.is_empty() {
            return Err(Error::Unavailable("No address on file.".to_owned()));
        }
        messages.push((to, message.clone()));
        self.clock.set(self.clock.get() + 20_000_000);
        Ok(format!("m{}", messages.len() - 1))
    }
    fn send_confidential(&self, message: &Message) -> Result<String, Error> {
        self.confidential.borrow_mut().push(message.idempotency_key.clone());
        self.send_message(message)
    }
    fn record(&self, entries: &[activity::Entry]) -> Result<(), Error> {
        self.writable("record")?;
        self.activity.borrow_mut().extend(entries.iter().cloned());
        Ok(())
    }
}

struct Handle {
    fake: Fake,
    id: String,
}

/// A page of `items` after the contract: filtered, searched, from a cursor that is an index.
fn paged<T: Clone>(
    items: &[T],
    page: &PageRequest,
    open: impl Fn(&T) -> bool,
    text: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), Error> {
    let from = match &page.cursor {
        None => 0,
        Some(cursor) => cursor.strip_prefix("at:").and_then(|n| n.parse().ok()).ok_or_else(|| {
            Error::Invalid(vec![FieldError {
                field: "cursor".to_owned(),
                code: "malformed".to_owned(),
                message: "Not a cursor.".to_owned(),
            }])
        })?,
    };
    let wanted = |item: &&T| match page.filter {
        ListFilter::Open => open(item),
        ListFilter::Past => !open(item),
        ListFilter::All => true,
    };
    let search = page.search.as_deref().unwrap_or_default().to_lowercase();
    let found: Vec<T> = items
        .iter()
        .filter(wanted)
        .filter(|item| text(item).to_lowercase().contains(&search))
        .cloned()
        .collect();
    let limit = page.limit.clamp(1, 200) as usize;
    let next = (found.len() > from + limit).then(|| format!("at:{}", from + limit));
    Ok((found.into_iter().skip(from).take(limit).collect(), next))
}

impl Handle {
    fn records(&self) -> Records {
        self.fake.customers.borrow().get(&self.id).cloned().unwrap()
    }
    fn one<T>(found: Option<T>) -> Result<T, Error> {
        found.ok_or(Error::NotFound)
    }
}

impl Customer for Handle {
    fn contact(&self) -> Result<Contact, Error> {
        Ok(self.records().contact)
    }
    fn update_contact(&self, expected_version: u64, change: &ContactChange) -> Result<Contact, Error> {
        self.fake.writable("update_contact")?;
        if let Some(faster) = self.fake.before_update.borrow_mut().take() {
            faster(&self.fake);
        }
        let mut customers = self.fake.customers.borrow_mut();
        let contact = &mut customers.get_mut(&self.id).unwrap().contact;
        if contact.version != expected_version {
            return Err(Error::Conflict("changed".to_owned()));
        }
        if change.email.as_deref() == Some("taken@example.com") {
            return Err(Error::Invalid(vec![FieldError {
                field: "email".to_owned(),
                code: "taken".to_owned(),
                message: "Taken.".to_owned(),
            }]));
        }
        if change.address.as_ref().is_some_and(|address| address.city == "Nowhere") {
            return Err(Error::Invalid(vec![FieldError {
                field: "address.city".to_owned(),
                code: "not-allowed".to_owned(),
                message: "No such place.".to_owned(),
            }]));
        }
        let fields = [
            (&mut contact.first_name, &change.first_name),
            (&mut contact.last_name, &change.last_name),
            (&mut contact.company_name, &change.company_name),
            (&mut contact.email, &change.email),
            (&mut contact.phone, &change.phone),
            (&mut contact.mobile, &change.mobile),
            (&mut contact.language, &change.language),
        ];
        for (field, new) in fields {
            if let Some(new) = new {
                field.clone_from(new);
            }
        }
        if let Some(address) = &change.address {
            contact.address = address.clone();
        }
        contact.version += 1;
        self.fake.wrote(format!("contact {}", self.id));
        Ok(contact.clone())
    }
    fn summary(&self) -> Result<Summary, Error> {
        let records = self.records();
        let count = |open: usize, all: usize| SectionCount {
            open: open as u32,
            past: (all - open) as u32,
        };
        let open_estimates: Vec<Estimate> = records
            .estimates
            .iter()
            .map(|e| e.estimate.clone())
            .filter(|e| e.status.open)
            .collect();
        let due: Vec<Invoice> = records
            .invoices
            .iter()
            .map(|i| i.invoice.clone())
            .filter(|i| i.status.open)
            .collect();
        let open_jobs: Vec<Job> = records
            .jobs
            .iter()
            .map(|j| j.job.clone())
            .filter(|j| j.status.open)
            .collect();
        Ok(Summary {
            jobs: count(open_jobs.len(), records.jobs.len()),
            projects: count(
                records.projects.iter().filter(|p| p.project.status.open).count(),
                records.projects.len(),
            ),
            estimates: count(open_estimates.len(), records.estimates.len()),
            invoices: count(due.len(), records.invoices.len()),
            payments: records.payments.len() as u32,
            requests: count(
                records.requests.iter().filter(|r| r.status.open).count(),
                records.requests.len(),
            ),
            balance_due: crate::sample::usd(due.iter().map(|i| i.amount_due.minor).sum()),
            estimates_to_decide: open_estimates.into_iter().take(5).collect(),
            invoices_due: due.into_iter().take(5).collect(),
            next_visits: open_jobs.into_iter().filter(|j| j.starts.is_some()).take(5).collect(),
        })
    }
    fn jobs(&self, page: &PageRequest) -> Result<JobPage, Error> {
        let all: Vec<Job> = self.records().jobs.into_iter().map(|d| d.job).collect();
        paged(&all, page, |j| j.status.open, |j| j.title.clone()).map(|(items, next)| JobPage { items, next })
    }
    fn job(&self, id: &str) -> Result<JobDetail, Error> {
        Self::one(self.records().jobs.into_iter().find(|d| d.job.id == id))
    }
    fn projects(&self, page: &PageRequest) -> Result<ProjectPage, Error> {
        let all: Vec<Project> = self.records().projects.into_iter().map(|d| d.project).collect();
        paged(&all, page, |p| p.status.open, |p| p.name.clone()).map(|(items, next)| ProjectPage { items, next })
    }
    fn project(&self, id: &str) -> Result<ProjectDetail, Error> {
        Self::one(self.records().projects.into_iter().find(|d| d.project.id == id))
    }
    fn estimates(&self, page: &PageRequest) -> Result<EstimatePage, Error> {
        let all: Vec<Estimate> = self.records().estimates.into_iter().map(|d| d.estimate).collect();
        paged(&all, page, |e| e.status.open, |e| format!("{} {}", e.number, e.title))
            .map(|(items, next)| EstimatePage { items, next })
    }
    fn estimate(&self, id: &str) -> Result<EstimateDetail, Error> {
        Self::one(self.records().estimates.into_iter().find(|d| d.estimate.id == id))
    }
    fn invoices(&self, page: &PageRequest) -> Result<InvoicePage, Error> {
        let all: Vec<Invoice> = self.records().invoices.into_iter().map(|d| d.invoice).collect();
        paged(&all, page, |i| i.status.open, |i| format!("{} {}", i.number, i.title))
            .map(|(items, next)| InvoicePage { items, next })
    }
    fn invoice(&self, id: &str) -> Result<InvoiceDetail, Error> {
        Self::one(self.records().invoices.into_iter().find(|d| d.invoice.id == id))
    }
    fn payments(&self, page: &PageRequest) -> Result<PaymentPage, Error> {
        assert!(matches!(page.filter, ListFilter::All));
        paged(&self.records().payments, page, |_| true, |p| p.reference.clone())
            .map(|(items, next)| PaymentPage { items, next })
    }
    fn payment(&self, id: &str) -> Result<Payment, Error> {
        Self::one(self.records().payments.into_iter().find(|p| p.id == id))
    }
    fn requests(&self, page: &PageRequest) -> Result<RequestPage, Error> {
        paged(&self.records().requests, page, |r| r.status.open, |r| r.summary.clone())
            .map(|(items, next)| RequestPage { items, next })
    }
    fn booking_url(&self) -> Result<String, Error> {
        self.fake.writable("booking_url")?;
        Ok("https://portal.example/summit/book/k/abc".to_owned())
    }
    fn file(&self, id: &str) -> Result<Box<dyn Document>, Error> {
        let (file, bytes) = Self::one(self.records().files.into_iter().find(|(file, _)| file.id == id))?;
        Ok(Box::new(Paper { file, bytes }))
    }
}

struct Paper {
    file: File,
    bytes: Vec<u8>,
}

impl Document for Paper {
    fn info(&self) -> Result<DocumentInfo, Error> {
        Ok(DocumentInfo {
            name: self.file.name.clone(),
            media_type: self.file.media_type.clone(),
            size: self.bytes.len() as u64,
            etag: "e1".to_owned(),
            modified: self.file.added.clone(),
            viewable: self.file.viewable,
        })
    }
    fn read(&self, range: Option<ByteRange>) -> Result<FileStream, Error> {
        let range = range.unwrap_or(ByteRange {
            start: 0,
            end: self.bytes.len() as u64,
        });
        let slice = self
            .bytes
            .get(range.start as usize..range.end as usize)
            .ok_or(Error::NotFound)?;
        Ok(Box::new(std::io::Cursor::new(slice.to_vec())))
    }
}

/// A browser: keeps the cookie, follows nothing by itself.
pub(crate) struct Browser {
    fake: Fake,
    /// The session's.
    pub(crate) cookie: Option<String>,
    /// The language that was chosen.
    pub(crate) kept: Option<String>,
    pub(crate) language: &'static str,
    pub(crate) agent: &'static str,
}

/// A response with its body read.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) length: u64,
}

impl Answer {
    pub(crate) fn of(response: Response) -> Self {
        let length = response.length();
        let bytes = match response.body {
            Body::Empty | Body::Size(_) => Vec::new(),
            Body::Bytes(bytes) => bytes,
            Body::Static(bytes) => bytes.to_vec(),
            Body::File(mut file, size) => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).unwrap();
                assert_eq!(bytes.len() as u64, size);
                bytes
            }
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Self {
            status: response.status,
            headers: response.headers,
            text,
            bytes,
            length,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location").unwrap_or_default()
    }

    /// The words a reader sees, tags and line breaks gone.
    pub(crate) fn words(&self) -> String {
        let mut out = String::new();
        let mut inside = false;
        for c in self.text.chars() {
            match c {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    out.push(' ');
                }
                c if !inside => out.push(c),
                _ => {}
            }
        }
        let out = out.replace("&#38;", "&").replace("&#39;", "'").replace("&#34;", "\"");
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    pub(crate) fn shows(&self, words: &str) -> &Self {
        assert!(self.words().contains(words), "{words:?} is not in: {}", self.words());
        self
    }

    #[track_caller]
    pub(crate) fn hides(&self, words: &str) -> &Self {
        assert!(!self.text.contains(words), "{words:?} is in: {}", self.text);
        self
    }
}

impl Browser {
    pub(crate) fn new(fake: &Fake) -> Self {
        Self {
            fake: fake.clone(),
            cookie: None,
            kept: None,
            language: "",
            agent: "",
        }
    }

    pub(crate) fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        let mut fields: Vec<(String, Vec<u8>)> = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
            .collect();
        if let Some(cookie) = &self.cookie {
            fields.push(("cookie".to_owned(), format!("session={cookie}").into_bytes()));
        }
        if let Some(language) = &self.kept {
            fields.push(("cookie".to_owned(), format!("lang={language}").into_bytes()));
        }
        if !self.language.is_empty() {
            fields.push(("accept-language".to_owned(), self.language.as_bytes().to_vec()));
        }
        if !self.agent.is_empty() {
            fields.push(("user-agent".to_owned(), self.agent.as_bytes().to_vec()));
        }
        let target = format!("/summit/portal{path}");
        let request = Request {
            method,
            target,
            headers: fields,
            body: body.map(<[u8]>::to_vec),
        };
        let answer = Answer::of(portal::handle(&self.fake, &request));
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| *name == "set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            let value = (!value.is_empty()).then(|| value.to_owned());
            match name {
                "session" => self.cookie = value,
                "lang" => self.kept = value,
                other => assert_eq!(other, "", "nobody knows this cookie"),
            }
        }
        answer
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send(Method::Get, path, &[], Some(b""))
    }

    pub(crate) fn post(&mut self, path: &str, form: &str) -> Answer {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::Post, path, &kind, Some(form.as_bytes()))
    }
}
