//! The customer handle: what a customer sees and may change, and what never leaves the host.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use capabilities::{Acceptance, Attribution, ContactChange, Error as Refusal, Features};
use jiff::civil::date;
use platform::*;
use std::sync::Arc;

on_both_engines! {
    drafts_never_leave
    internal_notes_never_leave
    the_summary_counts_and_picks_what_waits
    a_contact_edit_is_stored_checked_and_told
    a_stale_edit_is_a_conflict_and_loses_nothing
    a_view_by_staff_changes_nothing
    decisions_and_pdfs_are_not_offered_yet
    a_booking_address_names_the_customer_for_a_quarter_of_an_hour
    the_company_is_described_with_its_settings
    invoices_list_earliest_due_first_then_past_latest_first
    detail_pages_carry_lines_totals_and_references
}

async fn drafts_never_leave(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let estimate = world.estimate(&ann, "draft", None).await;
    let invoice = world.invoice(&ann, "draft", None, 100).await;
    let handle = world.handle(&ann).await;
    assert_eq!(handle.estimate(&estimate.id).await.err(), Some(Refusal::NotFound));
    assert_eq!(handle.invoice(&invoice.id).await.err(), Some(Refusal::NotFound));
    for filter in [ListFilter::Open, ListFilter::Past, ListFilter::All] {
        assert_eq!(handle.estimates(page(filter, 10)).await.unwrap().items, []);
        assert_eq!(handle.invoices(page(filter, 10)).await.unwrap().items, []);
    }
    let summary = handle.summary().await.unwrap();
    assert_eq!((summary.estimates, summary.invoices), Default::default());
    assert_eq!((summary.estimates_to_decide.len(), summary.invoices_due.len()), (0, 0));
}

async fn internal_notes_never_leave(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let job = world.job(&ann, "Visit", "scheduled", None).await;
    let handle = world.handle(&ann).await;
    let seen = format!(
        "{:?} {:?}",
        handle.profile().await.unwrap(),
        handle.job(&job.id).await.unwrap()
    );
    assert!(!seen.contains("slow payer") && !seen.contains("4711"), "{seen}");
    let change = ContactChange {
        phone: Some("720 555 0100".into()),
        ..ContactChange::default()
    };
    handle.update_profile(1, change).await.unwrap();
    assert_eq!(
        world
            .platform
            .customers()
            .get(world.id(), &ann.id)
            .await
            .unwrap()
            .internal_notes,
        "slow payer"
    );
}

async fn the_summary_counts_and_picks_what_waits(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    world.job(&ann, "missed", "scheduled", Some("2026-06-01T09:00")).await;
    world.job(&ann, "tomorrow", "scheduled", Some("2026-06-16T09:00")).await;
    world.job(&ann, "some day", "unscheduled", None).await;
    world.job(&ann, "done", "completed", Some("2026-06-01T09:00")).await;
    world.estimate(&ann, "sent", Some(date(2026, 7, 1))).await;
    world.estimate(&ann, "sent", Some(date(2026, 6, 20))).await;
    world.estimate(&ann, "sent", Some(date(2026, 6, 1))).await;
    world.estimate(&ann, "accepted", None).await;
    let late = world.invoice(&ann, "issued", Some(date(2026, 6, 1)), 10_000).await;
    world.invoice(&ann, "issued", Some(date(2026, 7, 1)), 5_000).await;
    world.pay(&late, 2_500).await;
    let summary = world.handle(&ann).await.summary().await.unwrap();
    assert_eq!((summary.jobs.open, summary.jobs.past), (3, 1));
    assert_eq!((summary.estimates.open, summary.estimates.past), (2, 2));
    assert_eq!(
        (summary.invoices.open, summary.invoices.past, summary.payments),
        (2, 0, 1)
    );
    assert_eq!(
        summary.balance_due,
        Money {
            minor: 12_500,
            currency: "USD".into()
        }
    );
    let expiries: Vec<_> = summary
        .estimates_to_decide
        .iter()
        .map(|estimate| estimate.expires)
        .collect();
    assert_eq!(expiries, [Some(date(2026, 6, 20)), Some(date(2026, 7, 1))]);
    let codes: Vec<_> = summary
        .invoices_due
        .iter()
        .map(|invoice| invoice.status.code.as_str())
        .collect();
    assert_eq!(codes, ["overdue", "unpaid"]);
    assert_eq!(
        summary
            .next_visits
            .iter()
            .map(|job| job.title.as_str())
            .collect::<Vec<_>>(),
        ["tomorrow"]
    );
}

async fn a_contact_edit_is_stored_checked_and_told(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let handle = world.handle(&ann).await;
    let change = ContactChange {
        email: Some("new@example.com".into()),
        ..ContactChange::default()
    };
    let contact = handle.update_profile(1, change).await.unwrap();
    assert_eq!(
        (contact.email.as_str(), contact.first_name.as_str(), contact.version),
        ("new@example.com", "Ann", 2)
    );
    let told = world
        .platform
        .activity()
        .timeline(world.id(), &ann.id, None, 1)
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(
        (told.actor_kind, told.address.as_str(), told.request_id.as_str()),
        (ActorKind::Customer, "192.0.2.7", "req-1")
    );
    assert_eq!(
        (told.entry.plugin_id.as_str(), told.entry.changes[0].after.as_str()),
        ("customer-portal", "new@example.com")
    );

    let bad = ContactChange {
        first_name: Some("Ann\r\nBcc: x@example.com".into()),
        email: Some("nonsense".into()),
        mobile: Some("?".into()),
        ..ContactChange::default()
    };
    let Err(Refusal::Invalid(fields)) = handle.update_profile(2, bad).await else {
        panic!("accepted")
    };
    let fields: Vec<_> = fields
        .iter()
        .map(|field| (field.field.as_str(), field.code.as_str()))
        .collect();
    assert_eq!(
        fields,
        [
            ("first_name", "not-allowed"),
            ("email", "malformed"),
            ("mobile", "malformed")
        ]
    );
}

async fn a_stale_edit_is_a_conflict_and_loses_nothing(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let handle = world.handle(&ann).await;
    let change = |phone: &str| ContactChange {
        phone: Some(phone.into()),
        ..ContactChange::default()
    };
    let (one, two) = tokio::join!(
        handle.update_profile(1, change("303 1")),
        handle.update_profile(1, change("303 2"))
    );
    assert_eq!(
        [one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(),
        1,
        "{one:?} {two:?}"
    );
    assert!(matches!(
        handle.update_profile(1, change("303 3")).await,
        Err(Refusal::Conflict(_))
    ));
    assert!(matches!(
        handle.update_profile(u64::MAX, change("303 3")).await,
        Err(Refusal::Conflict(_))
    ));
    assert_eq!(handle.profile().await.unwrap().version, 2);
}

async fn a_view_by_staff_changes_nothing(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let origin = Origin::Staff {
        id: "st_1".into(),
        name: "Sam".into(),
    };
    let grants = world.grants_for(&world.company, origin, true);
    let handle = grants.customers.unwrap().open(&ann.id).await.unwrap();
    let change = ContactChange {
        phone: Some("720 555 0100".into()),
        ..ContactChange::default()
    };
    assert!(matches!(
        handle.update_profile(1, change).await,
        Err(Refusal::Denied(_))
    ));
    let entry = capabilities::Entry {
        key: "k".into(),
        value: vec![1],
        ttl: None,
    };
    assert!(matches!(
        grants.storage.unwrap().set(entry).await,
        Err(Refusal::Denied(_))
    ));
    assert!(matches!(
        grants.credentials.unwrap().clear(&ann.id).await,
        Err(Refusal::Denied(_))
    ));
    assert_eq!(world.platform.customers().get(world.id(), &ann.id).await.unwrap(), ann);
}

async fn decisions_and_pdfs_are_not_offered_yet(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let estimate = world.estimate(&ann, "sent", None).await;
    let grants = world.grants();
    let features = grants.company.features();
    assert_eq!(
        features,
        Features {
            email: true,
            sms: true,
            ..Features::default()
        }
    );
    let acceptance = Acceptance {
        expected_version: 1,
        selected_lines: vec![],
        typed_name: "Ann".into(),
        signature_png: None,
        consent: "I agree".into(),
        attribution: Attribution::Link("link".into()),
        idempotency_key: "k".into(),
    };
    let answer = world.handle(&ann).await.accept_estimate(&estimate.id, acceptance).await;
    assert!(matches!(answer, Err(Refusal::Unavailable(_))), "{answer:?}");
    assert!(!world.handle(&ann).await.estimate(&estimate.id).await.unwrap().decidable);
    let pdf = grants
        .documents
        .unwrap()
        .render(&ann.id, capabilities::DocumentSubject::Estimate(estimate.id), "en")
        .await;
    assert!(matches!(pdf.err(), Some(Refusal::Unavailable(_))));
}

async fn a_booking_address_names_the_customer_for_a_quarter_of_an_hour(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let url = world.handle(&ann).await.booking_url().await.unwrap();
    let token = url.strip_prefix("http://127.0.0.1:8081/summit/book/k/").unwrap();
    let read = async |company: &Company, token: &str| world.platform.booking_customer(company, token).await;
    assert_eq!(read(&world.company, token).await.unwrap().id, ann.id);
    assert!(matches!(read(&world.other, token).await, Err(Error::NotFound)));
    let mut forged = token.to_owned();
    forged.replace_range(..1, if token.starts_with('A') { "B" } else { "A" });
    for bad in [forged.as_str(), "", ".", "a.b", token.split('.').next().unwrap()] {
        assert!(
            matches!(read(&world.company, bad).await, Err(Error::NotFound)),
            "{bad:?}"
        );
    }
    world.clock.advance(15 * 60 - 1);
    read(&world.company, token).await.unwrap();
    world.clock.advance(1);
    assert!(matches!(read(&world.company, token).await, Err(Error::NotFound)));
}

async fn the_company_is_described_with_its_settings(world: Arc<World>) {
    let company = world.grants().company;
    let profile = company.profile().await.unwrap();
    assert_eq!(
        (profile.slug.as_str(), profile.currency_digits, profile.logo_path),
        ("summit", 2, None)
    );
    assert_eq!(company.mount_url(), "http://127.0.0.1:8081/summit/portal");
    let now = company.now();
    assert_eq!(
        (now.local, now.zone.as_str()),
        (date(2026, 6, 15).at(12, 0, 0, 0), "MDT")
    );
    let setting = |value: &str| {
        vec![Setting {
            key: "welcome".into(),
            value: value.into(),
        }]
    };
    assert_eq!(company.settings().await.unwrap(), setting("Hello"));
    let stored = [
        setting("Howdy"),
        vec![Setting {
            key: "gone".into(),
            value: "x".into(),
        }],
    ]
    .concat();
    world
        .platform
        .plugins()
        .set_settings(world.id(), "customer-portal", &stored, &Default::default(), &staff())
        .await
        .unwrap();
    assert_eq!(company.settings().await.unwrap(), setting("Howdy"));
}

async fn invoices_list_earliest_due_first_then_past_latest_first(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let later = world.invoice(&ann, "issued", Some(date(2026, 8, 1)), 100).await;
    let undated = world.invoice(&ann, "issued", None, 100).await;
    let sooner = world.invoice(&ann, "issued", Some(date(2026, 6, 1)), 100).await;
    let paid = world.invoice(&ann, "issued", Some(date(2026, 5, 1)), 100).await;
    world.pay(&paid, 100).await;
    let page = world
        .handle(&ann)
        .await
        .invoices(page(ListFilter::All, 10))
        .await
        .unwrap();
    let ids: Vec<_> = page.items.into_iter().map(|invoice| invoice.id).collect();
    assert_eq!(ids, [sooner.id, later.id, undated.id, paid.id]);
}

async fn detail_pages_carry_lines_totals_and_references(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let job = world
        .job(&ann, "Furnace visit", "completed", Some("2026-06-01T09:00"))
        .await;
    let details = InvoiceDetails {
        customer_id: ann.id.clone(),
        job_id: Some(job.id.clone()),
        title: "Furnace".into(),
        status: "issued".into(),
        tax: Some(TaxRate {
            name: "Sales tax".into(),
            rate_millionths: 100_000,
        }),
        ..InvoiceDetails::default()
    };
    let invoice = world
        .platform
        .invoices()
        .create(world.id(), details, vec![line("Labour", 1_000)], &staff())
        .await
        .unwrap();
    world.pay(&invoice, 100).await;
    let handle = world.handle(&ann).await;
    let shown = handle.invoice(&invoice.id).await.unwrap();
    assert_eq!(
        (
            shown.totals.taxes[0].amount.minor,
            shown.totals.total.minor,
            shown.invoice.amount_due.minor
        ),
        (100, 1_100, 1_000)
    );
    assert_eq!(shown.job.unwrap().name, "Furnace visit");
    assert_eq!(shown.remit_to, "Checks to PO box 7");
    assert_eq!(shown.payments[0].invoice.as_ref().unwrap().name, invoice.details.number);
    assert_eq!(handle.job(&job.id).await.unwrap().invoices[0].id, invoice.id);
}
