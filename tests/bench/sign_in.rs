//! Whether the time of a refused sign-in tells anything: an unknown e-mail and a customer without a password are held
//! against a wrong password. One after another on one connection, in turns, each round in another order.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use conformance::Browser;
use conformance::access::{self, PASSWORD};
use conformance::clock::{Clock, HOUR};
use conformance::scenario;
use conformance::served::{self, Served};

use crate::report::{Measure, quantile};

/// Medians may differ by a tenth.
const TARGET: (f64, f64) = (0.90, 1.10);

/// Who tries, with whose e-mail.
const KINDS: [(&str, &str); 3] = [
    ("wrong password", "zoe@example.com"),
    ("unknown e-mail", "nobody@example.com"),
    ("unregistered customer", "refused@example.com"),
];

/// So many sign-ins of each kind.
pub(crate) async fn measure(rounds: usize) -> anyhow::Result<Vec<Measure>> {
    let clock = Clock::new()?;
    let at = Served::start_on(&clock, "trusted_proxies = [\"127.0.0.1\"]", &[]).await?;
    register(&at).await?;
    let browser = at.host.public_browser();
    let address = format!("{}/sign-in", served::PORTAL);
    let mut samples = [const { Vec::new() }; KINDS.len()];
    for round in 0..rounds + 2 {
        for turn in 0..KINDS.len() {
            let which = (round + turn) % KINDS.len();
            let (Some((_, email)), Some(samples)) = (KINDS.get(which), samples.get_mut(which)) else {
                continue;
            };
            let took = attempt(&browser, &address, email).await?;
            // The first rounds warm up caches and connections.
            if round >= 2 {
                samples.push(took.as_secs_f64() * 1000.0);
            }
        }
        // Refusals slow the next attempts down; two hours later they are forgotten.
        clock.pass(HOUR * 2)?;
    }
    let [wrong, unknown, unregistered] = samples;
    let baseline = quantile(&wrong, 0.5);
    let against = |name, samples: &[f64]| Measure {
        name,
        ours: quantile(samples, 0.5),
        baseline,
        unit: "ms",
        spread: (quantile(samples, 0.75) - quantile(samples, 0.25)) / 2.0 / quantile(samples, 0.5),
        target: TARGET,
    };
    Ok(vec![
        against("sign-in: unknown e-mail against wrong password", &unknown),
        against("sign-in: unregistered customer against wrong password", &unregistered),
    ])
}

/// The first customer signs up; the second never does.
async fn register(at: &Served) -> anyhow::Result<()> {
    let panel = at.office.open_panel(&at.profile("Müller", "C1").await?).await?;
    let link = scenario::link_in(&access::protect(&at.office, &panel, true).await?)?;
    access::sign_up(&at.host, &link, PASSWORD).await?;
    Ok(())
}

async fn attempt(browser: &Browser, address: &str, email: &str) -> anyhow::Result<Duration> {
    let headers = [("x-forwarded-for", "203.0.113.9")];
    let started = Instant::now();
    let answer = access::sign_in_at(browser, address, email, "not the password", &headers).await?;
    let took = started.elapsed();
    answer.expect(422).context("a refused sign-in")?;
    Ok(took)
}
