//! A platform of its own for each test: two companies, a clock that stands still, a plugin's grants.
//! On PostgreSQL each test has its own database, dropped afterwards.

use capabilities::Grants;
use jiff::civil::{Date, date};
use platform::*;
use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
use std::{future::Future, str::FromStr, sync::Arc};

pub(crate) struct World {
    pub platform: Platform,
    pub clock: Arc<FixedClock>,
    /// Denver, USD.
    pub company: Company,
    /// Somebody else's.
    pub other: Company,
    pub folder: tempfile::TempDir,
    pub url: String,
}

/// Noon in Denver on the day every test happens.
pub(crate) const NOW: &str = "2026-06-15T18:00:00Z";

pub(crate) fn today() -> Date {
    date(2026, 6, 15)
}

pub(crate) fn staff() -> Actor {
    Actor::staff("st_1", "Sam")
}

pub(crate) fn details(slug: &str) -> CompanyDetails {
    CompanyDetails {
        slug: slug.into(),
        name: format!("{slug} Heating & Air"),
        locale: "en-US".into(),
        time_zone: "America/Denver".into(),
        currency: "USD".into(),
        remit_to: "Checks to PO box 7".into(),
        ..CompanyDetails::default()
    }
}

async fn open(url: &str, folder: &tempfile::TempDir, clock: Arc<FixedClock>) -> Platform {
    let config = PlatformConfig {
        database_url: url.into(),
        files_dir: folder.path().join("files"),
        secret_key: SecretKey::new(vec![7; 32]).unwrap(),
        public_url: "http://127.0.0.1:8081".into(),
        email: true,
        sms: true,
        connections: 3,
        hashing_slots: 2,
        clock,
    };
    Platform::open(config).await.unwrap()
}

async fn world(url: String) -> World {
    let folder = tempfile::tempdir().unwrap();
    let url = if url.is_empty() {
        format!("sqlite://{}", folder.path().join("host.db").display())
    } else {
        url
    };
    let clock = Arc::new(FixedClock::at(NOW.parse().unwrap()));
    let platform = open(&url, &folder, clock.clone()).await;
    let company = platform
        .companies()
        .create(details("summit"), &Actor::system())
        .await
        .unwrap();
    let other = platform
        .companies()
        .create(details("brook"), &Actor::system())
        .await
        .unwrap();
    World {
        platform,
        clock,
        company,
        other,
        folder,
        url,
    }
}

pub(crate) async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Arc<World>) -> F) {
    let world = Arc::new(world(String::new()).await);
    test(world.clone()).await;
    world.platform.close().await;
}

pub(crate) async fn on_postgresql<F: Future<Output = ()>>(test: impl FnOnce(Arc<World>) -> F) {
    let Ok(admin) = std::env::var("TEST_POSTGRES_URL") else {
        eprintln!("SKIPPED ON POSTGRESQL: set TEST_POSTGRES_URL to a server where databases can be created");
        return;
    };
    let server = PgConnectOptions::from_str(&admin).unwrap();
    let mut connection = server.connect().await.unwrap();
    let name = format!("t_{}", new_token().unwrap());
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .unwrap();
    let (base, query) = admin.split_once('?').unwrap_or((&admin, ""));
    let base = base.rsplit_once('/').unwrap().0;
    let separator = if query.is_empty() { "" } else { "?" };
    let world = Arc::new(world(format!("{base}/{name}{separator}{query}")).await);
    test(world.clone()).await;
    world.platform.close().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

impl World {
    pub(crate) fn id(&self) -> &str {
        &self.company.id
    }

    /// The same store opened a second time, as another process would.
    pub(crate) async fn reopened(&self) -> Platform {
        open(&self.url, &self.folder, self.clock.clone()).await
    }

    pub(crate) async fn customer(&self, first: &str, last: &str) -> Customer {
        self.customer_of(self.id(), first, last).await
    }

    pub(crate) async fn customer_of(&self, company: &str, first: &str, last: &str) -> Customer {
        let details = CustomerDetails {
            first_name: first.into(),
            last_name: last.into(),
            email: format!("{}@example.com", first.to_lowercase()),
            phone: "(303) 555-0134".into(),
            internal_notes: "slow payer".into(),
            ..CustomerDetails::default()
        };
        self.platform
            .customers()
            .create(company, details, &staff())
            .await
            .unwrap()
    }

    pub(crate) fn grants(&self) -> Grants {
        self.grants_for(&self.company, Origin::Public, false)
    }

    pub(crate) fn grants_for(&self, company: &Company, origin: Origin, read_only: bool) -> Grants {
        self.grants_of(company, context(origin, read_only))
    }

    pub(crate) fn grants_in(&self, context: CallContext) -> Grants {
        self.grants_of(&self.company, context)
    }

    fn grants_of(&self, company: &Company, context: CallContext) -> Grants {
        let all = [
            "customers",
            "documents",
            "storage",
            "credentials",
            "messages",
            "activity",
        ];
        let plugin = PluginIdentity {
            id: "customer-portal".into(),
            mount: "portal".into(),
            permissions: all.into_iter().map(str::to_owned).collect(),
            default_settings: vec![Setting {
                key: "welcome".into(),
                value: "Hello".into(),
            }],
        };
        self.platform.grants(company, &Arc::new(plugin), context)
    }

    pub(crate) async fn handle(&self, customer: &Customer) -> Arc<dyn capabilities::Customer> {
        self.grants().customers.unwrap().open(&customer.id).await.unwrap()
    }

    pub(crate) async fn job(&self, customer: &Customer, title: &str, status: &str, starts: Option<&str>) -> Job {
        let details = JobDetails {
            customer_id: customer.id.clone(),
            title: title.into(),
            status: status.into(),
            starts: starts.map(|starts| starts.parse().unwrap()),
            internal_notes: "gate code 4711".into(),
            ..JobDetails::default()
        };
        self.platform.jobs().create(self.id(), details, &staff()).await.unwrap()
    }

    pub(crate) async fn invoice(&self, customer: &Customer, status: &str, due: Option<Date>, cents: i64) -> Invoice {
        let details = InvoiceDetails {
            customer_id: customer.id.clone(),
            title: "Furnace".into(),
            status: status.into(),
            issued: Some(date(2026, 5, 1)),
            due,
            ..InvoiceDetails::default()
        };
        self.platform
            .invoices()
            .create(self.id(), details, vec![line("Labour", cents)], &staff())
            .await
            .unwrap()
    }

    pub(crate) async fn estimate(&self, customer: &Customer, status: &str, expires: Option<Date>) -> Estimate {
        let details = EstimateDetails {
            customer_id: customer.id.clone(),
            title: "New heat pump".into(),
            status: status.into(),
            sent: Some(date(2026, 6, 1)),
            expires,
            ..EstimateDetails::default()
        };
        self.platform
            .estimates()
            .create(self.id(), details, vec![line("Heat pump", 500_000)], &staff())
            .await
            .unwrap()
    }

    pub(crate) async fn pay(&self, invoice: &Invoice, cents: i64) -> Payment {
        let details = PaymentDetails {
            customer_id: invoice.details.customer_id.clone(),
            invoice_id: Some(invoice.id.clone()),
            date: today(),
            amount: cents,
            method: "check".into(),
            reference: "1042".into(),
        };
        self.platform
            .payments()
            .create(self.id(), details, &staff())
            .await
            .unwrap()
    }
}

pub(crate) fn line(name: &str, cents: i64) -> LineDetails {
    LineDetails {
        name: name.into(),
        quantity_milli: 1000,
        unit_price: cents,
        taxable: true,
        ..LineDetails::default()
    }
}

pub(crate) fn context(origin: Origin, read_only: bool) -> CallContext {
    CallContext {
        request_id: "req-1".into(),
        origin,
        client_address: Some("192.0.2.7".parse().unwrap()),
        user_agent: "Test".into(),
        read_only,
        viewing: None,
    }
}

pub(crate) fn page(filter: ListFilter, limit: u32) -> PageRequest {
    PageRequest {
        filter,
        cursor: None,
        limit,
        search: None,
    }
}

/// Every invalid field as `field code`.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result {
        Err(Error::Invalid(fields)) => fields
            .into_iter()
            .map(|field| format!("{} {}", field.field, field.code))
            .collect(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}
