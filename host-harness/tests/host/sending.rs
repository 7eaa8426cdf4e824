//! From a stored template to the mailbox: checked, previewed without effect, sent once, told who was left out.
//! The plugin's field knows the message it stands in.

use crate::running::{Running, call};
use capabilities::Channel;
use host_harness::messages::{Draft, MessageError};
use platform::{Actor, TemplateDetails};

fn draft(subject: &str, body: &str) -> Draft {
    Draft {
        channel: messaging::Channel::Email,
        subject: subject.into(),
        body: body.into(),
    }
}

const BODY: &str =
    "Hello {{ customer.first_name | there }}, you owe {{ invoice.amount_due | nothing }}.\n\n{{ plugin.good.link }}";

#[tokio::test]
async fn a_template_is_checked_against_the_fields_of_this_very_company() {
    let host = Running::with("good").await;
    let (acme, brook) = (host.company("acme").await, host.company("brook").await);
    let messages = &host.state.messages;
    messages.validate(&acme.id, &draft("Hi", BODY)).await.unwrap();
    assert!(
        matches!(
            messages.validate(&brook.id, &draft("Hi", BODY)).await,
            Err(MessageError::Template(_))
        ),
        "not enabled there"
    );
    let wrong = messages
        .validate(&acme.id, &draft("Hi", "{{ customer.frist_name }}"))
        .await
        .unwrap_err();
    assert!(wrong.to_string().contains("customer.first_name"), "{wrong}");
    assert!(
        messages
            .validate(&acme.id, &draft("Hi\r\nBcc: x@example.com", "x"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_preview_has_the_customers_values_and_makes_no_message() {
    let host = Running::with("good").await;
    let acme = host.company("acme").await;
    let preview = host
        .state
        .messages
        .preview(&acme.id, &draft("For {{ customer.full_name }}", BODY), "C1", &call())
        .await
        .unwrap();
    assert_eq!(preview.subject.as_deref(), Some("For Ann Lee"));
    assert!(
        preview.text.contains("Hello Ann, you owe $1,234.50."),
        "{}",
        preview.text
    );
    assert!(preview.text.ends_with("C1/None"), "{}", preview.text);
    let outbox = host
        .state
        .platform
        .outbox()
        .list(&acme.id, None, None, None, 10)
        .await
        .unwrap();
    assert!(outbox.items.is_empty());
}

#[tokio::test]
async fn a_sending_reaches_the_mailbox_once_and_says_who_was_left_out() {
    let host = Running::with("good").await;
    let acme = host.company("acme").await;
    let details = TemplateDetails {
        channel: Channel::Email,
        name: "Reminder".into(),
        subject: "For {{ customer.full_name }}".into(),
        body: BODY.into(),
    };
    let template = host
        .state
        .platform
        .templates()
        .create(&acme.id, details, &Actor::system())
        .await
        .unwrap();
    let customers: Vec<String> = ["C1", "C2", "C3", "C1", "nobody"].map(str::to_owned).to_vec();
    let context = call();
    let both = tokio::join!(
        host.state
            .messages
            .send(&acme.id, &template.id, &customers, "form-1", &context),
        host.state
            .messages
            .send(&acme.id, &template.id, &customers, "form-1", &context),
    );
    let (report, again) = (both.0.unwrap(), both.1.unwrap());
    assert_eq!(report, again, "two clicks on one form are one sending");
    assert_eq!(report.queued, 2);
    let left: Vec<(&str, &str)> = report
        .skipped
        .iter()
        .map(|s| (s.customer_id.as_str(), s.reason.as_str()))
        .collect();
    assert_eq!(
        left,
        [
            ("C2", "No e-mail address is on file."),
            ("nobody", "There is no such customer.")
        ]
    );

    let mailbox = || host.state.platform.mailbox();
    for _ in 0..400 {
        if mailbox().list(Some(&acme.id), None, 10).await.unwrap().items.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let messages = mailbox().list(Some(&acme.id), None, 10).await.unwrap().items;
    assert_eq!(messages.len(), 2);
    let ann = messages
        .iter()
        .find(|message| message.recipient == "ann@example.com")
        .unwrap();
    assert_eq!(
        (ann.subject.as_str(), ann.sender.as_str()),
        ("For Ann Lee", "Acme Heating")
    );
    assert!(
        ann.text.contains(&format!("C1/Some({:?})", ann.id)),
        "the field knows its message: {}",
        ann.text
    );
    let campaign = host
        .state
        .platform
        .outbox()
        .campaign(&acme.id, &report.campaign_id)
        .await
        .unwrap();
    assert_eq!(
        (campaign.total, campaign.skipped, campaign.sent + campaign.queued),
        (4, 2, 2)
    );
}

#[tokio::test]
async fn what_is_owed_and_the_next_visit_are_found_however_many_records_there_are() {
    let host = Running::with("good").await;
    let acme = host.company("acme").await;
    let platform = &host.state.platform;
    let invoice = platform.invoices().get(&acme.id, "I1").await.unwrap().details;
    let lines: Vec<_> = platform.invoices().lines(&acme.id, "I1").await.unwrap();
    for n in 0..220 {
        let mut details = invoice.clone();
        details.number = format!("MANY-{n}");
        let lines = lines.iter().map(|line| line.details.clone()).collect();
        platform
            .invoices()
            .create(&acme.id, details, lines, &Actor::system())
            .await
            .unwrap();
    }
    let today = jiff::Zoned::now().date();
    for (n, starts) in (0..220)
        .map(|_| today.saturating_sub(jiff::Span::new().days(3)))
        .chain([today.saturating_add(jiff::Span::new().days(3))])
        .enumerate()
    {
        let details = platform::JobDetails {
            customer_id: "C1".into(),
            title: format!("Visit {n}"),
            status: "scheduled".into(),
            starts: Some(starts.at(9, 0, 0, 0)),
            ..platform::JobDetails::default()
        };
        platform
            .jobs()
            .create(&acme.id, details, &Actor::system())
            .await
            .unwrap();
    }
    let text = "{{ customer.balance_due }} {{ job.title }}";
    let messages = &host.state.messages;
    let preview = messages
        .preview(&acme.id, &draft("Hi", text), "C1", &call())
        .await
        .unwrap();
    assert_eq!(preview.text.trim(), "$272,824.50 Visit 220");
}
