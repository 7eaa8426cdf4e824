//! A well-behaved plugin: every import is used by some page, every hook is offered.
//! Its pages say plainly what the host gave them, for a test to read.

mod hooks;
mod look;

use kit::{
    http::{Answer, Content, Request, text},
    pages::fieldservice::plugins::{
        activity, company, credentials, customers, documents, messages, storage,
        types::{Channel, Date, ListFilter, PageRequest},
    },
};
use std::sync::atomic::{AtomicU32, Ordering};

kit::manifest!("../plugin.toml");
kit::pages!(serve);

static SERVED: AtomicU32 = AtomicU32::new(0);

fn serve(request: Request) -> Answer {
    match request.page() {
        "echo" => {
            let headers: Vec<_> = request.headers.iter().map(|(n, v)| format!("{n}: {v}")).collect();
            let body = String::from_utf8_lossy(&request.body);
            text(format!(
                "{} {} at {}\n{}\n\n{body}",
                request.method,
                request.path,
                request.authority,
                headers.join("\n")
            ))
        }
        "count" => text((SERVED.fetch_add(1, Ordering::SeqCst) + 1).to_string()),
        "outside" => outside(),
        "company" => company_page(),
        "customer" => customer_page(),
        "look" => look::page(),
        "stranger" => text(format!("{:?}", customers::open("C9").map(|c| c.id()))),
        "storage" => storage_page(),
        "file" => file_page(None),
        "part" => file_page(Some(documents::ByteRange { start: 2, end: 5 })),
        "beyond" => file_page(Some(documents::ByteRange {
            start: 2,
            end: u64::MAX,
        })),
        "statement" => statement_page(),
        "sign-in" => credentials_page(),
        "message" => message_page(),
        "activity" => activity_page(),
        "big" => Answer {
            body: Content::Whole(vec![b'x'; request.number()]),
            ..text("")
        },
        "wait" => text(format!("{:?}", storage::get("slow"))),
        "log" => {
            eprintln!("a line for the log");
            text("logged")
        }
        other => Answer {
            status: 404,
            ..text(format!("no page {other}"))
        },
    }
}

fn outside() -> Answer {
    text(format!(
        "env {} args {} file {}",
        std::env::vars().count(),
        std::env::args().count(),
        std::fs::read("/etc/passwd").is_ok()
    ))
}

fn company_page() -> Answer {
    let now = company::now();
    text(format!(
        "{} at {} features {:?} settings {:?} now {} {}",
        company::profile()
            .map(|profile| profile.name)
            .unwrap_or_else(|error| format!("{error:?}")),
        company::mount_url(),
        company::features(),
        company::settings().map(|s| s.into_iter().map(|s| (s.key, s.value)).collect::<Vec<_>>()),
        now.unix_seconds,
        now.zone
    ))
}

fn customer_page() -> Answer {
    let customer = match customers::open("C1") {
        Ok(customer) => customer,
        Err(error) => return text(format!("{error:?}")),
    };
    let page = PageRequest {
        filter: ListFilter::Open,
        cursor: None,
        limit: 1_000_000,
        search: None,
    };
    let invoices = customer.invoices(&page);
    let contact = customer.profile().map(|contact| (contact.first_name, contact.version));
    let change = customers::ContactChange {
        first_name: Some("Renamed".to_owned()),
        last_name: None,
        company_name: None,
        email: None,
        phone: None,
        mobile: None,
        address: None,
        language: None,
    };
    let stale = customer.update_profile(1, &change).map(|contact| contact.version);
    let unknown = customer.invoice(&"x".repeat(65)).map(|detail| detail.version);
    text(format!(
        "{} {contact:?} invoices {:?} update {stale:?} unknown {unknown:?}",
        customer.id(),
        invoices.map(|page| page
            .items
            .into_iter()
            .map(|i| (i.number, i.total.minor))
            .collect::<Vec<_>>())
    ))
}

fn storage_page() -> Answer {
    let entry = |key: &str, value: &[u8]| storage::Entry {
        key: key.to_owned(),
        value: value.to_vec(),
        ttl: Some(60),
    };
    let set = storage::set_many(&[entry("a/1", b"one"), entry("a/2", b"two")]);
    let many = storage::get_many(&["a/2".to_owned(), "a/9".to_owned()]);
    let swapped = storage::compare_and_swap(Some(b"one"), &entry("a/1", b"uno"));
    let lost = storage::compare_and_swap(Some(b"one"), &entry("a/1", b"un"));
    let deleted = storage::delete("a/2");
    let listed = storage::list("a/", None, 10).map(|page| page.keys);
    let too_long = storage::get(&"k".repeat(300)).is_err();
    text(format!(
        "{set:?} {many:?} {swapped:?} {lost:?} {deleted:?} {listed:?} {too_long}"
    ))
}

fn file_page(range: Option<documents::ByteRange>) -> Answer {
    let customer = customers::open("C1").expect("the test's customer");
    let document = match documents::file(&customer, "F1") {
        Ok(document) => document,
        Err(error) => return text(format!("{error:?}")),
    };
    let info = document.info().expect("info");
    match document.read(range) {
        Ok(bytes) => Answer {
            status: 200,
            headers: vec![
                ("content-type".to_owned(), info.media_type),
                ("etag".to_owned(), info.etag),
            ],
            body: Content::Spliced(bytes),
        },
        Err(error) => text(format!("{error:?}")),
    }
}

fn statement_page() -> Answer {
    let customer = customers::open("C1").expect("the test's customer");
    let day = |year, month, day| Date { year, month, day };
    let good = documents::Subject::Statement((day(2026, 1, 1), day(2026, 1, 31)));
    let impossible = documents::Subject::Statement((day(2026, 2, 30), day(2026, 3, 1)));
    text(format!(
        "{:?} {:?}",
        documents::render(&customer, &good, "en").map(|d| d.info().map(|info| info.name)),
        documents::render(&customer, &impossible, "en").map(|d| d.info().map(|info| info.name))
    ))
}

fn credentials_page() -> Answer {
    text(format!(
        "{:?} {:?} {:?} {:?} {:?}",
        credentials::set("C1", "ann@example.com", "correct horse", credentials::SetMode::Create),
        credentials::verify("ann@example.com", "correct horse"),
        credentials::verify("ann@example.com", "wrong"),
        credentials::status("C1").map(|status| (status.registered, status.login)),
        credentials::clear("C1")
    ))
}

fn message_page() -> Answer {
    let message = |subject: &str| messages::Message {
        customer: "C1".to_owned(),
        channel: Channel::Email,
        to: messages::Recipient::OnFile,
        subject: subject.to_owned(),
        body: "Hello".to_owned(),
        idempotency_key: "once".to_owned(),
    };
    text(format!(
        "{:?} {:?}",
        messages::send(&message("Hi")),
        messages::send(&message("Hi\r\nBcc: all@example.com"))
    ))
}

fn activity_page() -> Answer {
    let entry = |summary: String| activity::Entry {
        customer: "C1".to_owned(),
        kind: activity::Kind::Viewed,
        subject: activity::Subject::Invoice("I1".to_owned()),
        summary,
        via: String::new(),
    };
    text(format!(
        "{:?} {:?}",
        activity::record(&[entry("Looked at invoice I1".to_owned())]),
        activity::record(&[entry("x".repeat(301))])
    ))
}
