//! Jobs, projects, estimates, invoices, payments, requests: order, totals, derived statuses, references.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use jiff::civil::date;
use platform::*;
use std::sync::Arc;

on_both_engines! {
    jobs_list_open_soonest_first_then_past_latest_first
    totals_follow_lines_discount_and_tax
    invoices_move_with_payments
    a_draft_cannot_be_paid
    estimates_expire_by_the_companys_day
    invoices_are_overdue_by_the_companys_day
    references_must_be_the_customers_own
    numbers_are_unique_and_counted
    an_accepted_estimate_does_not_change
    a_booking_repeated_is_made_once
    a_stranger_leaves_a_way_to_be_reached
    lists_filter_by_search_and_status
}

async fn jobs_list_open_soonest_first_then_past_latest_first(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    for (title, status, starts) in [
        ("past-old", "completed", Some("2026-01-01T09:00")),
        ("open-later", "scheduled", Some("2026-07-02T09:00")),
        ("open-never", "unscheduled", None),
        ("past-none", "cancelled", None),
        ("open-soon", "confirmed", Some("2026-07-01T09:00")),
        ("past-new", "completed", Some("2026-06-01T09:00")),
    ] {
        world.job(&ann, title, status, starts).await;
    }
    let list = async |filter, limit| {
        let (mut titles, mut cursor) = (Vec::new(), None);
        loop {
            let page = PageRequest {
                cursor,
                ..page(filter, limit)
            };
            let page = world
                .platform
                .jobs()
                .list(
                    world.id(),
                    &ListQuery {
                        page,
                        ..ListQuery::default()
                    },
                )
                .await
                .unwrap();
            titles.extend(page.items.into_iter().map(|job| job.details.title));
            cursor = page.next;
            if cursor.is_none() {
                return titles;
            }
        }
    };
    let open = ["open-soon", "open-later", "open-never"];
    let past = ["past-new", "past-old", "past-none"];
    assert_eq!(list(ListFilter::Open, 10).await, open);
    assert_eq!(list(ListFilter::Past, 10).await, past);
    for limit in 1..7 {
        assert_eq!(
            list(ListFilter::All, limit).await,
            [open, past].concat(),
            "pages of {limit}"
        );
    }
}

async fn totals_follow_lines_discount_and_tax(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let details = EstimateDetails {
        customer_id: ann.id.clone(),
        title: "Heat pump".into(),
        discount: 1_500,
        tax: Some(TaxRate {
            name: "Sales tax".into(),
            rate_millionths: 86_300,
        }),
        ..EstimateDetails::default()
    };
    let untaxed = LineDetails {
        taxable: false,
        ..line("Permit", 5_000)
    };
    let left_out = LineDetails {
        optional: true,
        ..line("Surge protector", 9_900)
    };
    let lines = vec![line("Pump", 10_000), untaxed, left_out];
    let estimate = world
        .platform
        .estimates()
        .create(world.id(), details, lines.clone(), &staff())
        .await
        .unwrap();
    assert_eq!(
        (estimate.totals.subtotal, estimate.totals.tax, estimate.totals.total),
        (15_000, 777, 14_277)
    );
    let stored = world
        .platform
        .estimates()
        .lines(world.id(), &estimate.id)
        .await
        .unwrap();
    assert_eq!(
        stored
            .iter()
            .map(|line| (line.id.as_str(), line.amount))
            .collect::<Vec<_>>(),
        [("1", 10_000), ("2", 5_000), ("3", 9_900)]
    );
    assert!(stored[1].details.selected && !stored[2].details.selected);

    let fewer = lines.into_iter().take(1).collect();
    let update = world
        .platform
        .estimates()
        .update(
            world.id(),
            &estimate.id,
            estimate.version,
            estimate.details.clone(),
            fewer,
            &staff(),
        )
        .await;
    let changed = update.unwrap();
    assert_eq!(
        (changed.totals.subtotal, changed.version),
        (10_000, estimate.version + 1)
    );
    assert_eq!(
        world
            .platform
            .estimates()
            .lines(world.id(), &estimate.id)
            .await
            .unwrap()
            .len(),
        1
    );

    let too_much = EstimateDetails {
        discount: 10_001,
        ..estimate.details
    };
    let refusal = world
        .platform
        .estimates()
        .update(
            world.id(),
            &estimate.id,
            changed.version,
            too_much,
            vec![line("Pump", 10_000)],
            &staff(),
        )
        .await;
    assert_eq!(refused(refusal), ["discount out-of-range"]);
}

async fn invoices_move_with_payments(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let invoice = world.invoice(&ann, "issued", Some(date(2026, 7, 1)), 10_000).await;
    assert_eq!(invoice.status.code, "unpaid");
    let first = world.pay(&invoice, 4_000).await;
    let get = async || world.platform.invoices().get(world.id(), &invoice.id).await.unwrap();
    let partly = get().await;
    assert_eq!(
        (partly.status.code.as_str(), partly.amount_paid, partly.amount_due),
        ("partly_paid", 4_000, 6_000)
    );
    world.pay(&invoice, 6_000).await;
    let paid = get().await;
    assert_eq!(
        (paid.status.code.as_str(), paid.status.open, paid.amount_due),
        ("paid", false, 0)
    );
    let past = ListQuery {
        page: page(ListFilter::Past, 10),
        ..ListQuery::default()
    };
    assert_eq!(
        world
            .platform
            .invoices()
            .list(world.id(), &past)
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    world
        .platform
        .payments()
        .delete(world.id(), &first.id, &staff())
        .await
        .unwrap();
    let again = get().await;
    assert_eq!((again.status.code.as_str(), again.amount_paid), ("partly_paid", 6_000));
    assert_eq!(
        world
            .platform
            .payments()
            .of_invoice(world.id(), &invoice.id)
            .await
            .unwrap()
            .len(),
        1
    );
}

async fn a_draft_cannot_be_paid(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let draft = world.invoice(&ann, "draft", None, 10_000).await;
    let details = PaymentDetails {
        customer_id: ann.id.clone(),
        invoice_id: Some(draft.id),
        date: today(),
        amount: 1,
        method: "cash".into(),
        reference: String::new(),
    };
    assert!(matches!(
        world
            .platform
            .payments()
            .create(world.id(), details.clone(), &staff())
            .await,
        Err(Error::Conflict(_))
    ));
    let nothing = PaymentDetails {
        invoice_id: None,
        amount: 0,
        ..details
    };
    assert_eq!(
        refused(world.platform.payments().create(world.id(), nothing, &staff()).await),
        ["amount out-of-range"]
    );
}

async fn estimates_expire_by_the_companys_day(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let estimate = world.estimate(&ann, "sent", Some(date(2026, 6, 15))).await;
    let code = async || {
        world
            .platform
            .estimates()
            .get(world.id(), &estimate.id)
            .await
            .unwrap()
            .status
            .code
    };
    let open = async || {
        let query = ListQuery {
            page: page(ListFilter::Open, 10),
            ..ListQuery::default()
        };
        world
            .platform
            .estimates()
            .list(world.id(), &query)
            .await
            .unwrap()
            .items
            .len()
    };
    // 23:59 in Denver is already the 16th in UTC.
    world.clock.set("2026-06-16T05:59:00Z".parse().unwrap());
    assert_eq!((code().await.as_str(), open().await), ("sent", 1));
    world.clock.set("2026-06-16T06:00:00Z".parse().unwrap());
    assert_eq!((code().await.as_str(), open().await), ("expired", 0));
}

async fn invoices_are_overdue_by_the_companys_day(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let invoice = world.invoice(&ann, "issued", Some(date(2026, 6, 15)), 10_000).await;
    let code = async || {
        world
            .platform
            .invoices()
            .get(world.id(), &invoice.id)
            .await
            .unwrap()
            .status
            .code
    };
    world.clock.set("2026-06-16T05:59:00Z".parse().unwrap());
    assert_eq!(code().await, "unpaid");
    world.clock.set("2026-06-16T06:00:00Z".parse().unwrap());
    assert_eq!(code().await, "overdue");
    let voided = InvoiceDetails {
        status: "void".into(),
        ..invoice.details.clone()
    };
    let voided = world
        .platform
        .invoices()
        .update(
            world.id(),
            &invoice.id,
            invoice.version,
            voided,
            vec![line("Labour", 10_000)],
            &staff(),
        )
        .await;
    let voided = voided.unwrap();
    assert_eq!(
        (voided.status.code.as_str(), voided.amount_due, voided.status.open),
        ("void", 0, false)
    );
}

async fn references_must_be_the_customers_own(world: Arc<World>) {
    let (ann, bob) = (
        world.customer("Ann", "Able").await,
        world.customer("Bob", "Baker").await,
    );
    let project = ProjectDetails {
        customer_id: bob.id.clone(),
        name: "Remodel".into(),
        ..ProjectDetails::default()
    };
    let project = world
        .platform
        .projects()
        .create(world.id(), project, &staff())
        .await
        .unwrap();
    let job = JobDetails {
        customer_id: ann.id.clone(),
        title: "Visit".into(),
        project_id: Some(project.id),
        ..JobDetails::default()
    };
    assert_eq!(
        refused(world.platform.jobs().create(world.id(), job.clone(), &staff()).await),
        ["project_id not-allowed"]
    );
    let nobody = JobDetails {
        customer_id: "nobody".into(),
        project_id: None,
        ..job
    };
    assert_eq!(
        refused(world.platform.jobs().create(world.id(), nobody, &staff()).await),
        ["customer_id not-allowed"]
    );

    let job = world.job(&ann, "Visit", "scheduled", None).await;
    let moved = JobDetails {
        customer_id: bob.id,
        ..job.details
    };
    assert_eq!(
        refused(
            world
                .platform
                .jobs()
                .update(world.id(), &job.id, job.version, moved, &staff())
                .await
        ),
        ["customer_id not-allowed"]
    );
}

async fn numbers_are_unique_and_counted(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let own = InvoiceDetails {
        customer_id: ann.id.clone(),
        title: "A".into(),
        number: "INV-1002".into(),
        ..InvoiceDetails::default()
    };
    world
        .platform
        .invoices()
        .create(world.id(), own.clone(), vec![], &staff())
        .await
        .unwrap();
    let first = world.invoice(&ann, "issued", None, 100).await;
    let second = world.invoice(&ann, "issued", None, 100).await;
    assert_eq!(
        (first.details.number.as_str(), second.details.number.as_str()),
        ("INV-1001", "INV-1003")
    );
    assert_eq!(
        refused(
            world
                .platform
                .invoices()
                .create(world.id(), own, vec![], &staff())
                .await
        ),
        ["number taken"]
    );
}

async fn an_accepted_estimate_does_not_change(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let estimate = world.estimate(&ann, "accepted", None).await;
    let update = world
        .platform
        .estimates()
        .update(
            world.id(),
            &estimate.id,
            estimate.version,
            estimate.details.clone(),
            vec![],
            &staff(),
        )
        .await;
    assert!(matches!(update, Err(Error::Conflict(_))));
}

async fn a_booking_repeated_is_made_once(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let details = RequestDetails {
        customer_id: Some(ann.id.clone()),
        summary: "No heat".into(),
        ..RequestDetails::default()
    };
    let requests = world.platform.requests();
    let first = requests
        .create(world.id(), details.clone(), Some("form-1"), &staff())
        .await
        .unwrap();
    let again = requests
        .create(world.id(), details.clone(), Some("form-1"), &staff())
        .await
        .unwrap();
    assert_eq!(first, again);
    requests
        .create(world.id(), details, Some("form-2"), &staff())
        .await
        .unwrap();
    assert_eq!(
        requests
            .list(world.id(), &ListQuery::default())
            .await
            .unwrap()
            .items
            .len(),
        2
    );
}

async fn a_stranger_leaves_a_way_to_be_reached(world: Arc<World>) {
    let details = RequestDetails {
        summary: "No heat".into(),
        ..RequestDetails::default()
    };
    let fields = refused(
        world
            .platform
            .requests()
            .create(world.id(), details.clone(), None, &staff())
            .await,
    );
    assert_eq!(fields, ["contact_name required", "contact_email required"]);
    let known = RequestDetails {
        contact_name: "Sue".into(),
        contact_phone: "303 555 0100".into(),
        ..details
    };
    let request = world
        .platform
        .requests()
        .create(world.id(), known, None, &staff())
        .await
        .unwrap();
    assert_eq!(
        (request.customer_name.as_str(), request.status.code.as_str()),
        ("Sue", "new")
    );

    let ann = world.customer("Ann", "Able").await;
    let assigned = RequestDetails {
        customer_id: Some(ann.id),
        ..request.details.clone()
    };
    let assigned = world
        .platform
        .requests()
        .update(world.id(), &request.id, request.version, assigned, &staff())
        .await
        .unwrap();
    assert_eq!(
        (assigned.customer_name.as_str(), assigned.submitted_at),
        ("Ann Able", request.submitted_at)
    );
}

async fn lists_filter_by_search_and_status(world: Arc<World>) {
    let (ann, bob) = (
        world.customer("Ann", "Able").await,
        world.customer("Bob", "Baker").await,
    );
    world.job(&ann, "Furnace tune-up", "scheduled", None).await;
    world.job(&bob, "Furnace repair", "on_hold", None).await;
    let list = async |customer_id: Option<String>, status: Option<&str>, search: Option<&str>| {
        let page = PageRequest {
            search: search.map(str::to_owned),
            ..page(ListFilter::All, 10)
        };
        let query = ListQuery {
            customer_id,
            status: status.map(str::to_owned),
            page,
        };
        world
            .platform
            .jobs()
            .list(world.id(), &query)
            .await
            .unwrap()
            .items
            .len()
    };
    assert_eq!(list(None, None, Some("FURNACE")).await, 2);
    assert_eq!(list(None, None, Some("furnace tune")).await, 1);
    assert_eq!(list(None, Some("on_hold"), None).await, 1);
    assert_eq!(list(Some(ann.id), Some("on_hold"), None).await, 0);
}
