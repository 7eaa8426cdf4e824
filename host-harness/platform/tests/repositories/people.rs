//! Companies, staff, sessions and API keys.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use platform::*;
use std::sync::Arc;

on_both_engines! {
    a_company_is_found_by_slug_and_changed_with_its_version
    a_company_is_validated_field_by_field
    statuses_take_the_companys_words_and_openness
    a_one_time_token_signs_in_once
    a_session_ends_by_idleness_age_and_sign_out
    passwords_verify_and_repeated_failures_wait
    a_deactivated_member_is_out_at_once
    an_api_key_works_until_revoked
    a_second_opening_of_the_store_finds_everything
}

async fn a_company_is_found_by_slug_and_changed_with_its_version(world: Arc<World>) {
    let companies = world.platform.companies();
    let found = companies.by_slug("summit").await.unwrap();
    assert_eq!(found, world.company);
    assert!(matches!(companies.by_slug("nobody").await, Err(Error::NotFound)));

    let mut details = found.details.clone();
    details.name = "Summit Renamed".into();
    let changed = companies
        .update(world.id(), found.version, details.clone(), &staff())
        .await
        .unwrap();
    assert_eq!(
        (changed.details.name.as_str(), changed.version),
        ("Summit Renamed", found.version + 1)
    );
    assert!(matches!(
        companies
            .update(world.id(), found.version, details.clone(), &staff())
            .await,
        Err(Error::Conflict(_))
    ));

    details.slug = "brook".into();
    assert_eq!(
        refused(companies.update(world.id(), changed.version, details, &staff()).await),
        ["slug taken"]
    );
}

async fn a_company_is_validated_field_by_field(world: Arc<World>) {
    let bad = CompanyDetails {
        slug: "Not A Slug".into(),
        time_zone: "Mars/Olympus".into(),
        currency: "usd".into(),
        email: "nobody".into(),
        accent: Some("red".into()),
        website: "javascript:alert(1)".into(),
        ..details("x")
    };
    let fields = refused(world.platform.companies().create(bad, &staff()).await);
    assert_eq!(
        fields,
        [
            "slug malformed",
            "email malformed",
            "website malformed",
            "time_zone malformed",
            "currency malformed",
            "accent malformed"
        ]
    );
}

async fn statuses_take_the_companys_words_and_openness(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let job = world.job(&ann, "Tune-up", "on_hold", None).await;
    assert!(job.status.open);
    let row = |code: &str, label: &str, open| StatusRow {
        kind: RecordKind::Job,
        status: Status {
            code: code.into(),
            label: label.into(),
            tone: Tone::Warning,
            open,
        },
    };
    let rows = vec![row("on_hold", "Parked", false), row("warranty", "Warranty visit", true)];
    world
        .platform
        .companies()
        .set_statuses(world.id(), rows, &staff())
        .await
        .unwrap();

    let parked = world.platform.jobs().get(world.id(), &job.id).await.unwrap();
    assert_eq!((parked.status.label.as_str(), parked.status.open), ("Parked", false));
    let past = ListQuery {
        page: page(ListFilter::Past, 10),
        ..ListQuery::default()
    };
    assert_eq!(
        world.platform.jobs().list(world.id(), &past).await.unwrap().items.len(),
        1
    );
    world.job(&ann, "Under warranty", "warranty", None).await;

    let invoice = StatusRow {
        kind: RecordKind::Invoice,
        ..row("half_paid", "Half", true)
    };
    assert_eq!(
        refused(
            world
                .platform
                .companies()
                .set_statuses(world.id(), vec![invoice], &staff())
                .await
        ),
        ["statuses not-allowed"]
    );
}

async fn new_member(world: &World) -> Staff {
    let new = NewStaff {
        company_id: Some(world.id().into()),
        email: "Sam@Example.com".into(),
        name: "Sam".into(),
        role: Role::CompanyAdmin,
    };
    world.platform.staff().create(new, &Actor::system()).await.unwrap()
}

async fn a_one_time_token_signs_in_once(world: Arc<World>) {
    let member = new_member(&world).await;
    let people = world.platform.staff();
    let token = people
        .create_sign_in_token(&member.id, 600, &Actor::system())
        .await
        .unwrap();
    assert_eq!(
        people.redeem_sign_in_token(&token, &staff()).await.unwrap().id,
        member.id
    );
    assert!(matches!(
        people.redeem_sign_in_token(&token, &staff()).await,
        Err(Error::NotFound)
    ));

    let late = people
        .create_sign_in_token(&member.id, 600, &Actor::system())
        .await
        .unwrap();
    world.clock.advance(601);
    assert!(matches!(
        people.redeem_sign_in_token(&late, &staff()).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        people.redeem_sign_in_token("nonsense\0", &staff()).await,
        Err(Error::NotFound)
    ));
}

async fn a_session_ends_by_idleness_age_and_sign_out(world: Arc<World>) {
    let member = new_member(&world).await;
    let people = world.platform.staff();
    let token = people.start_session(&member, &staff()).await.unwrap();
    assert_eq!(people.session(&token).await.unwrap().staff.id, member.id);
    world.clock.advance(SESSION_IDLE_SECONDS - 60);
    people.session(&token).await.unwrap();
    world.clock.advance(SESSION_IDLE_SECONDS - 60);
    people.session(&token).await.unwrap();
    world.clock.advance(SESSION_IDLE_SECONDS + 60);
    assert!(matches!(people.session(&token).await, Err(Error::NotFound)));

    let aged = people.start_session(&member, &staff()).await.unwrap();
    let mut seen = 0;
    while people.session(&aged).await.is_ok() {
        seen += 1;
        assert!(seen < 1000, "a session never ages");
        world.clock.advance(SESSION_IDLE_SECONDS / 2);
    }
    assert!(seen as i64 >= SESSION_ABSOLUTE_SECONDS / (SESSION_IDLE_SECONDS / 2) - 1);

    let ended = people.start_session(&member, &staff()).await.unwrap();
    people.end_session(&ended, &staff()).await.unwrap();
    assert!(matches!(people.session(&ended).await, Err(Error::NotFound)));
    people.end_session(&ended, &staff()).await.unwrap();
    assert_eq!(world.platform.sweep().await.unwrap().sessions, 2);
}

async fn passwords_verify_and_repeated_failures_wait(world: Arc<World>) {
    let member = new_member(&world).await;
    let people = world.platform.staff();
    assert_eq!(
        refused(people.set_password(&member.id, "password1", &staff()).await),
        ["password too-common"]
    );
    people
        .set_password(&member.id, "correct horse battery", &staff())
        .await
        .unwrap();
    let found = people
        .verify_password("sam@example.COM", "correct horse battery", &staff())
        .await
        .unwrap();
    assert_eq!(found.id, member.id);

    let hashes = world.platform.password_hashes();
    assert!(matches!(
        people.verify_password("nobody@example.com", "x", &staff()).await,
        Err(Error::Denied(_))
    ));
    assert_eq!(
        world.platform.password_hashes(),
        hashes + 1,
        "an unknown e-mail must cost a hash too"
    );

    for _ in 0..5 {
        assert!(matches!(
            people.verify_password("sam@example.com", "wrong", &staff()).await,
            Err(Error::Denied(_))
        ));
    }
    let hashes = world.platform.password_hashes();
    let blocked = people
        .verify_password("sam@example.com", "correct horse battery", &staff())
        .await;
    assert!(matches!(blocked, Err(Error::RateLimited(_))), "{blocked:?}");
    assert_eq!(
        world.platform.password_hashes(),
        hashes,
        "a blocked attempt must not cost a hash"
    );
    world.clock.advance(2);
    people
        .verify_password("sam@example.com", "correct horse battery", &staff())
        .await
        .unwrap();
}

async fn a_deactivated_member_is_out_at_once(world: Arc<World>) {
    let member = new_member(&world).await;
    let people = world.platform.staff();
    let session = people.start_session(&member, &staff()).await.unwrap();
    let token = people
        .create_sign_in_token(&member.id, 600, &Actor::system())
        .await
        .unwrap();
    people.set_active(&member.id, false, &staff()).await.unwrap();
    assert!(matches!(people.session(&session).await, Err(Error::NotFound)));
    assert!(matches!(
        people.redeem_sign_in_token(&token, &staff()).await,
        Err(Error::NotFound)
    ));
}

async fn an_api_key_works_until_revoked(world: Arc<World>) {
    let keys = world.platform.api_keys();
    let scopes = ["fields:read".to_owned()];
    assert_eq!(
        refused(keys.create(world.id(), "", &["root".into()], &staff()).await),
        ["name required", "scopes not-allowed"]
    );
    let (key, plain) = keys.create(world.id(), "CRM", &scopes, &staff()).await.unwrap();
    assert!(plain.starts_with("fsk_"));
    let found = keys.authenticate(&plain).await.unwrap();
    assert!(found.allows("fields:read") && !found.allows("actions:run"));
    assert!(matches!(
        keys.revoke(&world.other.id, &key.id, &staff()).await,
        Err(Error::NotFound)
    ));
    keys.revoke(world.id(), &key.id, &staff()).await.unwrap();
    assert!(matches!(keys.authenticate(&plain).await, Err(Error::NotFound)));
}

async fn a_second_opening_of_the_store_finds_everything(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let again = world.reopened().await;
    assert_eq!(again.customers().get(world.id(), &ann.id).await.unwrap(), ann);
    again.ready().await.unwrap();
    again.close().await;
}
