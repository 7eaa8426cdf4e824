//! Security rule 8, from outside: two hundred people sign in at the same moment. Whatever cannot be done now is refused
//! with the time to come back, memory stays within what the hashing pool may use, and health answers meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use conformance::access;
use conformance::served::{self, Served};

const PEOPLE: usize = 200;
const MIB: u64 = 1024 * 1024;
/// What one hash uses, with the parameters of the default configuration.
const HASH: u64 = 19 * MIB;
/// Most hashes at once: the pool has at most four places, however many processors there are.
const PLACES: u64 = 4;
/// What a request in flight may use besides: its instance, its page, its connection.
const REQUEST: u64 = 2 * MIB;
/// Room for what the process keeps once it has been busy: allocator, database pages, compiled code touched.
const SLACK: u64 = 96 * MIB;

#[tokio::test]
async fn rule_8_two_hundred_sign_ins_at_once_are_answered_and_health_goes_on() -> anyhow::Result<()> {
    // Each comes from an address of its own, or the limit per address would spare the pool the work.
    let at = Served::start("trusted_proxies = [\"127.0.0.1\"]", &[]).await?;
    let address = format!("{}/sign-in", served::PORTAL);
    let warm = access::sign_in_at(&at.host.public_browser(), &address, "a@example.com", "not it", &[]).await?;
    assert_eq!(warm.status, 422);
    let before = at.host.memory()?;

    let over = Arc::new(AtomicBool::new(false));
    let highest = Arc::new(AtomicU64::new(before));
    let watcher = {
        let (over, highest, probe) = (Arc::clone(&over), Arc::clone(&highest), at.host.public_browser());
        let status = format!("/proc/{}/status", at.host.id());
        tokio::spawn(async move {
            let mut healthy = 0;
            while !over.load(Ordering::Relaxed) {
                let page = probe.get("/livez").await?;
                anyhow::ensure!(page.status == 200, "/livez says {}", page.status);
                healthy += 1;
                let text = std::fs::read_to_string(&status)?;
                let now = conformance::host::memory_in(&text)?;
                highest.fetch_max(now, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok::<_, anyhow::Error>(healthy)
        })
    };
    let attempts: Vec<_> = (0..PEOPLE)
        .map(|person| {
            let (browser, address) = (at.host.public_browser(), address.clone());
            tokio::spawn(async move {
                let from = format!("203.0.113.{person}");
                let email = if person % 2 == 0 {
                    "zoe@example.com".to_owned()
                } else {
                    format!("person{person}@example.com")
                };
                access::sign_in_at(&browser, &address, &email, "not it", &[("x-forwarded-for", &from)]).await
            })
        })
        .collect();
    let (mut checked, mut refused) = (0, 0);
    for attempt in attempts {
        // A request that hangs ends in the browser's own time limit, an error here.
        let answer = attempt.await??;
        match answer.status.as_u16() {
            422 => checked += 1,
            429 | 503 => {
                refused += 1;
                let wait: u64 = answer.header("retry-after").parse()?;
                assert!((1..=15 * 60).contains(&wait), "{wait}");
            }
            other => panic!("{other}: {}", answer.words()),
        }
    }
    over.store(true, Ordering::Relaxed);
    let healthy = watcher.await??;
    assert_eq!(checked + refused, PEOPLE);
    assert!(checked > 0, "nobody's password was looked at");
    assert!(healthy > 3, "health was asked {healthy} times");
    let grown = highest.load(Ordering::Relaxed).saturating_sub(before);
    let bound = PLACES * HASH + PEOPLE as u64 * REQUEST + SLACK;
    println!(
        "checked {checked}, refused {refused}, health {healthy}, grown {} MiB of {} MiB",
        grown / MIB,
        bound / MIB
    );
    assert!(grown <= bound, "{} MiB more than before", grown / MIB);

    // And afterwards it is as it was.
    let after = at.host.public_browser().get(&address).await?;
    assert_eq!(after.status, 200);
    Ok(())
}
