//! Signing in while a password is changed, somebody is shut out or links are withdrawn: the change wins.
//! Every test here runs on SQLite and on PostgreSQL; what happens during a check is written beside the platform.

use crate::world::*;
use capabilities::{Credentials, Error as Refusal, Origin, SetMode};
use platform::*;
use sqlx::{Connection, Row};
use std::{sync::Arc, time::Duration};

const OLD: &str = "correct horse battery";
const NEW: &str = "a better password yet";

on_both_engines! {
    a_session_is_not_born_of_a_password_that_was_changed
    whoever_was_shut_out_begins_no_session
    links_end_with_a_new_password_and_with_signing_out_everywhere
    a_rehash_does_not_bring_staffs_old_password_back
    a_rehash_does_not_bring_a_customers_old_password_back
    a_customers_password_that_changes_while_it_is_checked_is_checked_again
    two_sign_ins_that_both_rehash_both_succeed
}

async fn member(world: &World, name: &str) -> Staff {
    let new = NewStaff {
        company_id: Some(world.id().into()),
        email: format!("{name}@example.com"),
        name: name.into(),
        role: Role::CompanyAdmin,
    };
    world.platform.staff().create(new, &Actor::system()).await.unwrap()
}

fn denied<T: std::fmt::Debug>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::Denied(_)))
}

/// Checking and hashing take long enough for something to happen meanwhile.
async fn slow(world: &World) -> Platform {
    let slow = PasswordHashing {
        memory_kib: 128 * 1024,
        passes: 6,
        parallel: 2,
        ..PasswordHashing::default()
    };
    world.reopened_with(slow).await.unwrap()
}

fn credentials(world: &World, platform: &Platform) -> Arc<dyn Credentials> {
    let plugin = PluginIdentity {
        id: "customer-portal".into(),
        mount: "portal".into(),
        permissions: ["credentials".to_owned()].into(),
        default_settings: Vec::new(),
    };
    platform
        .grants(&world.company, &Arc::new(plugin), context(Origin::Public, false))
        .credentials
        .unwrap()
}

/// The only hash in `table`.
async fn stored(world: &World, table: &str) -> String {
    let mut connection = sqlx::AnyConnection::connect(&world.url).await.unwrap();
    let sql = format!("SELECT password_hash FROM {table}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    row.get(0)
}

/// Put `hash` in its place as soon as `node` computes its hash number `nth`.
async fn replace_during(world: &World, node: &Platform, nth: u64, table: &str, hash: &str) {
    let mut connection = sqlx::AnyConnection::connect(&world.url).await.unwrap();
    while node.password_hashes() < nth {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let sql = format!("UPDATE {table} SET password_hash = $1");
    let changed = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(hash)
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 1);
    assert_eq!(
        node.password_hashes(),
        nth,
        "the change came too late to prove anything"
    );
    connection.close().await.unwrap();
}

async fn a_session_is_not_born_of_a_password_that_was_changed(world: Arc<World>) {
    let people = world.platform.staff();
    let sam = member(&world, "sam").await;
    people.set_password(&sam.id, OLD, &staff()).await.unwrap();
    let (found, proof) = people.verify_password(&sam.email, OLD, &staff()).await.unwrap();
    assert_eq!(format!("{proof:?}"), "SignInProof(password)", "no hash in a log");
    let fresh = people.set_password(&sam.id, NEW, &staff()).await.unwrap();
    let late = people.start_session(&found, &proof, &staff()).await;
    assert!(denied(&late), "{late:?}");
    assert!(people.devices(&sam.id).await.unwrap().is_empty());
    assert_eq!(people.get(&sam.id).await.unwrap().last_signed_in, None);
    let log = world.platform.activity();
    let told = log.audit(world.id(), Some("staff.signed_in"), None, 5).await.unwrap();
    assert!(told.items.is_empty(), "{told:?}");

    let (found, proof) = people.verify_password(&sam.email, NEW, &staff()).await.unwrap();
    for proof in [&fresh, &proof, &SignInProof::LINK] {
        people.start_session(&found, proof, &staff()).await.unwrap();
    }
    assert_eq!(people.devices(&sam.id).await.unwrap().len(), 3);
    assert!(people.get(&sam.id).await.unwrap().last_signed_in.is_some());
}

async fn whoever_was_shut_out_begins_no_session(world: Arc<World>) {
    let people = world.platform.staff();
    let (sam, _) = (member(&world, "sam").await, member(&world, "kim").await);
    people.set_password(&sam.id, OLD, &staff()).await.unwrap();
    let (found, proof) = people.verify_password(&sam.email, OLD, &staff()).await.unwrap();
    people.set_active(&sam.id, false, &staff()).await.unwrap();
    for proof in [&proof, &SignInProof::LINK] {
        let late = people.start_session(&found, proof, &staff()).await;
        assert!(denied(&late), "{late:?}");
    }
    people.set_active(&sam.id, true, &staff()).await.unwrap();
    assert!(
        people.devices(&sam.id).await.unwrap().is_empty(),
        "nothing comes alive again"
    );
    people.start_session(&found, &proof, &staff()).await.unwrap();
}

async fn links_end_with_a_new_password_and_with_signing_out_everywhere(world: Arc<World>) {
    let people = world.platform.staff();
    let (sam, kim) = (member(&world, "sam").await, member(&world, "kim").await);
    let link = async |of: &Staff| people.create_sign_in_token(&of.id, 600, &staff()).await.unwrap();
    let neighbours = link(&kim).await;
    let dead = async |token: &str| {
        let used = people.redeem_sign_in_token(token, &staff()).await;
        matches!(used, Err(Error::NotFound))
    };
    let before = link(&sam).await;
    people.set_password(&sam.id, OLD, &staff()).await.unwrap();
    assert!(dead(&before).await, "a link outlives a new password");

    // Also when nobody was signed in.
    let (one, two) = (link(&sam).await, link(&sam).await);
    assert_eq!(people.end_sessions(&sam.id, None, &staff()).await.unwrap(), 0);
    assert!(dead(&one).await && dead(&two).await, "a link outlives signing out");
    let log = world.platform.activity();
    let kind = Some("staff.signed_out_elsewhere");
    let told = log.audit(world.id(), kind, None, 5).await.unwrap().items.remove(0);
    assert_eq!(
        told.entry.summary,
        "Signed sam out on 0 devices and withdrew 2 sign-in links"
    );

    // Signing out the others is for devices: the link may be on its way to the one who asks.
    let here = people.start_session(&sam, &SignInProof::LINK, &staff()).await.unwrap();
    let here = people.session(&here).await.unwrap().id;
    let kept = link(&sam).await;
    people.end_sessions(&sam.id, Some(&here), &staff()).await.unwrap();
    assert!(!dead(&kept).await);
    assert!(!dead(&neighbours).await, "another's link is another's");
}

async fn a_rehash_does_not_bring_staffs_old_password_back(world: Arc<World>) {
    let people = world.platform.staff();
    let sam = member(&world, "sam").await;
    people.set_password(&sam.id, NEW, &staff()).await.unwrap();
    let new = stored(&world, "staff").await;
    people.set_password(&sam.id, OLD, &staff()).await.unwrap();
    let raised = slow(&world).await;
    let signing_in = tokio::spawn({
        let raised = raised.clone();
        async move { raised.staff().verify_password("sam@example.com", OLD, &staff()).await }
    });
    // The second hash is the rehash: the old password was found right.
    replace_during(&world, &raised, 2, "staff", &new).await;
    let late = signing_in.await.unwrap();
    assert!(denied(&late), "{late:?}");
    assert_eq!(stored(&world, "staff").await, new);
    people.verify_password(&sam.email, NEW, &staff()).await.unwrap();
    raised.close().await;
}

async fn registered(world: &World) -> (Customer, String) {
    let ann = world.customer("Ann", "Able").await;
    let own = credentials(world, &world.platform);
    let login = "ann@example.com";
    own.set(&ann.id, login, NEW, SetMode::Create).await.unwrap();
    let new = stored(world, "credentials").await;
    own.set(&ann.id, login, OLD, SetMode::Replace).await.unwrap();
    (ann, new)
}

async fn a_rehash_does_not_bring_a_customers_old_password_back(world: Arc<World>) {
    let (ann, new) = registered(&world).await;
    let raised = slow(&world).await;
    let own = credentials(&world, &raised);
    let signing_in = tokio::spawn(async move { own.verify("ann@example.com", OLD).await });
    replace_during(&world, &raised, 2, "credentials", &new).await;
    let late = signing_in.await.unwrap();
    assert!(matches!(late, Err(Refusal::Denied(_))), "{late:?}");
    assert_eq!(stored(&world, "credentials").await, new);
    let own = credentials(&world, &world.platform);
    assert_eq!(own.status(&ann.id).await.unwrap().last_signed_in, None);
    assert_eq!(own.verify("ann@example.com", NEW).await.unwrap(), ann.id);
    raised.close().await;
}

async fn a_customers_password_that_changes_while_it_is_checked_is_checked_again(world: Arc<World>) {
    let (ann, new) = registered(&world).await;
    let node = slow(&world).await;
    let own = credentials(&world, &node);
    let login = "ann@example.com";
    own.set(&ann.id, login, OLD, SetMode::Replace).await.unwrap();
    let first = stored(&world, "credentials").await;
    own.set(&ann.id, login, OLD, SetMode::Replace).await.unwrap();

    // To the same password, as another node's rehash does: still right.
    let begun = node.password_hashes();
    let signing_in = tokio::spawn({
        let own = Arc::clone(&own);
        async move { own.verify(login, OLD).await }
    });
    replace_during(&world, &node, begun + 1, "credentials", &first).await;
    assert_eq!(signing_in.await.unwrap().unwrap(), ann.id);
    assert_eq!(node.password_hashes(), begun + 2);
    let signed_in = own.status(&ann.id).await.unwrap().last_signed_in;
    assert!(signed_in.is_some());

    // To another one: no longer.
    world.clock.advance(60);
    let begun = node.password_hashes();
    let signing_in = tokio::spawn({
        let own = Arc::clone(&own);
        async move { own.verify(login, OLD).await }
    });
    replace_during(&world, &node, begun + 1, "credentials", &new).await;
    let late = signing_in.await.unwrap();
    assert!(matches!(late, Err(Refusal::Denied(_))), "{late:?}");
    assert_eq!(own.status(&ann.id).await.unwrap().last_signed_in, signed_in);
    node.close().await;
}

async fn two_sign_ins_that_both_rehash_both_succeed(world: Arc<World>) {
    let people = world.platform.staff();
    let sam = member(&world, "sam").await;
    people.set_password(&sam.id, OLD, &staff()).await.unwrap();
    let (ann, _) = registered(&world).await;
    let raised = slow(&world).await;
    let members = raised.staff();
    let actor = staff();
    let (one, two) = tokio::join!(
        members.verify_password(&sam.email, OLD, &actor),
        members.verify_password(&sam.email, OLD, &actor),
    );
    assert_eq!(raised.password_hashes(), 5, "each rehashed, and one looked again");
    for signed_in in [one, two] {
        let (found, proof) = signed_in.unwrap();
        members.start_session(&found, &proof, &staff()).await.unwrap();
    }
    assert!(stored(&world, "staff").await.contains("$m=131072,t=6,p=1$"));
    let own = credentials(&world, &raised);
    let (one, two) = tokio::join!(own.verify("ann@example.com", OLD), own.verify("ann@example.com", OLD));
    assert_eq!((one.unwrap(), two.unwrap()), (ann.id.clone(), ann.id));
    assert_eq!(raised.password_hashes(), 10);
    assert!(stored(&world, "credentials").await.contains("$m=131072,t=6,p=1$"));
    raised.close().await;
}
