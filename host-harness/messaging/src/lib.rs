//! Messages to customers: templates with merge fields, SMS counting, the outbox worker, transports.
//! The host implements [`OutboxStore`] and [`MailboxStore`]; this crate knows no database and no web framework.
//!
//! From a template to a delivered message:
//!
//! 1. [`FieldCatalog`] lists what may be inserted: the host's [`HostField`]s and the fields of enabled plugins.
//! 2. [`Template::check`] parses and validates what staff wrote; every problem is a [`TemplateError`] with a place
//!    and a plain sentence.
//! 3. [`Template::fields_used`] tells the host which fields to resolve, once for all recipients.
//! 4. [`Template::render`] puts the values in, escaped for the channel.
//! 5. The host stores the result in its outbox, in the sender's transaction.
//! 6. [`Worker`] claims it and hands it to a [`Transport`], with retries.
//!
//! ```
//! use messaging::{Channel, FieldCatalog, Template};
//!
//! let catalog = FieldCatalog::host();
//! let template = Template::check(
//!     Channel::Email,
//!     Some("Your invoice, {{ customer.first_name | dear customer }}"),
//!     "You owe {{ invoice.amount_due }}.",
//!     &catalog,
//! )?;
//! let message = template.render(&|field| (field == "invoice.amount_due").then(|| "$10.00".to_owned()));
//! assert_eq!(message.subject.as_deref(), Some("Your invoice, dear customer"));
//! assert_eq!(message.text, "You owe $10.00.");
//! # Ok::<(), messaging::TemplateErrors>(())
//! ```

mod backoff;
mod channel;
mod email;
mod fields;
mod grammar;
mod html;
mod message;
mod outbox;
pub mod sms;
mod template;
pub mod transport;

pub use backoff::Backoff;
pub use channel::Channel;
pub use email::EmailIdentity;
pub use fields::{Field, FieldCatalog, HostField, plugin_field_name, split_plugin_field_name};
pub use html::email_html;
pub use message::OutgoingMessage;
pub use outbox::{Claimed, OutboxStore, StoreError, Waker, Worker, WorkerConfig};
pub use template::{Part, Rendered, Template, TemplateError, TemplateErrors};
pub use transport::mailbox::MailboxStore;
pub use transport::{ConfigError, Receipt, SendError, Transport, Transports};
