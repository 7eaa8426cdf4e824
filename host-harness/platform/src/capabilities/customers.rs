//! `interface customers`: from an id to the one handle that reaches that customer's records.
//! One company, one call: another company's id is as unknown as one that never was.

use super::{Call, customer::CustomerCapability};
use ::capabilities::{Customer, CustomerId, Customers, Result, Viewing};
use async_trait::async_trait;
use std::sync::Arc;

pub(super) struct CustomersCapability(pub(super) Call);

#[async_trait]
impl Customers for CustomersCapability {
    fn viewing_as(&self) -> Option<Viewing> {
        self.0.context.viewing.clone()
    }

    async fn open(&self, id: &str) -> Result<Arc<dyn Customer>> {
        self.0.require_customer(id).await?;
        Ok(Arc::new(CustomerCapability {
            call: self.0.clone(),
            id: id.to_owned(),
        }))
    }

    async fn find_by_email(&self, email: &str) -> Result<Option<CustomerId>> {
        let found = self
            .0
            .platform
            .customers()
            .find_by_email(&self.0.company.id, email)
            .await?;
        Ok(found.filter(|id| self.0.require_bound(id).is_ok()))
    }
}
