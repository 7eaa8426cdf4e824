//! What the portal asks of whoever runs it, in the contract's own types.
//! The component answers these with its imports, the tests with a fake.

use crate::{
    Error,
    bindings::fieldservice::plugins::{
        activity,
        company::{CompanyProfile, FeatureSet, Setting},
        credentials,
        customers::{
            Contact, ContactChange, EstimateDetail, EstimatePage, InvoiceDetail, InvoicePage, JobDetail, JobPage,
            Payment, PaymentPage, ProjectDetail, ProjectPage, RequestPage, Summary, Viewing,
        },
        documents::{ByteRange, DocumentInfo},
        messages::Message,
        storage::{Entry, KeyPage},
        types::{Moment, PageRequest},
    },
};

/// A file's bytes on their way to the browser. In the component it is the host's own stream,
/// handed on without passing through the sandbox's memory.
#[cfg(target_arch = "wasm32")]
pub type FileStream = crate::bindings::wasi::io::streams::InputStream;
/// A file's bytes on their way to the browser.
#[cfg(not(target_arch = "wasm32"))]
pub type FileStream = Box<dyn std::io::Read + Send>;

/// The host, for one company.
pub trait Host {
    /// Name, branding, language and zone of the company.
    fn profile(&self) -> Result<CompanyProfile, Error>;
    /// What the host offers beyond lists and details.
    fn features(&self) -> FeatureSet;
    /// Every setting, as text.
    fn settings(&self) -> Result<Vec<Setting>, Error>;
    /// Absolute address of the portal without a trailing slash.
    fn mount_url(&self) -> String;
    /// The present moment on the company's clock.
    fn now(&self) -> Moment;
    /// Nanoseconds on a clock that only runs forward, from whatever beginning.
    fn clock(&self) -> u64;
    /// Come back when that clock shows this moment, or at once when it already does.
    fn rest_until(&self, moment: u64);
    /// Bytes from the operating system's generator.
    fn random(&self, count: usize) -> Vec<u8>;

    /// The member of staff who looks at the portal as a customer, when this request is such a look.
    fn viewing_as(&self) -> Option<Viewing>;
    /// The customer with this id.
    fn customer(&self, id: &str) -> Result<Box<dyn Customer>, Error>;
    /// The one customer whose e-mail on file is this one.
    fn find_by_email(&self, email: &str) -> Result<Option<String>, Error>;

    /// The value of a key.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error>;
    /// The values of at most 1,000 keys, in order.
    fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, Error>;
    /// Store one value.
    fn set(&self, entry: Entry) -> Result<(), Error>;
    /// Store at most 1,000 values, all or none.
    fn set_many(&self, entries: &[Entry]) -> Result<(), Error>;
    /// Forget a key.
    fn delete(&self, key: &str) -> Result<bool, Error>;
    /// Store if the present value is the expected one.
    fn compare_and_swap(&self, expected: Option<&[u8]>, entry: Entry) -> Result<bool, Error>;

    /// At most `limit` keys that start with `prefix`, in byte order, from a cursor on.
    fn list_keys(&self, prefix: &str, cursor: Option<&str>, limit: u32) -> Result<KeyPage, Error>;

    /// Give the customer a first password.
    fn create_password(&self, customer: &str, login: &str, password: &str) -> Result<(), Error>;
    /// Give the customer who has a password another one.
    fn replace_password(&self, customer: &str, login: &str, password: &str) -> Result<(), Error>;
    /// Forget the customer's password.
    fn clear_password(&self, customer: &str) -> Result<(), Error>;
    /// Who signs in with this login.
    fn find_login(&self, login: &str) -> Result<Option<String>, Error>;
    /// Let the customer sign in with another e-mail and the same password.
    fn change_login(&self, customer: &str, login: &str) -> Result<(), Error>;
    /// Whose login and password these are.
    fn verify_password(&self, login: &str, password: &str) -> Result<String, Error>;
    /// Whether the customer has a password.
    fn password_status(&self, customer: &str) -> Result<credentials::CredentialStatus, Error>;

    /// Put a message into the outbox; its id.
    fn send_message(&self, message: &Message) -> Result<String, Error>;
    /// The same for a text that staff may not read either.
    fn send_confidential(&self, message: &Message) -> Result<String, Error>;
    /// Put entries on the customer's timeline.
    fn record(&self, entries: &[activity::Entry]) -> Result<(), Error>;
}

/// One customer; the only way to that customer's records.
pub trait Customer {
    /// Contact details.
    fn contact(&self) -> Result<Contact, Error>;
    /// Change contact details.
    fn update_contact(&self, expected_version: u64, change: &ContactChange) -> Result<Contact, Error>;
    /// Counts, the balance and what waits for the customer.
    fn summary(&self) -> Result<Summary, Error>;
    /// A page of jobs.
    fn jobs(&self, page: &PageRequest) -> Result<JobPage, Error>;
    /// One job.
    fn job(&self, id: &str) -> Result<JobDetail, Error>;
    /// A page of projects.
    fn projects(&self, page: &PageRequest) -> Result<ProjectPage, Error>;
    /// One project.
    fn project(&self, id: &str) -> Result<ProjectDetail, Error>;
    /// A page of estimates.
    fn estimates(&self, page: &PageRequest) -> Result<EstimatePage, Error>;
    /// One estimate.
    fn estimate(&self, id: &str) -> Result<EstimateDetail, Error>;
    /// A page of invoices.
    fn invoices(&self, page: &PageRequest) -> Result<InvoicePage, Error>;
    /// One invoice.
    fn invoice(&self, id: &str) -> Result<InvoiceDetail, Error>;
    /// A page of payments.
    fn payments(&self, page: &PageRequest) -> Result<PaymentPage, Error>;
    /// One payment.
    fn payment(&self, id: &str) -> Result<Payment, Error>;
    /// A page of requests.
    fn requests(&self, page: &PageRequest) -> Result<RequestPage, Error>;
    /// The company's booking page, good for this customer for a few minutes.
    fn booking_url(&self) -> Result<String, Error>;
    /// A file the company shares with this customer.
    fn file(&self, id: &str) -> Result<Box<dyn Document>, Error>;
}

/// A file the customer may read.
pub trait Document {
    /// Name, type and size.
    fn info(&self) -> Result<DocumentInfo, Error>;
    /// The bytes, or a range of them.
    fn read(&self, range: Option<ByteRange>) -> Result<FileStream, Error>;
}
