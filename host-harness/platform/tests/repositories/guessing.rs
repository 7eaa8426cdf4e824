//! Guessing passwords: alone, in parallel, from many addresses, against two nodes, across a restart.
//! Every test here runs on SQLite and on PostgreSQL; two platforms over one store are two nodes.

use crate::world::*;
use capabilities::{CallContext, Credentials, Error as Refusal, Origin, SetMode};
use platform::*;
use std::sync::Arc;

const PASSWORD: &str = "correct horse battery";

on_both_engines! {
    parallel_guesses_do_not_slip_past_the_limit
    two_nodes_share_the_limit
    a_restart_forgets_nothing
    an_address_that_tries_everybody_waits
    a_realm_under_attack_slows_strangers_and_spares_known_places
    guesses_from_elsewhere_do_not_keep_a_known_place_out
    what_the_pool_turns_away_is_no_guess
    counters_are_swept
    a_raised_configuration_rehashes_at_sign_in
    sign_ins_are_written_down_without_what_was_typed
}

/// The credentials as a plugin's call from `address` on `platform` sees them.
fn from(platform: &Platform, company: &Company, address: &str) -> Arc<dyn Credentials> {
    let plugin = PluginIdentity {
        id: "customer-portal".into(),
        mount: "portal".into(),
        permissions: ["credentials".to_owned()].into(),
        default_settings: Vec::new(),
    };
    let context = CallContext {
        client_address: Some(address.parse().unwrap()),
        ..context(Origin::Public, false)
    };
    platform
        .grants(company, &Arc::new(plugin), context)
        .credentials
        .unwrap()
}

async fn registered(world: &World) -> Customer {
    let ann = world.customer("Ann", "Able").await;
    let credentials = from(&world.platform, &world.company, "192.0.2.1");
    credentials
        .set(&ann.id, "ann@example.com", PASSWORD, SetMode::Create)
        .await
        .unwrap();
    ann
}

/// How many of the answers are "wrong password"; all others must be "wait". Whom the hashing pool turns away asks again.
async fn guess_at_once(nodes: &[&Platform], company: &Company, guesses: usize) -> usize {
    let calls = (0..guesses).map(|n| {
        let node = nodes[n % nodes.len()].clone();
        let company = company.clone();
        tokio::spawn(async move {
            from(&node, &company, "192.0.2.66")
                .verify("ann@example.com", "wrong")
                .await
        })
    });
    let mut looked = 0;
    for answer in futures_util::future::join_all(calls).await {
        match answer.unwrap() {
            Err(Refusal::Denied(_)) => looked += 1,
            Err(Refusal::RateLimited(1..)) => {}
            other => panic!("{other:?}"),
        }
    }
    looked
}

async fn parallel_guesses_do_not_slip_past_the_limit(world: Arc<World>) {
    registered(&world).await;
    let before = world.platform.password_hashes();
    assert_eq!(guess_at_once(&[&world.platform], &world.company, 24).await, 5);
    assert_eq!(
        world.platform.password_hashes() - before,
        5,
        "a refused guess costs no hash"
    );
}

async fn two_nodes_share_the_limit(world: Arc<World>) {
    registered(&world).await;
    let other = world.reopened().await;
    assert_eq!(guess_at_once(&[&world.platform, &other], &world.company, 24).await, 5);
    let blocked = from(&other, &world.company, "198.51.100.9")
        .verify("ann@example.com", PASSWORD)
        .await;
    assert!(matches!(blocked, Err(Refusal::RateLimited(_))), "{blocked:?}");
    other.close().await;
}

async fn a_restart_forgets_nothing(world: Arc<World>) {
    registered(&world).await;
    let staff_guess = async |platform: &Platform| {
        let mut actor = Actor::system();
        actor.address = "192.0.2.66".parse().ok();
        platform
            .staff()
            .verify_password("nobody@example.com", "wrong", &actor)
            .await
    };
    for _ in 0..5 {
        assert!(matches!(staff_guess(&world.platform).await, Err(Error::Denied(_))));
    }
    let restarted = world.reopened().await;
    assert!(matches!(staff_guess(&restarted).await, Err(Error::RateLimited(_))));
    restarted.close().await;
}

async fn an_address_that_tries_everybody_waits(world: Arc<World>) {
    registered(&world).await;
    let guesser = from(&world.platform, &world.company, "192.0.2.66");
    for n in 0..30 {
        let answer = guesser.verify(&format!("n{n}@example.com"), "wrong").await;
        assert!(matches!(answer, Err(Refusal::Denied(_))), "{n}: {answer:?}");
    }
    let answer = guesser.verify("ann@example.com", PASSWORD).await;
    assert!(matches!(answer, Err(Refusal::RateLimited(1..=2))), "{answer:?}");
    from(&world.platform, &world.company, "198.51.100.9")
        .verify("ann@example.com", PASSWORD)
        .await
        .unwrap();
    world.clock.advance(2);
    guesser.verify("ann@example.com", PASSWORD).await.unwrap();
}

async fn a_realm_under_attack_slows_strangers_and_spares_known_places(world: Arc<World>) {
    let ann = registered(&world).await;
    let home = from(&world.platform, &world.company, "192.0.2.1");
    home.verify("ann@example.com", PASSWORD).await.unwrap();
    let mut asked = 0;
    for n in 0..101 {
        let address = format!("2001:db8:0:{n:x}::1");
        let answer = from(&world.platform, &world.company, &address)
            .verify(&format!("n{n}@example.com"), "wrong")
            .await;
        assert!(matches!(answer, Err(Refusal::Denied(_))), "{n}: {answer:?}");
        asked += 1;
    }
    assert_eq!(asked, 101);
    // A stranger asks once, waits as told, and is let in; a guesser cannot take that turn.
    let stranger = from(&world.platform, &world.company, "198.51.100.9");
    let Err(Refusal::RateLimited(wait)) = stranger.verify("ann@example.com", PASSWORD).await else {
        panic!("the attack is not noticed")
    };
    assert!((1..=31).contains(&wait), "{wait}");
    home.verify("ann@example.com", PASSWORD).await.unwrap();
    for n in 0..20 {
        let address = format!("2001:db8:1:{n:x}::1");
        let guess = from(&world.platform, &world.company, &address)
            .verify("x@example.com", "wrong")
            .await;
        assert!(matches!(guess, Err(Refusal::RateLimited(_))), "{guess:?}");
    }
    world.clock.advance(i64::from(wait));
    assert_eq!(stranger.verify("ann@example.com", PASSWORD).await.unwrap(), ann.id);
    // Another company and the staff are another realm.
    let neighbour = from(&world.platform, &world.other, "198.51.100.10");
    assert!(matches!(
        neighbour.verify("x@example.com", "wrong").await,
        Err(Refusal::Denied(_))
    ));
    // A quarter of an hour later nobody waits any more.
    world.clock.advance(15 * 60);
    let calm = from(&world.platform, &world.company, "198.51.100.11");
    calm.verify("ann@example.com", PASSWORD).await.unwrap();
}

async fn guesses_from_elsewhere_do_not_keep_a_known_place_out(world: Arc<World>) {
    registered(&world).await;
    let home = from(&world.platform, &world.company, "192.0.2.1");
    home.verify("ann@example.com", PASSWORD).await.unwrap();
    assert_eq!(guess_at_once(&[&world.platform], &world.company, 8).await, 5);
    home.verify("ann@example.com", PASSWORD).await.unwrap();
    // That success must not hand the guesser five more tries.
    assert_eq!(guess_at_once(&[&world.platform], &world.company, 8).await, 0);
    // The known place has a limit of its own.
    for _ in 0..5 {
        assert!(matches!(
            home.verify("ann@example.com", "wrong").await,
            Err(Refusal::Denied(_))
        ));
    }
    let blocked = home.verify("ann@example.com", PASSWORD).await;
    assert!(matches!(blocked, Err(Refusal::RateLimited(1..=2))), "{blocked:?}");
}

async fn what_the_pool_turns_away_is_no_guess(world: Arc<World>) {
    let slow = PasswordHashing {
        memory_kib: 64 * 1024,
        passes: 6,
        parallel: 1,
        queue: 2,
        ..PasswordHashing::default()
    };
    let node = world.reopened_with(slow).await.unwrap();
    let guess = async |node: &Platform, n: usize, address: &str| {
        let credentials = from(node, &world.company, address);
        credentials.verify(&format!("n{n}@example.com"), "wrong").await
    };
    let calls = (0..12).map(|n| {
        let (guess, node) = (&guess, &node);
        async move { (n, guess(node, n, &format!("2001:db8:2:{n:x}::1")).await) }
    });
    let (mut looked_at, mut turned_away) = (Vec::new(), Vec::new());
    for (n, answer) in futures_util::future::join_all(calls).await {
        match answer {
            Err(Refusal::Denied(_)) => looked_at.push(n),
            Err(Refusal::RateLimited(1..)) => turned_away.push(n),
            other => panic!("{other:?}"),
        }
    }
    node.close().await;
    for (n, left) in [(turned_away[0], 5), (looked_at[0], 4)] {
        for _ in 0..left {
            let answer = guess(&world.platform, n, "198.51.100.9").await;
            assert!(matches!(answer, Err(Refusal::Denied(_))), "{answer:?}");
        }
        let answer = guess(&world.platform, n, "198.51.100.9").await;
        assert!(matches!(answer, Err(Refusal::RateLimited(_))), "{answer:?}");
    }
}

async fn counters_are_swept(world: Arc<World>) {
    registered(&world).await;
    let home = from(&world.platform, &world.company, "192.0.2.1");
    home.verify("ann@example.com", PASSWORD).await.unwrap();
    assert!(home.verify("nobody@example.com", "wrong").await.is_err());
    assert_eq!(world.platform.sweep().await.unwrap().throttles, 0);
    world.clock.advance(3601);
    // The account, the address, the realm.
    assert_eq!(world.platform.sweep().await.unwrap().throttles, 3);
    world.clock.advance(30 * 24 * 3600);
    assert_eq!(world.platform.sweep().await.unwrap().throttles, 1, "the known place");
}

async fn a_raised_configuration_rehashes_at_sign_in(world: Arc<World>) {
    let ann = registered(&world).await;
    let stored = async || {
        use sqlx::{Connection, Row};
        let mut connection = sqlx::AnyConnection::connect(&world.url).await.unwrap();
        let row = sqlx::query("SELECT password_hash FROM credentials")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        row.get::<String, _>(0)
    };
    assert!(stored().await.contains("$m=19456,t=2,p=1$"));
    let raised = world
        .reopened_with(PasswordHashing {
            memory_kib: 20_480,
            passes: 3,
            ..PasswordHashing::default()
        })
        .await
        .unwrap();
    let credentials = from(&raised, &world.company, "192.0.2.1");
    assert!(credentials.verify("ann@example.com", "wrong").await.is_err());
    assert!(
        stored().await.contains("$m=19456,t=2,p=1$"),
        "a wrong password changes nothing"
    );
    assert_eq!(credentials.verify("ann@example.com", PASSWORD).await.unwrap(), ann.id);
    assert!(stored().await.contains("$m=20480,t=3,p=1$"));
    credentials.verify("ann@example.com", PASSWORD).await.unwrap();
    raised.close().await;
    let weak = PasswordHashing {
        passes: 1,
        ..PasswordHashing::default()
    };
    assert_eq!(
        refused(world.reopened_with(weak).await.map(drop)),
        ["passes out-of-range"]
    );
}

async fn sign_ins_are_written_down_without_what_was_typed(world: Arc<World>) {
    let ann = registered(&world).await;
    let credentials = from(&world.platform, &world.company, "192.0.2.1");
    let slip = "hunter2 typed into the wrong box";
    for _ in 0..5 {
        assert!(credentials.verify(slip, "wrong").await.is_err());
    }
    assert!(credentials.verify("ann@example.com", "wr0ng").await.is_err());
    credentials.verify("ann@example.com", PASSWORD).await.unwrap();
    let log = world.platform.activity();
    let entries = log
        .audit(world.id(), Some("credentials."), None, 50)
        .await
        .unwrap()
        .items;
    let kinds: Vec<_> = entries.iter().rev().map(|entry| entry.entry.kind.as_str()).collect();
    let failed = "credentials.sign_in_failed";
    assert_eq!(
        kinds,
        [
            "credentials.registered",
            failed,
            failed,
            failed,
            failed,
            failed,
            "credentials.sign_in_slowed",
            failed,
            "credentials.signed_in",
        ]
    );
    for entry in &entries {
        assert_eq!(
            (entry.address.as_str(), entry.request_id.as_str()),
            ("192.0.2.1", "req-1")
        );
        for secret in [slip, "hunter2", PASSWORD, "wr0ng"] {
            assert!(!format!("{entry:?}").contains(secret), "{entry:?}");
        }
    }
    assert_eq!(entries[0].entry.subject_id, ann.id);
    assert_eq!(entries[1].entry.subject_id, ann.id);
    assert_eq!(
        entries[3].entry.summary, entries[4].entry.summary,
        "the same slip has the same name"
    );
    let members = world.platform.staff();
    let mut actor = Actor::system();
    (actor.address, actor.request_id) = ("192.0.2.1".parse().ok(), "req-2".into());
    assert!(members.verify_password(slip, "wrong", &actor).await.is_err());
    let told = log
        .audit("", Some("staff.sign_in_failed"), None, 5)
        .await
        .unwrap()
        .items
        .remove(0);
    assert!(
        told.entry.summary.contains("an e-mail nobody signs in with"),
        "{told:?}"
    );
    assert!(!format!("{told:?}").contains("hunter2"));
    assert_eq!(
        (told.address.as_str(), told.request_id.as_str()),
        ("192.0.2.1", "req-2")
    );
}
