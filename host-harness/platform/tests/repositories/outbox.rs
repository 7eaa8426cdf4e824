//! Messages on their way out: idempotent queueing, leases, retries, campaigns, sealed bodies, templates.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use capabilities::{Error as Refusal, Message, Recipient};
use platform::*;
use std::sync::Arc;

on_both_engines! {
    the_same_key_is_queued_once
    two_workers_never_have_the_same_message
    a_lost_lease_is_a_conflict
    failures_wait_then_die_and_can_be_retried
    a_campaign_counts_its_messages
    bodies_are_sealed_in_the_store
    a_plugins_message_goes_to_the_address_on_file
    unproven_addresses_are_limited
    what_is_for_the_recipient_alone_is_marked_so
    a_message_with_a_line_break_in_its_subject_is_refused
    templates_are_kept_with_versions
    the_mailbox_keeps_each_message_once
}

fn message(key: &str) -> NewMessage {
    NewMessage {
        id: String::new(),
        customer_id: None,
        channel: Channel::Email,
        recipient: "ann@example.com".into(),
        recipient_name: "Ann".into(),
        subject: "Hello".into(),
        text: "https://example.com/l/sometoken".into(),
        html: "<p>Hello</p>".into(),
        confidential: false,
        idempotency_key: key.into(),
    }
}

async fn queue(world: &World, keys: &[&str]) -> Vec<String> {
    let messages = keys.iter().map(|key| message(key)).collect();
    world
        .platform
        .outbox()
        .enqueue(world.id(), None, messages, &staff())
        .await
        .unwrap()
}

async fn the_same_key_is_queued_once(world: Arc<World>) {
    let first = queue(&world, &["a", "b", "a"]).await;
    assert_eq!(first[0], first[2]);
    let again = queue(&world, &["b", "c"]).await;
    assert_eq!(again[0], first[1]);
    let list = world
        .platform
        .outbox()
        .list(world.id(), None, None, None, 10)
        .await
        .unwrap();
    assert_eq!(list.items.len(), 3);
    let elsewhere = world
        .platform
        .outbox()
        .enqueue(&world.other.id, None, vec![message("a")], &staff())
        .await
        .unwrap();
    assert_ne!(elsewhere[0], first[0]);
    assert!(matches!(
        world.platform.outbox().get(&world.other.id, &first[0]).await,
        Err(Error::NotFound)
    ));
}

async fn two_workers_never_have_the_same_message(world: Arc<World>) {
    let keys: Vec<String> = (0..40).map(|n| n.to_string()).collect();
    queue(&world, &keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let claims = (0..4).map(|_| {
        let platform = world.platform.clone();
        tokio::spawn(async move { platform.outbox().claim(20, 60).await.unwrap() })
    });
    let claimed = futures_util::future::join_all(claims).await;
    let mut ids: Vec<String> = claimed
        .into_iter()
        .flat_map(|claim| claim.unwrap())
        .map(|message| message.id)
        .collect();
    let claimed = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), claimed, "a message was claimed twice");
    // PostgreSQL may give a worker less than it asked for when another is ahead; the rest is there next time.
    let rest = world.platform.outbox().claim(100, 60).await.unwrap().len();
    assert_eq!(claimed + rest, 40);
}

async fn a_lost_lease_is_a_conflict(world: Arc<World>) {
    queue(&world, &["a"]).await;
    let outbox = world.platform.outbox();
    let slow = outbox.claim(1, 60).await.unwrap().remove(0);
    assert_eq!(outbox.claim(1, 60).await.unwrap(), []);
    world.clock.advance(61);
    let quick = outbox.claim(1, 60).await.unwrap().remove(0);
    assert_eq!((quick.id.as_str(), quick.attempts), (slow.id.as_str(), 2));
    assert!(matches!(
        outbox.mark_sent(&slow.id, &slow.lease).await,
        Err(Error::Conflict(_))
    ));
    outbox.mark_sent(&quick.id, &quick.lease).await.unwrap();
    assert!(matches!(
        outbox.mark_sent(&quick.id, &quick.lease).await,
        Err(Error::Conflict(_))
    ));
    let sent = outbox.get(world.id(), &quick.id).await.unwrap();
    assert_eq!(
        (sent.status, sent.sent_at),
        (OutboxStatus::Sent, Some(world.platform.now()))
    );
}

async fn failures_wait_then_die_and_can_be_retried(world: Arc<World>) {
    queue(&world, &["a"]).await;
    let outbox = world.platform.outbox();
    let message = outbox.claim(1, 60).await.unwrap().remove(0);
    let later = world.platform.now() + jiff::SignedDuration::from_secs(300);
    outbox
        .mark_failed(&message.id, &message.lease, "mailbox full", Some(later))
        .await
        .unwrap();
    assert_eq!(outbox.next_due().await.unwrap(), Some(later));
    assert_eq!(outbox.claim(1, 60).await.unwrap(), []);
    world.clock.advance(300);
    let message = outbox.claim(1, 60).await.unwrap().remove(0);
    assert_eq!((message.attempts, message.last_error.as_str()), (2, "mailbox full"));
    outbox
        .mark_failed(&message.id, &message.lease, "no such user", None)
        .await
        .unwrap();
    assert_eq!(
        outbox.get(world.id(), &message.id).await.unwrap().status,
        OutboxStatus::Dead
    );
    assert_eq!(outbox.next_due().await.unwrap(), None);
    outbox.retry(world.id(), &message.id, &staff()).await.unwrap();
    assert!(matches!(
        outbox.retry(world.id(), &message.id, &staff()).await,
        Err(Error::Conflict(_))
    ));
    assert!(matches!(
        outbox.retry(world.id(), "nothing", &staff()).await,
        Err(Error::NotFound)
    ));
    assert_eq!(outbox.claim(1, 60).await.unwrap()[0].attempts, 1);
}

async fn a_campaign_counts_its_messages(world: Arc<World>) {
    let outbox = world.platform.outbox();
    let campaign = outbox
        .create_campaign(world.id(), "Spring tune-up", None, Channel::Email, 4, &staff())
        .await
        .unwrap();
    let messages = ["a", "b", "c"].map(message).to_vec();
    outbox
        .enqueue(world.id(), Some(&campaign.id), messages, &staff())
        .await
        .unwrap();
    outbox.add_skipped(world.id(), &campaign.id, 1).await.unwrap();
    let claimed = outbox.claim(2, 60).await.unwrap();
    outbox.mark_sent(&claimed[0].id, &claimed[0].lease).await.unwrap();
    outbox
        .mark_failed(&claimed[1].id, &claimed[1].lease, "no", None)
        .await
        .unwrap();
    let now = outbox.campaign(world.id(), &campaign.id).await.unwrap();
    assert_eq!(
        (now.total, now.skipped, now.queued, now.sent, now.dead),
        (4, 1, 1, 1, 1)
    );
    assert!(matches!(
        outbox.campaign(&world.other.id, &campaign.id).await,
        Err(Error::NotFound)
    ));
    let foreign = outbox
        .enqueue(&world.other.id, Some(&campaign.id), vec![message("x")], &staff())
        .await;
    assert!(matches!(foreign, Err(Error::NotFound)));
}

async fn bodies_are_sealed_in_the_store(world: Arc<World>) {
    queue(&world, &["a"]).await;
    if world.url.starts_with("sqlite") {
        for entry in std::fs::read_dir(world.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                let found = bytes.windows(9).any(|window| window == b"sometoken");
                assert!(!found, "a token lies readable in {}", path.display());
            }
        }
    }
    let read = world
        .platform
        .outbox()
        .list(world.id(), None, None, None, 1)
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(read.message.text, "https://example.com/l/sometoken");
}

fn plugin_message(customer: &Customer, key: &str, to: Recipient) -> Message {
    Message {
        customer: customer.id.clone(),
        channel: Channel::Email,
        to,
        subject: "Your link".into(),
        body: "Here it is.".into(),
        idempotency_key: key.into(),
    }
}

async fn a_plugins_message_goes_to_the_address_on_file(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let messages = world.grants().messages.unwrap();
    let id = messages
        .send(plugin_message(&ann, "k", Recipient::OnFile))
        .await
        .unwrap();
    assert_eq!(
        messages
            .send(plugin_message(&ann, "k", Recipient::OnFile))
            .await
            .unwrap(),
        id
    );
    let queued = world.platform.outbox().get(world.id(), &id).await.unwrap();
    assert_eq!(
        (queued.message.recipient.as_str(), queued.message.customer_id.as_deref()),
        ("ann@example.com", Some(ann.id.as_str()))
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
        (told.entry.kind.as_str(), told.entry.plugin_id.as_str()),
        ("message.queued", "customer-portal")
    );

    let stranger = world.customer_of(&world.other.id, "Bob", "Baker").await;
    let refused = messages.send(plugin_message(&stranger, "k2", Recipient::OnFile)).await;
    assert_eq!(refused, Err(Refusal::NotFound));
}

async fn what_is_for_the_recipient_alone_is_marked_so(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let messages = world.grants().messages.unwrap();
    let open = messages
        .send(plugin_message(&ann, "a", Recipient::OnFile))
        .await
        .unwrap();
    let closed = messages
        .send_confidential(plugin_message(&ann, "b", Recipient::OnFile))
        .await
        .unwrap();
    let outbox = world.platform.outbox();
    assert!(!outbox.get(world.id(), &open).await.unwrap().message.confidential);
    let queued = outbox.get(world.id(), &closed).await.unwrap().message;
    // The worker needs the text; whoever shows it has to look at the mark.
    assert!(queued.confidential && queued.text == "Here it is.");
}

async fn unproven_addresses_are_limited(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let messages = world.grants().messages.unwrap();
    let send = async |key: &str| {
        messages
            .send(plugin_message(
                &ann,
                key,
                Recipient::Unverified("new@example.com".into()),
            ))
            .await
    };
    for n in 0..5 {
        send(&n.to_string()).await.unwrap();
    }
    assert!(matches!(send("6").await, Err(Refusal::RateLimited(_))));
    send("0").await.unwrap();
    world.clock.advance(3601);
    send("7").await.unwrap();
}

async fn a_message_with_a_line_break_in_its_subject_is_refused(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let messages = world.grants().messages.unwrap();
    for subject in ["a\r\nBcc: x@example.com", "a\0b", ""] {
        let message = Message {
            subject: subject.into(),
            ..plugin_message(&ann, "k", Recipient::OnFile)
        };
        assert!(
            matches!(messages.send(message).await, Err(Refusal::Invalid(_))),
            "{subject:?}"
        );
    }
    let bad = NewMessage {
        subject: "a\nb".into(),
        recipient: "a@example.com\r\n".into(),
        ..message("k")
    };
    let fields = refused(
        world
            .platform
            .outbox()
            .enqueue(world.id(), None, vec![message("ok"), bad], &staff())
            .await,
    );
    assert_eq!(
        fields,
        ["recipient not-allowed", "recipient not-allowed", "subject not-allowed"]
    );
    assert_eq!(
        world
            .platform
            .outbox()
            .list(world.id(), None, None, None, 10)
            .await
            .unwrap()
            .items,
        []
    );
}

async fn templates_are_kept_with_versions(world: Arc<World>) {
    let templates = world.platform.templates();
    let details = TemplateDetails {
        channel: Channel::Email,
        name: "Welcome".into(),
        subject: "Hello {{ customer.first_name }}".into(),
        body: "Welcome.\nHere: {{ plugin.customer_portal.portal_link }}".into(),
    };
    let template = templates.create(world.id(), details.clone(), &staff()).await.unwrap();
    let changed = TemplateDetails {
        subject: "Hi".into(),
        ..details.clone()
    };
    let changed = templates
        .update(world.id(), &template.id, template.version, changed, &staff())
        .await
        .unwrap();
    assert_eq!((changed.details.subject.as_str(), changed.version), ("Hi", 2));
    let stale = templates
        .update(world.id(), &template.id, template.version, details.clone(), &staff())
        .await;
    assert!(matches!(stale, Err(Error::Conflict(_))));
    let broken = TemplateDetails {
        subject: "a\r\nb".into(),
        ..details.clone()
    };
    assert_eq!(
        refused(templates.create(world.id(), broken, &staff()).await),
        ["subject not-allowed"]
    );
    let text = TemplateDetails {
        channel: Channel::Sms,
        ..details
    };
    assert_eq!(
        refused(templates.create(world.id(), text, &staff()).await),
        ["subject not-allowed"]
    );
    assert!(matches!(
        templates.get(&world.other.id, &template.id).await,
        Err(Error::NotFound)
    ));
    templates.delete(world.id(), &template.id, &staff()).await.unwrap();
    assert_eq!(templates.list(world.id()).await.unwrap(), []);
}

async fn the_mailbox_keeps_each_message_once(world: Arc<World>) {
    let mail = MailboxMessage {
        id: "ms_1".into(),
        company_id: world.id().into(),
        channel: Channel::Email,
        sender: "office@example.com".into(),
        recipient: "ann@example.com".into(),
        subject: "Hello".into(),
        text: "Text".into(),
        html: "<p>Text</p>".into(),
        sent_at: world.platform.now(),
    };
    world.platform.mailbox().put(mail.clone()).await.unwrap();
    world.platform.mailbox().put(mail.clone()).await.unwrap();
    assert_eq!(
        world.platform.mailbox().list(None, None, 10).await.unwrap().items,
        std::slice::from_ref(&mail)
    );
    assert_eq!(
        world
            .platform
            .mailbox()
            .list(Some(&world.other.id), None, 10)
            .await
            .unwrap()
            .items,
        []
    );
    assert_eq!(world.platform.mailbox().get("ms_1").await.unwrap(), mail);
}
