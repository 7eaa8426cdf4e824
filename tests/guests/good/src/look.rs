//! What a plugin can do while staff look at its pages as a customer: it tries every write and another customer.
//! One line each, and a cookie, for a test to see what came of it.

use kit::{
    http::{Answer, text},
    pages::fieldservice::plugins::{
        activity, credentials, customers, messages, storage,
        types::{Channel, Error},
    },
};

pub(crate) fn page() -> Answer {
    let mut lines = vec![match customers::viewing_as() {
        Some(viewing) => format!("{} by {} until {}", viewing.customer, viewing.staff, viewing.end_url),
        None => "nobody looks".to_owned(),
    }];
    let mut say = |what: &str, outcome: &str| lines.push(format!("{what}: {outcome}"));
    say("C2", word(customers::open("C2").map(drop)));
    say(
        "of Zoë",
        &format!("{:?}", customers::find_by_email("zoe@example.com").ok().flatten()),
    );
    match customers::open("C1") {
        Ok(customer) => {
            say("C1", "done");
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
            let version = customer.profile().map(|contact| contact.version).unwrap_or_default();
            say(
                "update-profile",
                word(customer.update_profile(version, &change).map(drop)),
            );
            say("booking-url", word(customer.booking_url().map(drop)));
            say(
                "accept-estimate",
                word(customer.accept_estimate("E1", &acceptance()).map(drop)),
            );
            say(
                "decline-estimate",
                word(customer.decline_estimate("E1", &reply()).map(drop)),
            );
            say(
                "request-changes",
                word(customer.request_changes("E1", &reply()).map(drop)),
            );
        }
        Err(error) => say("C1", word(Err(error))),
    }
    let entry = storage::Entry {
        key: "k".to_owned(),
        value: vec![1],
        ttl: None,
    };
    say("storage.get", word(storage::get("k").map(drop)));
    say("storage.set", word(storage::set(&entry)));
    say(
        "storage.set-many",
        word(storage::set_many(std::slice::from_ref(&entry))),
    );
    say("storage.delete", word(storage::delete("k").map(drop)));
    say(
        "storage.compare-and-swap",
        word(storage::compare_and_swap(None, &entry).map(drop)),
    );
    let (login, password) = ("ann@example.com", "correct horse battery");
    let mode = credentials::SetMode::Create;
    say("credentials.set", word(credentials::set("C1", login, password, mode)));
    say(
        "credentials.verify",
        word(credentials::verify(login, password).map(drop)),
    );
    say(
        "credentials.change-login",
        word(credentials::change_login("C1", "new@example.com")),
    );
    say("credentials.clear", word(credentials::clear("C1")));
    say("credentials.status", word(credentials::status("C1").map(drop)));
    say("credentials.status of C2", word(credentials::status("C2").map(drop)));
    let message = messages::Message {
        customer: "C1".to_owned(),
        channel: Channel::Email,
        to: messages::Recipient::OnFile,
        subject: "Hello".to_owned(),
        body: "Hello".to_owned(),
        idempotency_key: "look".to_owned(),
    };
    say("messages.send", word(messages::send(&message).map(drop)));
    let viewed = activity::Entry {
        customer: "C1".to_owned(),
        kind: activity::Kind::Viewed,
        subject: activity::Subject::Details,
        summary: "Looked".to_owned(),
        via: String::new(),
    };
    say("activity.record", word(activity::record(&[viewed])));
    Answer {
        headers: vec![
            ("content-type".to_owned(), "text/plain".to_owned()),
            ("set-cookie".to_owned(), "session=planted; Max-Age=60".to_owned()),
        ],
        ..text(lines.join("\n"))
    }
}

fn acceptance() -> customers::Acceptance {
    customers::Acceptance {
        expected_version: 1,
        selected_lines: Vec::new(),
        typed_name: "Ann Lee".to_owned(),
        signature_png: None,
        consent: "I agree".to_owned(),
        attribution: customers::Attribution::Link("link".to_owned()),
        idempotency_key: "accept".to_owned(),
    }
}

fn reply() -> customers::Reply {
    customers::Reply {
        expected_version: 1,
        comment: String::new(),
        line_comments: Vec::new(),
        attribution: customers::Attribution::Link("link".to_owned()),
        idempotency_key: "reply".to_owned(),
    }
}

fn word(outcome: Result<(), Error>) -> &'static str {
    match outcome {
        Ok(()) => "done",
        Err(Error::Denied(_)) => "denied",
        Err(Error::NotFound) => "not found",
        Err(_) => "refused otherwise",
    }
}
