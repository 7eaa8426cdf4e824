//! `credentials`: passwords of customers, hashed and throttled by the host.
//! Source: `wit/credentials.wit`.

use super::{Answer, at_most, bounded, convert, denied, known_length};
use crate::{bindings::fieldservice::plugins::credentials as wit, call::Call, manifest::Permission};
use capabilities as cap;
use std::sync::Arc;

/// Longest login; an e-mail address has at most 254 characters.
const LOGIN_CHARS: usize = 320;
/// Longest password; hashing takes time by length.
const PASSWORD_CHARS: usize = 1_024;

impl Call {
    fn credentials(&self) -> cap::Result<Arc<dyn cap::Credentials>> {
        self.grants
            .credentials
            .clone()
            .ok_or_else(|| denied(Permission::Credentials))
    }
}

impl wit::Host for Call {
    async fn set(&mut self, customer: String, login: String, password: String, mode: wit::SetMode) -> Answer<()> {
        let granted = self.credentials();
        let set = async move {
            known_length(&customer)?;
            at_most("login", &login, LOGIN_CHARS)?;
            at_most("password", &password, PASSWORD_CHARS)?;
            let mode = match mode {
                wit::SetMode::Create => cap::SetMode::Create,
                wit::SetMode::Replace => cap::SetMode::Replace,
            };
            granted?.set(&customer, &login, &password, mode).await
        };
        bounded(self.capability_time, set, |()| ()).await
    }

    async fn verify(&mut self, login: String, password: String) -> Answer<String> {
        let granted = self.credentials();
        let verified = async move {
            // Too long to be anybody's: the host still does a sign-in's work, on a part of it.
            let login: String = login.chars().take(LOGIN_CHARS).collect();
            let password: String = password.chars().take(PASSWORD_CHARS.saturating_add(1)).collect();
            granted?.verify(&login, &password).await
        };
        bounded(self.capability_time, verified, |customer| customer).await
    }

    async fn find(&mut self, login: String) -> Answer<Option<String>> {
        let granted = self.credentials();
        let found = async move {
            at_most("login", &login, LOGIN_CHARS)?;
            granted?.find(&login).await
        };
        bounded(self.capability_time, found, |customer| customer).await
    }

    async fn change_login(&mut self, customer: String, login: String) -> Answer<()> {
        let granted = self.credentials();
        let changed = async move {
            known_length(&customer)?;
            at_most("login", &login, LOGIN_CHARS)?;
            granted?.change_login(&customer, &login).await
        };
        bounded(self.capability_time, changed, |()| ()).await
    }

    async fn clear(&mut self, customer: String) -> Answer<()> {
        let granted = self.credentials();
        let cleared = async move {
            known_length(&customer)?;
            granted?.clear(&customer).await
        };
        bounded(self.capability_time, cleared, |()| ()).await
    }

    async fn status(&mut self, customer: String) -> Answer<wit::CredentialStatus> {
        let granted = self.credentials();
        let status = async move {
            known_length(&customer)?;
            granted?.status(&customer).await
        };
        bounded(self.capability_time, status, |status| wit::CredentialStatus {
            registered: status.registered,
            login: status.login,
            registered_at: status.registered_at.map(convert::moment),
            last_signed_in: status.last_signed_in.map(convert::moment),
            throttled_until: status.throttled_until.map(convert::moment),
        })
        .await
    }
}
