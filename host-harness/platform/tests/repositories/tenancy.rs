//! Another company's id and another customer's id are as unknown as one that never was.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use capabilities::{Error as Refusal, *};
use platform::{Customer, *};
use std::sync::Arc;

on_both_engines! {
    another_companys_records_are_not_found_by_staff
    another_companys_customer_cannot_be_opened
    another_customers_records_are_not_found_through_a_handle
    another_companys_storage_and_passwords_are_apart
}

async fn everything(world: &World, customer: &Customer) -> [String; 6] {
    let job = world.job(customer, "Visit", "scheduled", None).await;
    let project = ProjectDetails {
        customer_id: customer.id.clone(),
        name: "Remodel".into(),
        ..ProjectDetails::default()
    };
    let project = world
        .platform
        .projects()
        .create(world.id(), project, &staff())
        .await
        .unwrap();
    let estimate = world.estimate(customer, "sent", None).await;
    let invoice = world.invoice(customer, "issued", None, 100).await;
    let payment = world.pay(&invoice, 50).await;
    let request = RequestDetails {
        customer_id: Some(customer.id.clone()),
        summary: "Help".into(),
        ..RequestDetails::default()
    };
    let request = world
        .platform
        .requests()
        .create(world.id(), request, None, &staff())
        .await
        .unwrap();
    [job.id, project.id, estimate.id, invoice.id, payment.id, request.id]
}

async fn another_companys_records_are_not_found_by_staff(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let [job, project, estimate, invoice, payment, request] = everything(&world, &ann).await;
    let (platform, other) = (&world.platform, world.other.id.as_str());
    let gone = |found: Option<platform::Error>| assert!(matches!(found, Some(platform::Error::NotFound)), "{found:?}");
    gone(platform.customers().get(other, &ann.id).await.err());
    gone(platform.jobs().get(other, &job).await.err());
    gone(platform.projects().get(other, &project).await.err());
    gone(platform.estimates().get(other, &estimate).await.err());
    gone(platform.invoices().get(other, &invoice).await.err());
    gone(platform.payments().get(other, &payment).await.err());
    gone(platform.requests().get(other, &request).await.err());
    gone(
        platform
            .customers()
            .update(other, &ann.id, ann.version, ann.details.clone(), &staff())
            .await
            .err(),
    );
    gone(platform.payments().delete(other, &payment, &staff()).await.err());
    assert_eq!(
        platform
            .customers()
            .many(other, std::slice::from_ref(&ann.id))
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        platform.jobs().list(other, &ListQuery::default()).await.unwrap().items,
        []
    );
    assert_eq!(platform.estimates().lines(other, &estimate).await.unwrap(), []);
    assert_eq!(platform.payments().of_invoice(other, &invoice).await.unwrap(), []);
    assert_eq!(
        platform
            .activity()
            .timeline(other, &ann.id, None, 10)
            .await
            .unwrap()
            .items,
        []
    );
    let mine = InvoiceDetails {
        customer_id: ann.id.clone(),
        title: "Theft".into(),
        ..InvoiceDetails::default()
    };
    assert_eq!(
        refused(platform.invoices().create(other, mine, vec![], &staff()).await),
        ["customer_id not-allowed"]
    );
}

async fn another_companys_customer_cannot_be_opened(world: Arc<World>) {
    let stranger = world.customer_of(&world.other.id, "Ann", "Able").await;
    let grants = world.grants();
    let customers = grants.customers.unwrap();
    for id in [stranger.id.as_str(), "nobody", "", "a\0b"] {
        assert_eq!(customers.open(id).await.err(), Some(Refusal::NotFound), "{id:?}");
    }
    assert_eq!(customers.find_by_email("ann@example.com").await.unwrap(), None);
    assert_eq!(
        grants.credentials.unwrap().status(&stranger.id).await.err(),
        Some(Refusal::NotFound)
    );
    let entry = ActivityEntry {
        customer: stranger.id.clone(),
        kind: ActivityKind::Viewed,
        subject: ActivitySubject::None,
        summary: "Looked".into(),
        via: String::new(),
    };
    assert_eq!(
        grants.activity.unwrap().record(vec![entry]).await,
        Err(Refusal::NotFound)
    );
}

async fn another_customers_records_are_not_found_through_a_handle(world: Arc<World>) {
    let (ann, bob) = (
        world.customer("Ann", "Able").await,
        world.customer("Bob", "Baker").await,
    );
    let [job, project, estimate, invoice, payment, _] = everything(&world, &ann).await;
    let own = world.handle(&ann).await;
    own.job(&job).await.unwrap();
    own.project(&project).await.unwrap();
    own.estimate(&estimate).await.unwrap();
    own.invoice(&invoice).await.unwrap();
    own.payment(&payment).await.unwrap();

    let others = world.handle(&bob).await;
    let gone = Some(Refusal::NotFound);
    assert_eq!(others.job(&job).await.err(), gone);
    assert_eq!(others.project(&project).await.err(), gone);
    assert_eq!(others.estimate(&estimate).await.err(), gone);
    assert_eq!(others.invoice(&invoice).await.err(), gone);
    assert_eq!(others.payment(&payment).await.err(), gone);
    let all = || page(ListFilter::All, 10);
    assert_eq!(others.jobs(all()).await.unwrap().items, []);
    assert_eq!(others.projects(all()).await.unwrap().items, []);
    assert_eq!(others.estimates(all()).await.unwrap().items, []);
    assert_eq!(others.invoices(all()).await.unwrap().items, []);
    assert_eq!(others.payments(all()).await.unwrap().items, []);
    assert_eq!(others.requests(all()).await.unwrap().items, []);
    let summary = others.summary().await.unwrap();
    assert_eq!(
        (summary.jobs.open, summary.payments, summary.balance_due.minor),
        (0, 0, 0)
    );
}

async fn another_companys_storage_and_passwords_are_apart(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let (mine, theirs) = (world.grants(), world.grants_for(&world.other, Origin::Public, false));
    let entry = Entry {
        key: "k".into(),
        value: b"v".to_vec(),
        ttl: None,
    };
    mine.storage.unwrap().set(entry).await.unwrap();
    let storage = theirs.storage.unwrap();
    assert_eq!(storage.get("k").await.unwrap(), None);
    assert_eq!(storage.list("", None, 10).await.unwrap().items, Vec::<String>::new());
    let password = "correct horse battery";
    mine.credentials
        .unwrap()
        .set(&ann.id, "ann@example.com", password, SetMode::Create)
        .await
        .unwrap();
    let verdict = theirs.credentials.unwrap().verify("ann@example.com", password).await;
    assert!(matches!(verdict, Err(Refusal::Denied(_))), "{verdict:?}");
}
