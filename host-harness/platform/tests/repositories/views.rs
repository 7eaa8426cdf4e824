//! Staff looking at a plugin's pages as a customer: how a look begins, what it is bound to and what ends it.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use capabilities::{Origin, Viewing};
use platform::*;
use std::sync::Arc;

on_both_engines! {
    a_look_begins_once_and_within_a_minute
    of_two_who_press_at_once_one_gets_the_look
    a_look_ends_after_half_an_hour
    a_look_ends_with_the_staff_session
    only_staff_of_the_company_are_offered_a_look_at_its_customers
    a_call_during_a_look_reaches_its_customer_only
    looks_that_are_over_are_swept
}

async fn session(world: &World, company: &Company) -> (String, StaffSession) {
    let new = NewStaff {
        company_id: Some(company.id.clone()),
        email: format!("marta@{}.example", company.slug),
        name: "Marta Ruiz".into(),
        role: Role::Staff,
    };
    let members = world.platform.staff();
    let person = members.create(new, &Actor::system()).await.unwrap();
    let token = members
        .start_session(&person, &SignInProof::LINK, &Actor::system())
        .await
        .unwrap();
    let session = members.session(&token).await.unwrap();
    (token, session)
}

async fn offer(world: &World, session: &StaffSession, customer: &Customer) -> String {
    let views = world.platform.views();
    views.offer(session, world.id(), &customer.id, "pages").await.unwrap()
}

fn gone<T: std::fmt::Debug>(result: Result<T>) -> bool {
    matches!(result, Err(Error::NotFound))
}

fn denied<T>(result: capabilities::Result<T>) -> bool {
    matches!(result, Err(capabilities::Error::Denied(_)))
}

async fn a_look_begins_once_and_within_a_minute(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let (_, session) = session(&world, &world.company).await;
    let views = world.platform.views();
    let token = offer(&world, &session, &ann).await;
    let offered = views.offered(&token).await.unwrap();
    assert_eq!(
        (offered.customer_id.as_str(), offered.plugin_id.as_str()),
        (ann.id.as_str(), "pages")
    );
    assert!(gone(views.find(&token).await), "a token is not yet a look");
    let (cookie, begun) = views.begin(&token, &staff()).await.unwrap();
    assert_ne!(cookie, token);
    assert_eq!(views.find(&cookie).await.unwrap(), begun);
    assert_eq!(
        (begun.company_id.as_str(), begun.staff.name.as_str()),
        (world.id(), "Marta Ruiz")
    );
    assert!(gone(views.begin(&token, &staff()).await) && gone(views.offered(&token).await));
    assert!(gone(views.begin(&cookie, &staff()).await), "a look is not a token");
    let late = offer(&world, &session, &ann).await;
    world.clock.advance(VIEW_TOKEN_SECONDS);
    assert!(gone(views.offered(&late).await) && gone(views.begin(&late, &staff()).await));
    let log = world
        .platform
        .activity()
        .timeline(world.id(), &ann.id, None, 10)
        .await
        .unwrap();
    let begun = &log.items[0];
    assert_eq!(
        (begun.entry.kind.as_str(), begun.actor_name.as_str()),
        ("view.begun", "Marta Ruiz")
    );
    assert_eq!(begun.entry.subject_id, "pages");
}

async fn of_two_who_press_at_once_one_gets_the_look(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let (_, session) = session(&world, &world.company).await;
    let token = offer(&world, &session, &ann).await;
    let (views, actor) = (world.platform.views(), staff());
    let (one, two) = tokio::join!(views.begin(&token, &actor), views.begin(&token, &actor));
    assert_ne!(one.is_ok(), two.is_ok());
}

async fn a_look_ends_after_half_an_hour(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let (_, session) = session(&world, &world.company).await;
    let views = world.platform.views();
    let (cookie, _) = views
        .begin(&offer(&world, &session, &ann).await, &staff())
        .await
        .unwrap();
    world.clock.advance(VIEW_SECONDS - 1);
    views.find(&cookie).await.unwrap();
    world.clock.advance(1);
    assert!(gone(views.find(&cookie).await));
    assert_eq!(views.end(&cookie, &staff()).await.unwrap(), None);
}

async fn a_look_ends_with_the_staff_session(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let (signed_in, session) = session(&world, &world.company).await;
    let views = world.platform.views();
    let (cookie, _) = views
        .begin(&offer(&world, &session, &ann).await, &staff())
        .await
        .unwrap();
    let offered = offer(&world, &session, &ann).await;
    world.platform.staff().end_session(&signed_in, &staff()).await.unwrap();
    assert!(gone(views.find(&cookie).await) && gone(views.begin(&offered, &staff()).await));
    // Signing in again does not bring it back.
    let again = world
        .platform
        .staff()
        .start_session(&session.staff, &SignInProof::LINK, &staff())
        .await
        .unwrap();
    assert!(gone(views.find(&cookie).await));
    let session = world.platform.staff().session(&again).await.unwrap();
    let (cookie, _) = views
        .begin(&offer(&world, &session, &ann).await, &staff())
        .await
        .unwrap();
    views.find(&cookie).await.unwrap();
    world
        .platform
        .staff()
        .set_active(&session.staff.id, false, &staff())
        .await
        .unwrap();
    assert!(gone(views.find(&cookie).await));
}

async fn only_staff_of_the_company_are_offered_a_look_at_its_customers(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let theirs = world.customer_of(&world.other.id, "Bo", "Baker").await;
    let (_, own) = session(&world, &world.company).await;
    let (_, foreign) = session(&world, &world.other).await;
    let views = world.platform.views();
    assert!(gone(views.offer(&foreign, world.id(), &ann.id, "pages").await));
    assert!(gone(views.offer(&own, world.id(), "nobody", "pages").await));
    assert!(gone(views.offer(&own, world.id(), &theirs.id, "pages").await));
    for forged in ["", "x", &"0".repeat(64)] {
        assert!(gone(views.offered(forged).await) && gone(views.find(forged).await));
    }
}

async fn a_call_during_a_look_reaches_its_customer_only(world: Arc<World>) {
    let (ann, bo) = (world.customer("Ann", "Able").await, world.customer("Bo", "Baker").await);
    let viewing = Viewing {
        customer: ann.id.clone(),
        staff: "Marta Ruiz".into(),
        end_url: "/end".into(),
    };
    let origin = Origin::Staff {
        id: "st_1".into(),
        name: "Marta Ruiz".into(),
    };
    // Not even marked as read-only: the look alone refuses.
    let grants = world.grants_in(CallContext {
        viewing: Some(viewing.clone()),
        ..context(origin, false)
    });
    let customers = grants.customers.unwrap();
    assert_eq!(customers.viewing_as(), Some(viewing));
    assert!(denied(customers.open(&bo.id).await));
    assert_eq!(customers.find_by_email("bo@example.com").await.unwrap(), None);
    assert_eq!(
        customers.find_by_email("ann@example.com").await.unwrap(),
        Some(ann.id.clone())
    );
    let handle = customers.open(&ann.id).await.unwrap();
    assert_eq!(handle.profile().await.unwrap().first_name, "Ann");
    assert!(denied(handle.booking_url().await));
    let credentials = grants.credentials.unwrap();
    credentials.status(&ann.id).await.unwrap();
    assert!(denied(credentials.status(&bo.id).await));
    assert!(denied(credentials.verify("a", "b").await));
    assert!(world.grants().customers.unwrap().viewing_as().is_none());
}

async fn looks_that_are_over_are_swept(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let (_, session) = session(&world, &world.company).await;
    let views = world.platform.views();
    offer(&world, &session, &ann).await;
    let (cookie, _) = views
        .begin(&offer(&world, &session, &ann).await, &staff())
        .await
        .unwrap();
    world.clock.advance(VIEW_TOKEN_SECONDS);
    assert_eq!(world.platform.sweep().await.unwrap().sessions, 1);
    views.find(&cookie).await.unwrap();
    world.clock.advance(VIEW_SECONDS);
    assert_eq!(world.platform.sweep().await.unwrap().sessions, 1);
}
