//! Security rules 6, 9, 10 and 11, from outside: signing up, signing in, guessing.
//! Each test bears its rule's number.

use std::time::Duration;

use conformance::access::{self, PASSWORD, PORTAL};
use conformance::clock::{Clock, HOUR};
use conformance::scenario::{self, DemoCustomer, Office};
use conformance::{Browser, Host};

/// Two customers; the first has signed up, the second has not.
async fn two(host: &Host) -> anyhow::Result<(Office, Browser, DemoCustomer, DemoCustomer)> {
    let office = Office::sign_in(host).await?;
    let mut customers = access::customers("summit")?.into_iter();
    let (Some(one), Some(other)) = (customers.next(), customers.next()) else {
        anyhow::bail!("the demo has two customers")
    };
    let (browser, _) = access::registered(host, &office, &one).await?;
    Ok((office, browser, one, other))
}

/// An e-mail address of nobody's that is as long as this one.
fn nobody_like(email: &str) -> String {
    format!("{}@x", "n".repeat(email.len() - 2))
}

#[tokio::test]
async fn rule_10_unknown_wrong_and_unregistered_sign_ins_are_one_answer() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let (office, _, one, other) = two(&host).await?;
    // Protected and not registered: there is somebody, and no password.
    access::registration_link(&office, &other).await?;
    let unknown = nobody_like(&one.email);
    let mut answers = Vec::new();
    for (who, email, password) in [
        ("wrong password", one.email.as_str(), "not the password"),
        ("unknown e-mail", unknown.as_str(), PASSWORD),
        ("unregistered customer", other.email.as_str(), PASSWORD),
        ("another company's customer", "harriet@ainsworth.example", PASSWORD),
    ] {
        for round in 0..2 {
            let answer = access::sign_in(&host.public_browser(), email, password).await?;
            assert!(answer.status.is_client_error(), "{who}: {}", answer.status);
            assert!(answer.headers.get("set-cookie").is_none(), "{who}");
            answers.push((who, round, access::comparable(&answer, &[email])));
        }
    }
    let (first, rest) = answers.split_first().expect("answers");
    for (who, round, answer) in rest {
        assert_eq!(answer, &first.2, "{who}, attempt {round}, is told from {}", first.0);
    }
    // The same for staff.
    let staff = |email: String, password: &'static str| {
        let browser = host.staff_browser();
        async move { access::sign_in_at(&browser, "/sign-in", &email, password, &[]).await }
    };
    let known = staff("admin@demo.example".to_owned(), "not the password").await?;
    let unknown = staff("nobody@demo.example".to_owned(), "not the password").await?;
    assert_eq!(
        access::comparable(&known, &["admin@demo.example"]),
        access::comparable(&unknown, &["nobody@demo.example"])
    );
    Ok(())
}

/// Guesses at an account, waiting as it is told to, until it is told to wait for a minute; how many guesses were looked
/// at before the first wait, and how that wait was said.
async fn guess_until_slow(host: &Host, clock: &Clock, email: &str) -> anyhow::Result<(usize, String)> {
    let (mut looked_at, mut first) = (0, None);
    for _ in 0..40 {
        let answer = access::sign_in(&host.public_browser(), email, "not the password").await?;
        if answer.status != 429 {
            assert_eq!(answer.status, 422, "{}", answer.words());
            looked_at += usize::from(first.is_none());
            continue;
        }
        let wait: u64 = answer.header("retry-after").parse()?;
        assert!((1..=15 * 60).contains(&wait), "{wait}");
        first.get_or_insert_with(|| access::comparable(&answer, &[email]).2);
        if let (Some(words), true) = (&first, wait >= 60) {
            return Ok((looked_at, words.clone()));
        }
        clock.pass(Duration::from_secs(wait))?;
    }
    anyhow::bail!("{email} may be guessed at without end")
}

#[tokio::test]
async fn rule_11_guesses_wait_whoever_makes_them_and_never_for_good() -> anyhow::Result<()> {
    let clock = Clock::new()?;
    let host = Host::demo_on(&clock)?;
    let (_, _, one, _) = two(&host).await?;
    let unknown = guess_until_slow(&host, &clock, &nobody_like(&one.email)).await?;
    let known = guess_until_slow(&host, &clock, &one.email).await?;
    assert!(known.0 <= 10, "{} guesses before anybody waits", known.0);
    assert_eq!(known, unknown, "an account that exists is told by its waiting");

    // The right password waits too, or waiting would tell it from a wrong one; also after a restart.
    let right = access::sign_in(&host.public_browser(), &one.email, PASSWORD).await?;
    assert_eq!(right.status, 429);
    let folder = host.folder();
    host.stop()?;
    let host = Host::demo_again(folder, &clock)?;
    let right = access::sign_in(&host.public_browser(), &one.email, PASSWORD).await?;
    assert_eq!(right.status, 429, "a restart forgets who was guessing");

    // The longest wait is a quarter of an hour: then the right password is good, and waiting is over.
    clock.pass(HOUR / 4)?;
    let right = access::sign_in(&host.public_browser(), &one.email, PASSWORD).await?;
    assert_eq!(right.status, 303, "{}", right.words());
    Ok(())
}

#[tokio::test]
async fn rule_9_a_password_may_be_long_and_in_any_script_but_not_easy_to_guess() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let one = access::customers("summit")?.remove(0);
    let link = access::registration_link(&office, &one).await?;
    let browser = host.public_browser();
    let page = browser
        .follow(scenario::exchange(&browser, &link).await?)
        .await?
        .expect(200)?;
    let long = "pa ss".repeat(60);
    for refused in [
        "",
        "seven 7",
        "password1",
        "Summit2026",
        "summitheating&air",
        &one.email,
        "aaaaaaaaaaaa",
        &long,
    ] {
        let answer = browser.press(&page, "Sign Up", &[("password", refused)]).await?;
        assert_eq!(answer.status, 422, "{refused:?}: {}", answer.words());
        let form = answer.form("Sign Up")?;
        assert_eq!(form.value("email"), Some(one.email.as_str()), "what was typed stays");
        assert_eq!(form.value("password"), Some(""), "a password is never sent back");
    }
    // 150 characters of several scripts, with spaces at both ends.
    let phrase = format!(" {} ", "пароль 密码 🔑 ".repeat(12));
    assert!(phrase.chars().count() > 128);
    browser
        .press(&page, "Sign Up", &[("password", &phrase)])
        .await?
        .expect(303)?;
    let answer = access::sign_in(&host.public_browser(), &one.email, &phrase).await?;
    assert_eq!(answer.status, 303, "{}", answer.words());
    let trimmed = access::sign_in(&host.public_browser(), &one.email, phrase.trim()).await?;
    assert_eq!(trimmed.status, 422, "a password is taken as it was typed");
    Ok(())
}

#[tokio::test]
async fn rule_9_a_second_registration_never_overwrites_a_password() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let one = access::customers("summit")?.remove(0);
    let link = access::registration_link(&office, &one).await?;
    // Two people have the link and are both at Sign Up; the first to finish has the portal.
    let late = host.public_browser();
    let waiting = late
        .follow(scenario::exchange(&late, &link).await?)
        .await?
        .expect(200)?;
    access::sign_up(&host, &link, PASSWORD).await?;
    let answer = late
        .press(&waiting, "Sign Up", &[("password", "another password 9")])
        .await?;
    assert!(access::asks_to_sign_in(&answer), "{}", answer.status);
    assert!(access::asks_to_sign_in(&late.get(&format!("{PORTAL}/jobs")).await?));
    for (password, good) in [("another password 9", false), (PASSWORD, true)] {
        let answer = access::sign_in(&host.public_browser(), &one.email, password).await?;
        assert_eq!(answer.status == 303, good, "{password}: {}", answer.status);
    }
    Ok(())
}

#[tokio::test]
async fn rule_6_signing_up_and_in_make_a_new_session_id_each_time() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let one = access::customers("summit")?.remove(0);
    let link = access::registration_link(&office, &one).await?;
    let browser = host.public_browser();
    let page = browser
        .follow(scenario::exchange(&browser, &link).await?)
        .await?
        .expect(200)?;
    let mut ids = vec![access::session(&browser)?];
    let answer = browser.press(&page, "Sign Up", &[("password", PASSWORD)]).await?;
    browser.follow(answer).await?.expect(200)?;
    ids.push(access::session(&browser)?);
    for _ in 0..2 {
        access::sign_in(&browser, &one.email, PASSWORD).await?.expect(303)?;
        ids.push(access::session(&browser)?);
    }
    // An id that an attacker put there beforehand is never adopted.
    let (name, _) = ids[0].clone();
    let fixed = host.public_browser();
    fixed.set_cookie(&name, "attackerschoiceattackerschoice22");
    access::sign_in(&fixed, &one.email, PASSWORD).await?.expect(303)?;
    ids.push((name.clone(), "attackerschoiceattackerschoice22".to_owned()));
    assert_ne!(access::session(&fixed)?, ids[ids.len() - 1]);

    let (_, last) = access::session(&browser)?;
    for (at, (name, value)) in ids.iter().enumerate() {
        let thief = host.public_browser();
        thief.set_cookie(name, value);
        let opens = thief.get(&format!("{PORTAL}/")).await?.status == 200;
        assert_eq!(opens, *value == last, "id {at} of {}", ids.len());
    }
    Ok(())
}
