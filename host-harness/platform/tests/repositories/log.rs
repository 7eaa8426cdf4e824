//! The log: order, pages, and a chain that shows tampering.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use capabilities::{ActivityEntry, ActivityKind, ActivitySubject, Error as Refusal};
use platform::*;
use sqlx::{AnyConnection, Connection};
use std::sync::Arc;

on_both_engines! {
    the_chain_is_intact_and_notices_tampering
    every_column_and_every_removal_shows
    checking_beside_writers_finds_nothing
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
    assert_eq!(verify().await, ChainVerdict::BrokenAt(2));
    tamper("DELETE FROM activity WHERE company_id = $1 AND seq >= 2").await;
    assert_eq!(verify().await, ChainVerdict::BrokenAt(2));
    assert_eq!(
        world.platform.activity().verify(&world.other.id).await.unwrap(),
        ChainVerdict::Intact(1)
    );
}

async fn every_column_and_every_removal_shows(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let mut changed = ann.details.clone();
    changed.last_name = "Baker".into();
    let customers = world.platform.customers();
    customers
        .update(world.id(), &ann.id, ann.version, changed, &staff())
        .await
        .unwrap();
    for n in 0..3 {
        world.job(&ann, &format!("Visit {n}"), "scheduled", None).await;
    }
    let log = world.platform.activity();
    let verify = async |chain: &str| log.verify(chain).await.unwrap();
    let own = world.id().to_owned();
    assert_eq!(verify(&own).await, ChainVerdict::Intact(6));
    let (head, hash) = log.head(&own).await.unwrap().unwrap();
    assert!(log.has(&own, head, &hash).await.unwrap());

    let run = async |sql: String| {
        let mut connection = AnyConnection::connect(&world.url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    };
    run("CREATE TABLE kept AS SELECT * FROM activity; CREATE TABLE kept_heads AS SELECT * FROM activity_heads".into())
        .await;
    let restore = async || {
        run("DELETE FROM activity; INSERT INTO activity SELECT * FROM kept;
             DELETE FROM activity_heads; INSERT INTO activity_heads SELECT * FROM kept_heads"
            .into())
        .await;
    };
    let this = format!("company_id = '{own}'");
    let texts = [
        "kind",
        "subject_kind",
        "subject_id",
        "summary",
        "changes",
        "via",
        "plugin_id",
        "actor_kind",
        "actor_id",
        "actor_name",
        "address",
        "user_agent",
        "request_id",
        "prev_hash",
        "hash",
    ];
    for column in texts {
        run(format!(
            "UPDATE activity SET {column} = {column} || ' ' WHERE {this} AND seq = 3"
        ))
        .await;
        assert_eq!(verify(&own).await, ChainVerdict::BrokenAt(3), "{column}");
        restore().await;
    }
    let (at_3, all) = (format!("{this} AND seq = 3"), ChainVerdict::BrokenAt(3));
    for (what, sql) in [
        ("the time", format!("UPDATE activity SET at = at + 1 WHERE {at_3}")),
        ("the customer", format!("UPDATE activity SET customer_id = 'cu_x' WHERE {at_3}")),
        ("no customer", format!("UPDATE activity SET customer_id = NULL WHERE {at_3}")),
        ("the number", format!("UPDATE activity SET seq = 99 WHERE {at_3}")),
        ("removing", format!("DELETE FROM activity WHERE {at_3}")),
        (
            "moving to another company",
            format!("UPDATE activity SET company_id = 'co_x' WHERE {at_3}"),
        ),
        (
            "changing places",
            format!(
                "UPDATE activity SET seq = 99 WHERE {at_3}; UPDATE activity SET seq = 3 WHERE {this} AND seq = 4;
                 UPDATE activity SET seq = 4 WHERE {this} AND seq = 99"
            ),
        ),
        ("cutting the end off", format!("DELETE FROM activity WHERE {this} AND seq >= 3")),
        (
            "removing and closing the gap",
            format!(
                "DELETE FROM activity WHERE {at_3}; UPDATE activity SET seq = 3 WHERE {this} AND seq = 4;
                 UPDATE activity SET seq = 4 WHERE {this} AND seq = 5; UPDATE activity SET seq = 5 WHERE {this} AND seq = 6;
                 UPDATE activity_heads SET seq = 5 WHERE {this}"
            ),
        ),
    ] {
        run(sql).await;
        assert_eq!(verify(&own).await, all, "{what}");
        restore().await;
    }
    run("INSERT INTO activity SELECT 'co_x', seq, at, customer_id, kind, subject_kind, subject_id, summary, changes, via,
             plugin_id, actor_kind, actor_id, actor_name, address, user_agent, request_id, prev_hash, hash
         FROM activity WHERE seq = 1 LIMIT 1"
        .into())
    .await;
    assert!(log.chains().await.unwrap().contains(&"co_x".to_owned()));
    assert_eq!(verify("co_x").await, ChainVerdict::BrokenAt(1), "a chain of no company");
    restore().await;
    run(format!(
        "UPDATE activity_heads SET seq = 2, hash = (SELECT hash FROM activity WHERE {this} AND seq = 2) WHERE {this}"
    ))
    .await;
    assert_eq!(verify(&own).await, ChainVerdict::BrokenAt(3), "an earlier head");
    run(format!("DELETE FROM activity WHERE {this} AND seq > 2")).await;
    assert_eq!(verify(&own).await, ChainVerdict::Intact(2), "cut, with a forged head");
    assert!(
        !log.has(&own, head, &hash).await.unwrap(),
        "what was written down elsewhere finds that too"
    );
    restore().await;
    assert_eq!(verify(&own).await, ChainVerdict::Intact(6));
    assert_eq!(verify("").await, ChainVerdict::Intact(0));
}

async fn checking_beside_writers_finds_nothing(world: Arc<World>) {
    let writing = {
        let world = world.clone();
        tokio::spawn(async move {
            for n in 0..30 {
                world.customer(&format!("F{n}"), "Able").await;
            }
        })
    };
    while !writing.is_finished() {
        let verdict = world.platform.activity().verify(world.id()).await.unwrap();
        assert!(matches!(verdict, ChainVerdict::Intact(_)), "{verdict:?}");
    }
    writing.await.unwrap();
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
