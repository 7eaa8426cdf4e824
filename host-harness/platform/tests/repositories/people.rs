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
    the_last_administrator_stays
    two_admins_who_remove_each_other_leave_one
    a_role_changes_within_the_company
    the_first_admin_is_made_once
    devices_are_listed_and_signed_out
    who_may_manage_whom
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
    let token = people
        .start_session(&member, &SignInProof::LINK, &staff())
        .await
        .unwrap();
    assert_eq!(people.session(&token).await.unwrap().staff.id, member.id);
    world.clock.advance(SESSION_IDLE_SECONDS - 60);
    people.session(&token).await.unwrap();
    world.clock.advance(SESSION_IDLE_SECONDS - 60);
    people.session(&token).await.unwrap();
    world.clock.advance(SESSION_IDLE_SECONDS + 60);
    assert!(matches!(people.session(&token).await, Err(Error::NotFound)));

    let aged = people
        .start_session(&member, &SignInProof::LINK, &staff())
        .await
        .unwrap();
    let mut seen = 0;
    while people.session(&aged).await.is_ok() {
        seen += 1;
        assert!(seen < 1000, "a session never ages");
        world.clock.advance(SESSION_IDLE_SECONDS / 2);
    }
    assert!(seen as i64 >= SESSION_ABSOLUTE_SECONDS / (SESSION_IDLE_SECONDS / 2) - 1);

    let ended = people
        .start_session(&member, &SignInProof::LINK, &staff())
        .await
        .unwrap();
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
    let (found, _) = people
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
    admin(&world, "second").await;
    let people = world.platform.staff();
    let session = people
        .start_session(&member, &SignInProof::LINK, &staff())
        .await
        .unwrap();
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

async fn admin(world: &World, name: &str) -> Staff {
    let new = NewStaff {
        company_id: Some(world.id().into()),
        email: format!("{name}@example.com"),
        name: name.into(),
        role: Role::CompanyAdmin,
    };
    world.platform.staff().create(new, &Actor::system()).await.unwrap()
}

async fn the_last_administrator_stays(world: Arc<World>) {
    let people = world.platform.staff();
    let (first, second) = (admin(&world, "first").await, admin(&world, "second").await);
    people.set_active(&second.id, false, &staff()).await.unwrap();
    for refused in [
        people.set_active(&first.id, false, &staff()).await,
        people.set_role(&first.id, Role::Staff, &staff()).await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    }
    assert!(people.get(&first.id).await.unwrap().active);
    people.set_active(&second.id, true, &staff()).await.unwrap();
    people.set_active(&first.id, false, &staff()).await.unwrap();
}

async fn two_admins_who_remove_each_other_leave_one(world: Arc<World>) {
    let (first, second) = (admin(&world, "first").await, admin(&world, "second").await);
    let removals = [first.id, second.id].map(|id| {
        let world = world.clone();
        tokio::spawn(async move { world.platform.staff().set_active(&id, false, &staff()).await.is_ok() })
    });
    let mut removed = 0;
    for removal in removals {
        removed += usize::from(removal.await.unwrap());
    }
    assert_eq!(removed, 1);
    let left = world.platform.staff().list(Some(world.id())).await.unwrap();
    assert_eq!(left.iter().filter(|member| member.active).count(), 1);
}

async fn a_role_changes_within_the_company(world: Arc<World>) {
    let people = world.platform.staff();
    let member = admin(&world, "first").await;
    admin(&world, "second").await;
    let changed = people.set_role(&member.id, Role::Staff, &staff()).await.unwrap();
    assert_eq!(changed.role, Role::Staff);
    assert_eq!(
        refused(people.set_role(&member.id, Role::PlatformAdmin, &staff()).await),
        ["role not-allowed"]
    );
    let log = world.platform.activity();
    let entries = log
        .audit(world.id(), Some("staff.role_changed"), None, 10)
        .await
        .unwrap()
        .items;
    let change = &entries[0].entry.changes[0];
    assert_eq!(
        (entries.len(), change.before.as_str(), change.after.as_str()),
        (1, "company_admin", "staff")
    );
}

async fn the_first_admin_is_made_once(world: Arc<World>) {
    let people = world.platform.staff();
    assert!(!people.anybody().await.unwrap());
    let make = async |email: &str, password: &str| people.create_first(email, "Kim", password, &staff()).await;
    assert_eq!(
        refused(make("nobody", "short").await),
        ["email malformed", "password too-short"]
    );
    let racing = ["a@example.com", "b@example.com"].map(|email| {
        let world = world.clone();
        tokio::spawn(async move {
            let people = world.platform.staff();
            people
                .create_first(email, "Kim", "correct horse battery", &staff())
                .await
        })
    });
    let mut made = Vec::new();
    for race in racing {
        match race.await.unwrap() {
            Ok(first) => made.push(first),
            Err(late) => assert!(matches!(late, Error::Conflict(_)), "{late:?}"),
        }
    }
    assert_eq!(made.len(), 1);
    assert_eq!(people.list(None).await.unwrap(), made);
    let (found, _) = people
        .verify_password(&made[0].email, "correct horse battery", &staff())
        .await
        .unwrap();
    assert_eq!((found.role, found.company_id), (Role::PlatformAdmin, None));
}

async fn devices_are_listed_and_signed_out(world: Arc<World>) {
    let people = world.platform.staff();
    let (member, other) = (admin(&world, "first").await, admin(&world, "second").await);
    let neighbour = people
        .start_session(&other, &SignInProof::LINK, &staff())
        .await
        .unwrap();
    let mut tokens = Vec::new();
    for agent in ["Phone", "Laptop", "Tablet"] {
        let mut actor = Actor::staff(&member.id, "first");
        actor.user_agent = agent.into();
        actor.address = "192.0.2.7".parse().ok();
        tokens.push(people.start_session(&member, &SignInProof::LINK, &actor).await.unwrap());
        world.clock.advance(60);
    }
    let devices = people.devices(&member.id).await.unwrap();
    let seen: Vec<_> = devices
        .iter()
        .map(|device| (device.user_agent.as_str(), device.address.as_str()))
        .collect();
    assert_eq!(
        seen,
        [("Tablet", "192.0.2.7"), ("Laptop", "192.0.2.7"), ("Phone", "192.0.2.7")]
    );
    let here = people.session(&tokens[0]).await.unwrap().id;
    assert_eq!(people.end_sessions(&member.id, Some(&here), &staff()).await.unwrap(), 2);
    people.session(&tokens[0]).await.unwrap();
    assert!(matches!(people.session(&tokens[1]).await, Err(Error::NotFound)));
    assert_eq!(people.end_sessions(&member.id, None, &staff()).await.unwrap(), 1);
    assert!(people.devices(&member.id).await.unwrap().is_empty());
    assert_eq!(people.end_sessions(&member.id, None, &staff()).await.unwrap(), 0);
    people.session(&neighbour).await.unwrap();
}

async fn who_may_manage_whom(world: Arc<World>) {
    let people = world.platform.staff();
    let add = async |company_id: Option<&str>, email: &str, role| {
        let new = NewStaff {
            company_id: company_id.map(Into::into),
            email: email.into(),
            name: email.into(),
            role,
        };
        people.create(new, &Actor::system()).await.unwrap()
    };
    let worker = add(Some(world.id()), "w@a.example", Role::Staff).await;
    let boss = add(Some(world.id()), "b@a.example", Role::CompanyAdmin).await;
    let stranger = add(Some(&world.other.id), "b@b.example", Role::CompanyAdmin).await;
    let platform = add(None, "p@p.example", Role::PlatformAdmin).await;
    for (by, may) in [
        (&worker, [false, false, false, false]),
        (&boss, [true, true, false, false]),
        (&stranger, [false, false, true, false]),
        (&platform, [true, true, true, true]),
    ] {
        let found = [&worker, &boss, &stranger, &platform].map(|other| by.may_manage(other));
        assert_eq!(found, may, "{}", by.email);
    }
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
