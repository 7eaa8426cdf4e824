//! Passwords of customers, hashed in the host.
//! Source: `wit/credentials.wit`.

use crate::{CustomerId, Moment, Result};
use async_trait::async_trait;

/// When a password may be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetMode {
    /// Only while the customer has none.
    Create,
    /// Only while the customer has one.
    Replace,
}

/// Whether and how a customer is registered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialStatus {
    /// Has a password.
    pub registered: bool,
    /// The e-mail the customer signs in with, or empty.
    pub login: String,
    /// When the password was first set.
    pub registered_at: Option<Moment>,
    /// When it last verified.
    pub last_signed_in: Option<Moment>,
    /// Set while attempts are being slowed down.
    pub throttled_until: Option<Moment>,
}

/// `interface credentials`.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Store a password for the customer under this login.
    async fn set(&self, customer: &str, login: &str, password: &str, mode: SetMode) -> Result<()>;
    /// The customer whose login and password these are; `Denied`, after the same work, otherwise.
    async fn verify(&self, login: &str, password: &str) -> Result<CustomerId>;
    /// The customer who signs in with this login, compared without case.
    async fn find(&self, login: &str) -> Result<Option<CustomerId>>;
    /// Let the customer sign in with another e-mail and the same password.
    async fn change_login(&self, customer: &str, login: &str) -> Result<()>;
    /// Forget the customer's password.
    async fn clear(&self, customer: &str) -> Result<()>;
    /// Whether the customer is registered.
    async fn status(&self, customer: &str) -> Result<CredentialStatus>;
}
