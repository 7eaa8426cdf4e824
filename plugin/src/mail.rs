//! E-mails and text messages to a customer: plain text in the customer's language, signed by the
//! company. Addresses in them are built from the portal's configured address.

use crate::{
    Error,
    bindings::fieldservice::plugins::{
        company::{CompanyProfile, FeatureSet},
        customers::Contact,
        messages::{Message, Recipient},
        types::Channel,
    },
    forms::one_line,
    host::Host,
    i18n::Words,
};

/// What a message to one customer is made with.
pub struct Mail<'a> {
    host: &'a dyn Host,
    customer: String,
    /// Words in the customer's language: their own choice, else the company's.
    pub words: Words,
    /// The company.
    pub company: CompanyProfile,
    /// The customer's contact details.
    pub contact: Contact,
}

impl<'a> Mail<'a> {
    /// A message to this customer; `NotFound` when the company has none of that id.
    pub fn to(host: &'a dyn Host, customer: &str) -> Result<Self, Error> {
        let contact = host.customer(customer)?.contact()?;
        let company = host.profile()?;
        let words = Words::choose(&contact.language, "", &company, host.now().local.date);
        Ok(Self {
            host,
            customer: customer.to_owned(),
            words,
            company,
            contact,
        })
    }

    /// The address a customer signs in with, as a recipient: the one on file when it is the same.
    pub fn login(&self, login: &str) -> Recipient {
        if login.eq_ignore_ascii_case(&self.contact.email) {
            Recipient::OnFile
        } else {
            Recipient::Unverified(login.to_owned())
        }
    }

    /// Send an e-mail of these paragraphs between a greeting and the company's name. A repeat of
    /// the same key sends nothing again.
    pub fn send(&self, to: Recipient, subject: &str, paragraphs: &[String], key: &str) -> Result<(), Error> {
        self.host.send_message(&self.email(to, subject, paragraphs, key))?;
        Ok(())
    }

    /// The same for what would let a reader act as the customer: staff see that it was sent, and
    /// its subject, but not the text.
    pub fn send_secret(&self, to: Recipient, subject: &str, paragraphs: &[String], key: &str) -> Result<(), Error> {
        self.host.send_confidential(&self.email(to, subject, paragraphs, key))?;
        Ok(())
    }

    /// Send a text message to the number on file.
    pub fn send_text(&self, text: String, key: &str) -> Result<(), Error> {
        self.host.send_message(&Message {
            customer: self.customer.clone(),
            channel: Channel::Sms,
            to: Recipient::OnFile,
            subject: String::new(),
            body: text,
            idempotency_key: key.to_owned(),
        })?;
        Ok(())
    }

    fn email(&self, to: Recipient, subject: &str, paragraphs: &[String], key: &str) -> Message {
        let mut body = vec![self.greeting()];
        body.extend_from_slice(paragraphs);
        body.push(self.signature());
        Message {
            customer: self.customer.clone(),
            channel: Channel::Email,
            to,
            subject: one_line(subject).chars().take(300).collect(),
            body: body.join("\n\n"),
            idempotency_key: key.to_owned(),
        }
    }

    fn greeting(&self) -> String {
        let contact = &self.contact;
        let names = [&contact.first_name, &contact.company_name, &contact.last_name];
        match names.into_iter().find(|name| !name.is_empty()) {
            Some(name) => self.words.mail_greeting(one_line(name)),
            None => self.words.mail_greeting_plain().to_owned(),
        }
    }

    fn signature(&self) -> String {
        let company = &self.company;
        let lines = [&company.name, &company.phone, &company.email];
        let lines: Vec<&str> = lines
            .into_iter()
            .map(String::as_str)
            .filter(|line| !line.is_empty())
            .collect();
        lines.join("\n")
    }
}

/// Whether the company can send messages this way at all.
pub fn sends(host: &dyn Host, channel: Channel) -> bool {
    let needed = match channel {
        Channel::Email => FeatureSet::EMAIL,
        Channel::Sms => FeatureSet::SMS,
    };
    host.features() & needed == needed
}
