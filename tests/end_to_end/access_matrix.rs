//! Security rules 5, 14 and 15, from outside: every route of the portal's own table, asked by everybody who may not.
//! A new route is tried without touching this file; a new route that is open to anyone has to be named in `OPEN`.

mod ended;
mod table;
mod viewing;

use std::collections::{BTreeMap, BTreeSet};

use conformance::access::{self, PORTAL};
use conformance::scenario::{self, DemoCustomer, Office};
use conformance::{Browser, Host};
use customer_portal::routes::ROUTES;
use table::{Address, Owned, Reach, UNKNOWN};

/// Every route that answers before there is a session. Nothing of a customer's may stand behind one.
const OPEN: [(&str, &str); 20] = [
    ("POST", "/language"),
    ("GET", "/l/{id}"),
    ("POST", "/l/{id}"),
    ("GET", "/l/{rest}"),
    ("POST", "/l/{rest}"),
    ("GET", "/fresh-link"),
    ("POST", "/fresh-link"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/sign-up"),
    ("POST", "/sign-up"),
    ("GET", "/sign-up/code"),
    ("POST", "/sign-up/code"),
    ("POST", "/sign-up/code/again"),
    ("GET", "/forgot"),
    ("POST", "/forgot"),
    ("GET", "/r/{id}"),
    ("POST", "/r/{id}"),
    ("GET", "/r/{rest}"),
    ("POST", "/r/{rest}"),
];

/// A demo whose first customer's portal has been walked.
struct Setting {
    host: Host,
    office: Office,
    owner: DemoCustomer,
    other: DemoCustomer,
    /// The owner's own browser; a second session of theirs exists beside it.
    browser: Browser,
    owned: Owned,
}

impl Setting {
    async fn new(host: Host) -> anyhow::Result<Self> {
        let office = Office::sign_in(&host).await?;
        let (owner, other) = table::owner_and_other()?;
        let (browser, _) = scenario::portal_of(&host, &office, &owner).await?;
        scenario::portal_of(&host, &office, &owner).await?;
        let owned = Owned::walk(&browser, &owner).await?;
        Ok(Self {
            host,
            office,
            owner,
            other,
            browser,
            owned,
        })
    }

    /// A browser with this value for its session cookie, or with none.
    fn stranger(&self, session: Option<&str>) -> anyhow::Result<Browser> {
        let browser = self.browser.stranger();
        if let Some(value) = session {
            browser.set_cookie(&access::session(&self.browser)?.0, value);
        }
        Ok(browser)
    }

    /// What a browser without a good session gets from every route: what it gets from an unknown one.
    async fn is_sent_away(&self, who: &str, session: Option<&str>, dead_tokens: &[&str]) -> anyhow::Result<()> {
        for address in self.owned.for_customers() {
            let methods: &[&str] = if address.method == "GET" {
                &["GET", "HEAD"]
            } else {
                &[address.method]
            };
            for method in methods {
                let answer = address.send(&self.stranger(session)?, method, PORTAL).await?;
                let at = format!("{who}: {method} {}", address.path(PORTAL));
                let path = address.path(PORTAL);
                assert!(
                    access::is_sent_away(&answer, method, &path, PORTAL),
                    "{at}: {}",
                    answer.status
                );
                assert!(self.owned.given_away(address, &answer).is_empty(), "{at}");
                assert!(answer.headers.get("set-cookie").is_none(), "{at}");
                if !address.id.is_empty() {
                    let unknown = address.unknown();
                    let nothing = unknown.send(&self.stranger(session)?, method, PORTAL).await?;
                    assert_eq!(
                        access::comparable(&answer, &[&address.id]),
                        access::comparable(&nothing, &[UNKNOWN]),
                        "{at}: an id that exists is told from one that does not"
                    );
                }
            }
        }
        for address in self.open(dead_tokens) {
            let browser = self.stranger(session)?;
            let answer = address.ask(&browser, PORTAL).await?;
            let at = format!("{who}: {} {}", address.method, address.path(PORTAL));
            assert!(!answer.status.is_server_error(), "{at}: {}", answer.status);
            let found = self.owned.given_away(&address, &answer);
            assert!(found.is_empty(), "{at}: {found:?}");
            let portal = browser.get(&format!("{PORTAL}/")).await?;
            assert!(access::asks_to_sign_in(&portal), "{at}: it opened the portal");
        }
        Ok(())
    }

    /// The same in short, for the many things that are no session: each route once.
    async fn is_nobody(&self, who: &str, session: &str) -> anyhow::Result<()> {
        for address in self.owned.for_customers() {
            let answer = address.ask(&self.stranger(Some(session))?, PORTAL).await?;
            let at = format!("{who}: {} {}", address.method, address.path(PORTAL));
            assert!(address.was_refused(&answer, PORTAL), "{at}: {}", answer.status);
            assert!(self.owned.given_away(address, &answer).is_empty(), "{at}");
            assert!(answer.headers.get("set-cookie").is_none(), "{at}");
        }
        Ok(())
    }

    /// The open routes, with these tokens where a pattern takes one.
    fn open(&self, tokens: &[&str]) -> Vec<Address> {
        let plain = self
            .owned
            .addresses
            .iter()
            .filter(|address| address.reach == Reach::Anyone && !table::takes_something(address.pattern))
            .cloned();
        let with_id = ROUTES
            .iter()
            .filter(|route| table::reach(route) == Reach::Anyone && table::takes_something(route.pattern));
        let with_token = with_id.flat_map(|route| {
            tokens.iter().map(|token| Address {
                method: table::method(route),
                reach: Reach::Anyone,
                pattern: route.pattern,
                id: (*token).to_owned(),
                fields: Vec::new(),
            })
        });
        plain.chain(with_token).collect()
    }

    /// The owner is still signed in and nobody changed anything.
    async fn owner_is_untouched(&self, before: &BTreeMap<String, String>) -> anyhow::Result<()> {
        assert_eq!(&details(&self.browser).await?, before, "somebody wrote");
        Ok(())
    }
}

/// What stands in the owner's form.
async fn details(browser: &Browser) -> anyhow::Result<BTreeMap<String, String>> {
    let main = browser.get(&format!("{PORTAL}/")).await?.expect(200)?;
    Ok(main.form("Save Changes")?.fields.into_iter().collect())
}

fn token_of(link: &str) -> &str {
    link.rsplit('/').next().unwrap_or_default()
}

#[test]
fn rule_15_only_the_routes_named_here_are_open_to_anyone() {
    let open: BTreeSet<(&str, &str)> = ROUTES
        .iter()
        .filter(|route| table::reach(route) == Reach::Anyone)
        .map(|route| (table::method(route), route.pattern))
        .collect();
    let named: BTreeSet<(&str, &str)> = OPEN.into_iter().collect();
    assert_eq!(
        open, named,
        "a route became open to anyone, or is no longer: decide, then say so in OPEN"
    );
}

#[tokio::test]
async fn rule_15_the_owner_reaches_every_route() -> anyhow::Result<()> {
    // What makes the other tests here mean something: the same requests, made by the owner, show the owner's records.
    let setting = Setting::new(Host::demo()?).await?;
    let mut shown = BTreeSet::new();
    for address in setting.owned.for_customers().filter(|address| address.method == "GET") {
        let answer = address.ask(&setting.browser, PORTAL).await?;
        let at = address.path(PORTAL);
        assert!(
            answer.status.is_success() || (answer.status == 303 && !access::asks_to_sign_in(&answer)),
            "{at}: {}",
            answer.status
        );
        shown.extend(setting.owned.found_in(&answer));
    }
    // Not all of them: of each kind of record only a few are asked for.
    assert!(
        shown.len() * 2 > setting.owned.secrets.len(),
        "{} of {}",
        shown.len(),
        setting.owned.secrets.len()
    );
    Ok(())
}

#[tokio::test]
async fn rule_15_without_a_session_every_route_is_the_same_as_an_unknown_one() -> anyhow::Result<()> {
    let setting = Setting::new(Host::demo()?).await?;
    let before = details(&setting.browser).await?;

    // A session that was signed out, and the token of a good link in the place of a session's.
    let (gone, main) = scenario::portal_of(&setting.host, &setting.office, &setting.owner).await?;
    let (_, signed_out) = access::session(&gone)?;
    gone.press(&main, "Sign Out", &[]).await?;
    let panel = access::panel(&setting.office, &setting.owner).await?;
    let link = scenario::link_in(&panel)?;
    let (_, good) = access::session(&setting.browser)?;
    let longer = format!("{good}a");
    let shorter = good.get(1..).unwrap_or_default();
    let turned: String = good.chars().rev().collect();

    let far_too_long = "a".repeat(5_000);
    let dead = ["x", UNKNOWN, turned.as_str(), good.as_str(), "a/b/c", &far_too_long];
    setting.is_sent_away("anonymous", None, &dead).await?;
    setting.is_sent_away("signed out", Some(&signed_out), &[]).await?;
    for (who, value) in [
        ("a link's token as a session", token_of(&link)),
        ("one letter more", &longer),
        ("one letter less", shorter),
        ("backwards", &turned),
        ("a customer's id", &setting.owner.id),
        ("two values", "a; b=c"),
        ("nothing", ""),
        ("a long one", &"a".repeat(3_000)),
    ] {
        setting.is_nobody(who, value).await?;
    }
    setting.owner_is_untouched(&before).await
}

#[tokio::test]
async fn rule_15_another_customer_gets_nothing_of_the_owner_s_from_any_route() -> anyhow::Result<()> {
    let setting = Setting::new(Host::demo()?).await?;
    let before = details(&setting.browser).await?;
    let link = scenario::link_in(&access::panel(&setting.office, &setting.other).await?)?;
    for address in setting.owned.for_customers() {
        // A session for each request: some of them end it.
        let (browser, _) = scenario::open_portal(&setting.host, &link).await?;
        let answer = address.ask(&browser, PORTAL).await?;
        let at = format!("{} {}", address.method, address.path(PORTAL));
        assert!(!answer.status.is_server_error(), "{at}: {}", answer.status);
        let found = setting.owned.given_away(address, &answer);
        assert!(found.is_empty(), "{at} shows {found:?}");
        if address.id.is_empty() {
            continue;
        }
        assert!(
            answer.status == 404 || address.method == "POST",
            "{at}: {}",
            answer.status
        );
        let (browser, _) = scenario::open_portal(&setting.host, &link).await?;
        let nothing = address.unknown().ask(&browser, PORTAL).await?;
        assert_eq!(
            access::comparable(&answer, &[&address.id]),
            access::comparable(&nothing, &[UNKNOWN]),
            "{at}: an id that exists is told from one that does not"
        );
    }
    setting.owner_is_untouched(&before).await
}

#[tokio::test]
async fn rule_15_another_company_s_customer_gets_nothing_from_any_route() -> anyhow::Result<()> {
    let setting = Setting::new(Host::demo()?).await?;
    let before = details(&setting.browser).await?;
    access::enable(&setting.office, "Brook & Sons Plumbing").await?;
    let neighbour = &access::customers("brook")?[0];
    let brook = setting.office.company("Brook & Sons Plumbing").await?;
    let profile = setting
        .office
        .profile(&brook, &neighbour.last_name, &neighbour.id)
        .await?;
    let link = setting.office.portal_link(&profile).await?;
    let (browser, _) = scenario::open_portal(&setting.host, &link).await?;
    let (name, value) = access::session(&browser)?;
    assert!(name.starts_with("brook."), "{name}");

    // At the owner's company the session is nothing, under either company's name for the cookie; and so is the link.
    setting
        .is_sent_away("another company's session", Some(&value), &[token_of(&link)])
        .await?;
    // At their own company the owner's ids are unknown or their own: never the owner's.
    let elsewhere = "/brook/portal";
    for address in setting.owned.for_customers() {
        let (browser, _) = scenario::open_portal(&setting.host, &link).await?;
        let answer = address.ask(&browser, elsewhere).await?;
        let at = format!("{} {}", address.method, address.path(elsewhere));
        assert!(!answer.status.is_server_error(), "{at}: {}", answer.status);
        let found = setting.owned.given_away(address, &answer);
        assert!(found.is_empty(), "{at} shows {found:?}");
        // And the owner's session is nothing there.
        let owner = setting.host.public_browser();
        let (own, value) = access::session(&setting.browser)?;
        owner.set_cookie(&own, &value);
        owner.set_cookie(&name, &value);
        let answer = address.ask(&owner, elsewhere).await?;
        assert!(address.was_refused(&answer, elsewhere), "{at}: {}", answer.status);
    }
    setting.owner_is_untouched(&before).await
}
