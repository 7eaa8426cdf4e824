//! Codes that prove an address: five tries in a row or at once, fifteen minutes, one purpose.
//! A limit on how often something may happen is tried here as well.

use crate::fake::Fake;
use customer_portal::{
    Error,
    codes::{self, Purpose, Verdict},
    limits::{self, Limit},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const ADDRESS: &str = "dana.home@example.net";

fn sent(fake: &Fake) -> String {
    codes::send(fake, Purpose::SignUp, "c1", ADDRESS).unwrap();
    fake.code_in_message()
}

fn check(fake: &Fake, code: &str) -> Verdict {
    codes::check(fake, Purpose::SignUp, "c1", code).unwrap()
}

/// Some code that is not this one.
fn other_than(code: &str, step: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + step) % 1_000_000)
}

#[test]
fn a_right_code_proves_its_address_until_it_is_forgotten() {
    let fake = Fake::new();
    let code = sent(&fake);
    assert_eq!(check(&fake, &other_than(&code, 1)), Verdict::Wrong);
    let spaced = format!(" {} {}-{} ", &code[..2], &code[2..4], &code[4..]);
    assert_eq!(check(&fake, &spaced), Verdict::Right(ADDRESS.to_owned()));
    codes::forget(&fake, Purpose::SignUp, "c1").unwrap();
    assert_eq!(check(&fake, &code), Verdict::Over);
    assert_eq!(codes::pending(&fake, Purpose::SignUp, "c1").unwrap(), None);
}

#[test]
fn five_tries_and_a_code_is_dead_for_the_right_answer_too() {
    let fake = Fake::new();
    let code = sent(&fake);
    for step in 1..5 {
        assert_eq!(check(&fake, &other_than(&code, step)), Verdict::Wrong);
    }
    assert_eq!(check(&fake, &other_than(&code, 5)), Verdict::Over);
    assert_eq!(check(&fake, &code), Verdict::Over);
}

#[test]
fn a_slip_of_the_finger_is_no_try() {
    let fake = Fake::new();
    let code = sent(&fake);
    for slip in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "½½½"] {
        assert_eq!(check(&fake, slip), Verdict::Wrong, "{slip}");
    }
    assert_eq!(check(&fake, &code), Verdict::Right(ADDRESS.to_owned()));
}

#[test]
fn guesses_at_the_same_moment_are_no_more_than_five_tries() {
    let fake = Fake::new();
    let code = sent(&fake);
    // Before each try is stored, somebody else's is: the host tells, and it is read again.
    let rival = fake.clone();
    let wrong = other_than(&code, 1);
    *fake.before_swap.borrow_mut() = Some(Box::new(move |_| {
        for _ in 0..5 {
            codes::check(&rival, Purpose::SignUp, "c1", &wrong).unwrap();
        }
    }));
    assert_eq!(check(&fake, &code), Verdict::Over);
}

#[test]
fn a_code_lives_a_quarter_of_an_hour() {
    let fake = Fake::new();
    let code = sent(&fake);
    fake.later(15 * 60 - 1);
    assert_eq!(check(&fake, &other_than(&code, 1)), Verdict::Wrong);
    fake.later(1);
    assert_eq!(check(&fake, &code), Verdict::Over);
    // Where it went is remembered, so that another can be sent.
    assert_eq!(
        codes::pending(&fake, Purpose::SignUp, "c1").unwrap().as_deref(),
        Some(ADDRESS)
    );
    fake.later(3_600);
    assert_eq!(codes::pending(&fake, Purpose::SignUp, "c1").unwrap(), None);
}

#[test]
fn a_new_code_replaces_the_one_before() {
    let fake = Fake::new();
    let first = sent(&fake);
    fake.later(60);
    let second = sent(&fake);
    assert_ne!(first, second);
    assert_eq!(check(&fake, &first), Verdict::Wrong);
    assert_eq!(check(&fake, &second), Verdict::Right(ADDRESS.to_owned()));
}

#[test]
fn a_code_is_for_one_purpose_and_one_customer() {
    let fake = Fake::new();
    let code = sent(&fake);
    assert_eq!(
        codes::check(&fake, Purpose::NewEmail, "c1", &code).unwrap(),
        Verdict::Over
    );
    assert_eq!(
        codes::check(&fake, Purpose::SignUp, "c2", &code).unwrap(),
        Verdict::Over
    );
    // Not even a record that is put in another's place is one of theirs.
    let record = fake.store.borrow()["code/sign-up/c1"].clone();
    for key in ["code/new-email/c1", "code/sign-up/c2"] {
        fake.store.borrow_mut().insert(key.to_owned(), record.clone());
    }
    assert_eq!(
        codes::check(&fake, Purpose::NewEmail, "c1", &code).unwrap(),
        Verdict::Wrong
    );
    assert_eq!(
        codes::check(&fake, Purpose::SignUp, "c2", &code).unwrap(),
        Verdict::Wrong
    );
}

#[test]
fn codes_are_spread_evenly_over_all_there_are() {
    let fake = Fake::new();
    let mut firsts: BTreeMap<char, u32> = BTreeMap::new();
    for _ in 0..4_000 {
        fake.later(3_601);
        let code = sent(&fake);
        *firsts.entry(code.chars().next().unwrap()).or_default() += 1;
    }
    assert_eq!(firsts.len(), 10, "codes with leading zeros are codes as well");
    // 400 expected each; six standard deviations are 114.
    assert!(firsts.values().all(|count| (286..=514).contains(count)), "{firsts:?}");
}

#[test]
fn a_generator_that_only_answers_the_incomplete_round_makes_no_code() {
    let fake = Fake::new();
    fake.broken_random.set(true);
    let refused = codes::send(&fake, Purpose::SignUp, "c1", ADDRESS);
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert!(fake.messages.borrow().is_empty());
}

#[test]
fn a_limit_counts_what_was_and_says_how_long_to_wait() {
    let fake = Fake::new();
    let limits = [Limit { times: 2, seconds: 60 }, Limit { times: 3, seconds: 600 }];
    let take = |fake: &Fake| match limits::take(fake, "test", &limits) {
        Ok(()) => 0,
        Err(Error::RateLimited(seconds)) => seconds,
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!((take(&fake), take(&fake), take(&fake)), (0, 0, 60));
    fake.later(50);
    assert_eq!(take(&fake), 10);
    fake.later(10);
    assert_eq!((take(&fake), take(&fake)), (0, 540));
    assert!(limits::take(&fake, "another", &limits).is_ok());
    fake.later(540);
    assert_eq!((take(&fake), take(&fake)), (0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_typed_only_the_code_is_right_and_only_five_times_tried(
        guesses in proptest::collection::vec(prop_oneof![r"\PC{0,8}", "[0-9]{6}"], 0..12),
    ) {
        let fake = Fake::new();
        let code = sent(&fake);
        let mut tried = 0;
        for guess in guesses {
            let bare: String = guess.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
            let guessed = bare.len() == 6 && bare.bytes().all(|byte| byte.is_ascii_digit());
            let dead = tried >= 5;
            tried += u32::from(guessed && !dead);
            let expected = match (dead, guessed) {
                (false, true) if bare == code => Verdict::Right(ADDRESS.to_owned()),
                (false, true) if tried == 5 => Verdict::Over,
                (false, _) => Verdict::Wrong,
                (true, _) => Verdict::Over,
            };
            prop_assert_eq!(check(&fake, &guess), expected);
        }
        let last = if tried < 5 { Verdict::Right(ADDRESS.to_owned()) } else { Verdict::Over };
        prop_assert_eq!(check(&fake, &code), last);
    }
}
