//! The log: order, pages, and a chain that shows tampering.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use capabilities::{ActivityEntry, ActivityKind, ActivitySubject, Error as Refusal};
use platform::*;
use sqlx::{AnyConnection, Connection};
use std::sync::Arc;

on_both_engines! {
    the_chain_is_intact_and_notices_tampering
    concurrent_writers_keep_one_order
    a_plugin_reports_with_its_circumstances
    the_timeline_pages_backwards
}

async fn the_chain_is_intact_and_notices_tampering(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    world.job(&ann, "Visit", "scheduled", None).await;
    world.invoice(&ann, "issued", None, 100).await;
    let verify = async || world.platform.activity().verify(world.id()).await.unwrap();
    assert_eq!(verify().await, ChainVerdict::Intact(4));
    let tamper = async |sql: &'static str| {
        let mut connection = AnyConnection::connect(&world.url).await.unwrap();
        sqlx::query(sql)
            .bind(world.id().to_owned())
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    };
    tamper("UPDATE activity SET summary = 'nothing happened' WHERE company_id = $1 AND seq = 3").await;
    assert_eq!(verify().await, ChainVerdict::BrokenAt(3));
    tamper("DELETE FROM activity WHERE company_id = $1 AND seq = 2").await;
    assert_eq!(verify().await, ChainVerdict::BrokenAt(3));
    tamper("DELETE FROM activity WHERE company_id = $1 AND seq >= 2").await;
    assert_eq!(verify().await, ChainVerdict::BrokenAt(2));
    assert_eq!(
        world.platform.activity().verify(&world.other.id).await.unwrap(),
        ChainVerdict::Intact(1)
    );
}

async fn concurrent_writers_keep_one_order(world: Arc<World>) {
    let writers = (0..8).map(|n| {
        let world = world.clone();
        tokio::spawn(async move { world.customer(&format!("F{n}"), "Able").await })
    });
    for done in futures_util::future::join_all(writers).await {
        done.unwrap();
    }
    assert_eq!(
        world.platform.activity().verify(world.id()).await.unwrap(),
        ChainVerdict::Intact(9)
    );
}

async fn a_plugin_reports_with_its_circumstances(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let activity = world.grants().activity.unwrap();
    let entry = |summary: &str| ActivityEntry {
        customer: ann.id.clone(),
        kind: ActivityKind::Viewed,
        subject: ActivitySubject::Invoice("in_1".into()),
        summary: summary.into(),
        via: "E-mail of May 3".into(),
    };
    activity.record(vec![entry("Viewed invoice 1001")]).await.unwrap();
    let told = world
        .platform
        .activity()
        .timeline(world.id(), &ann.id, None, 1)
        .await
        .unwrap()
        .items
        .remove(0);
    assert_eq!(
        (
            told.entry.kind.as_str(),
            told.entry.subject_kind.as_str(),
            told.entry.via.as_str()
        ),
        ("plugin_activity.viewed", "invoice", "E-mail of May 3")
    );
    assert_eq!(
        (told.actor_kind, told.actor_id.as_str(), told.user_agent.as_str()),
        (ActorKind::Customer, ann.id.as_str(), "Test")
    );
    let long = "x".repeat(301);
    for bad in ["", "two\nlines", long.as_str()] {
        let verdict = activity.record(vec![entry("fine"), entry(bad)]).await;
        assert!(matches!(verdict, Err(Refusal::Invalid(_))), "{bad:?}");
    }
    assert_eq!(
        world
            .platform
            .activity()
            .timeline(world.id(), &ann.id, None, 10)
            .await
            .unwrap()
            .items
            .len(),
        2
    );
}

async fn the_timeline_pages_backwards(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    for n in 0..4 {
        world.job(&ann, &format!("Job {n}"), "scheduled", None).await;
    }
    let log = world.platform.activity();
    let first = log.timeline(world.id(), &ann.id, None, 3).await.unwrap();
    let rest = log
        .timeline(world.id(), &ann.id, first.next.as_deref(), 3)
        .await
        .unwrap();
    let seqs: Vec<_> = first.items.iter().chain(&rest.items).map(|entry| entry.seq).collect();
    assert_eq!((seqs, rest.next), (vec![6, 5, 4, 3, 2], None));
    assert!(matches!(
        log.timeline(world.id(), &ann.id, Some("x"), 3).await,
        Err(Error::Invalid(_))
    ));
}
