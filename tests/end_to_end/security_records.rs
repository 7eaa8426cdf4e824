//! Security rules 14, 16, 21 and 22, from outside: whose records these are, what may be written, what is escaped.
//! Each test bears its rule's number.

use conformance::scenario::{self, DemoCustomer, Office};
use conformance::{Host, Page};

async fn two_customers(host: &Host) -> anyhow::Result<(Office, DemoCustomer, DemoCustomer)> {
    let office = Office::sign_in(host).await?;
    let one = scenario::customer_with_everything()?;
    let rows = scenario::demo_rows("summit", "invoices.csv")?;
    let other = rows
        .iter()
        .find(|row| row["customer_id"] != one.id && row["status"] == "issued")
        .expect("another customer's invoice");
    let customers = scenario::demo_rows("summit", "customers.csv")?;
    let row = customers
        .iter()
        .find(|row| row["id"] == other["customer_id"])
        .expect("that customer");
    let other = DemoCustomer {
        id: row["id"].clone(),
        last_name: row["last_name"].clone(),
        ..DemoCustomer::default()
    };
    Ok((office, one, other))
}

/// The answer without what differs from request to request.
fn comparable(page: &Page) -> (u16, String) {
    (
        page.status.as_u16(),
        page.text().replace(page.header("x-request-id"), "REQUEST"),
    )
}

#[tokio::test]
async fn rule_14_a_wrong_an_unknown_and_another_s_record_are_the_same_404() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let (office, one, other) = two_customers(&host).await?;
    let (browser, _) = scenario::portal_of(&host, &office, &one).await?;
    let unknown = |section: &str| format!("/summit/portal/{section}/zzz-unknown");
    let tables = [
        ("jobs", "jobs.csv"),
        ("projects", "projects.csv"),
        ("estimates", "estimates.csv"),
        ("invoices", "invoices.csv"),
        ("payments", "payments.csv"),
        ("files", "files.csv"),
    ];
    let mut tried = 0;
    for (section, file) in tables {
        let nothing = comparable(&browser.get(&unknown(section)).await?);
        assert_eq!(nothing.0, 404, "{section}");
        let neighbours = scenario::demo_rows("summit", file)?;
        let strangers = scenario::demo_rows("brook", file).unwrap_or_default();
        let own: Vec<&String> = neighbours
            .iter()
            .filter(|row| row["customer_id"] == one.id)
            .map(|row| &row["id"])
            .collect();
        let theirs = neighbours.iter().filter(|row| row["customer_id"] != one.id).take(5);
        for row in theirs.chain(strangers.iter().filter(|row| !own.contains(&&row["id"])).take(5)) {
            let answer = comparable(&browser.get(&format!("/summit/portal/{section}/{}", row["id"])).await?);
            assert_eq!(answer, nothing, "{section}/{}", row["id"]);
            tried += 1;
        }
    }
    assert!(tried > 10, "only {tried} records tried");

    // One company's session is nothing at another's address, and a customer's link is that customer's.
    let elsewhere = browser.get("/brook/portal/").await?;
    assert_eq!(elsewhere.status, 404);
    let (theirs, main) = scenario::portal_of(
        &host,
        &office,
        &DemoCustomer {
            id: other.id,
            last_name: other.last_name,
            ..DemoCustomer::default()
        },
    )
    .await?;
    assert!(!main.words().contains(&one.email));
    assert_ne!(theirs.cookies(), browser.cookies());
    Ok(())
}

#[tokio::test]
async fn rule_14_staff_of_one_company_see_nothing_of_another() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let invited = conformance::host::command(
        &host.folder(),
        &[
            "staff",
            "invite",
            "mario@brook.example",
            "--role",
            "company_admin",
            "--company",
            "brook",
            "--data-dir",
            &host.data().display().to_string(),
        ],
    )?;
    anyhow::ensure!(invited.status.success(), "{}", String::from_utf8_lossy(&invited.stderr));
    let token = String::from_utf8(invited.stdout)?
        .trim()
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    let admin = Office::sign_in(&host).await?;
    let summit = admin.company("Summit Heating & Air").await?;
    let customer = scenario::customer_with_everything()?;
    let profile = admin.profile(&summit, &customer.last_name, &customer.id).await?;

    let browser = host.staff_browser();
    let landing = browser.get(&format!("/sign-in/t/{token}")).await?.expect(200)?;
    let answer = browser.press(&landing, "Continue to the staff console", &[]).await?;
    let home = browser.follow(answer).await?.expect(200)?;
    assert!(home.words().contains("Brook & Sons Plumbing"), "{}", home.words());
    assert!(!home.words().contains("Summit Heating"), "{}", home.words());
    let path = |url: &str| url.trim_start_matches(&host.staff).to_owned();
    let theirs = browser.get(&path(&profile.url)).await?;
    assert_eq!(theirs.status, 404, "{}", theirs.words());
    assert!(!theirs.text().contains(&customer.last_name));
    for label in [
        "Customers",
        "Requests",
        "Invoices",
        "Communications",
        "Outbox",
        "Company Settings",
    ] {
        let page = browser
            .get(&path(&conformance::browser::join(&summit.url, &summit.link(label)?)))
            .await?;
        assert_eq!(page.status, 404, "{label}: {}", page.words());
    }
    Ok(())
}

#[tokio::test]
async fn rule_16_a_customer_writes_contact_fields_and_nothing_else() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let (office, one, other) = two_customers(&host).await?;
    let (browser, main) = scenario::portal_of(&host, &office, &one).await?;
    let summit = office.company("Summit Heating & Air").await?;
    let profile = office.profile(&summit, &one.last_name, &one.id).await?;
    let sneaked = [
        ("city", "Silverton"),
        ("id", other.id.as_str()),
        ("customer_id", other.id.as_str()),
        ("company_id", "brook"),
        ("internal_notes", "sneaked in"),
        ("country", "ZZ"),
        ("balance_due", "0"),
    ];
    let answer = browser.press(&main, "Save Changes", &sneaked).await?;
    assert!(!answer.status.is_server_error());
    let after = office.browser.visit(&profile.url).await?.expect(200)?;
    assert!(!after.words().contains("sneaked in"), "{}", after.words());
    let others = office.profile(&summit, &other.last_name, &other.id).await?;
    assert!(!others.words().contains("Silverton"), "another customer was changed");
    Ok(())
}

#[tokio::test]
async fn rule_16_drafts_and_internal_notes_never_leave_the_host() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let customers = scenario::demo_rows("summit", "customers.csv")?;
    let mut drafts = 0;
    let mut notes = 0;
    for (file, section) in [("estimates.csv", "estimates"), ("invoices.csv", "invoices")] {
        for row in scenario::demo_rows("summit", file)?
            .iter()
            .filter(|row| row["status"] == "draft")
            .take(2)
        {
            let owner = customers
                .iter()
                .find(|customer| customer["id"] == row["customer_id"])
                .expect("its customer");
            let search = if owner["last_name"].is_empty() {
                &owner["company_name"]
            } else {
                &owner["last_name"]
            };
            let customer = DemoCustomer {
                id: owner["id"].clone(),
                last_name: search.clone(),
                ..DemoCustomer::default()
            };
            let (browser, _) = scenario::portal_of(&host, &office, &customer).await?;
            assert_eq!(
                browser
                    .get(&format!("/summit/portal/{section}/{}", row["id"]))
                    .await?
                    .status,
                404
            );
            for show in ["", "?show=past"] {
                let list = browser
                    .get(&format!("/summit/portal/{section}{show}"))
                    .await?
                    .expect(200)?;
                assert!(
                    !list.text().contains(&row["number"]),
                    "draft {} is listed",
                    row["number"]
                );
            }
            drafts += 1;
        }
    }
    let jobs = scenario::demo_rows("summit", "jobs.csv")?;
    for row in jobs
        .iter()
        .filter(|row| row.get("internal_notes").is_some_and(|notes| !notes.is_empty()))
        .take(3)
    {
        let owner = customers
            .iter()
            .find(|customer| customer["id"] == row["customer_id"])
            .expect("its customer");
        let search = if owner["last_name"].is_empty() {
            &owner["company_name"]
        } else {
            &owner["last_name"]
        };
        let customer = DemoCustomer {
            id: owner["id"].clone(),
            last_name: search.clone(),
            ..DemoCustomer::default()
        };
        let (browser, _) = scenario::portal_of(&host, &office, &customer).await?;
        let job = browser
            .get(&format!("/summit/portal/jobs/{}", row["id"]))
            .await?
            .expect(200)?;
        assert!(!job.words().contains(&row["internal_notes"]), "{}", job.words());
        notes += 1;
    }
    assert!(
        drafts > 0 && notes > 0,
        "the demo data holds drafts ({drafts}) and notes ({notes})"
    );
    Ok(())
}

#[tokio::test]
async fn rule_21_what_people_type_is_shown_and_never_run() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let one = scenario::customer_with_everything()?;
    let (browser, main) = scenario::portal_of(&host, &office, &one).await?;
    let script = "<script>alert(1)</script>\"'><img src=x>";
    let answer = browser
        .press(
            &main,
            "Save Changes",
            &[("first_name", script), ("city", "{{ company.name }}")],
        )
        .await?;
    let page = browser.follow(answer).await?.expect(200)?;
    assert!(!page.text().contains("<script>alert"), "escaped in the portal");
    assert_eq!(page.form("Save Changes")?.value("first_name"), Some(script));
    let summit = office.company("Summit Heating & Air").await?;
    for page in [
        office.profile(&summit, &one.last_name, &one.id).await?,
        office
            .browser
            .visit(&format!(
                "{}?q={}",
                office.go(&summit, "Customers").await?.url,
                conformance::browser::encode(script)
            ))
            .await?,
    ] {
        assert!(
            !page.text().contains("<script>alert") && !page.text().contains("<img src=x>"),
            "escaped in the console: {}",
            page.url
        );
    }
    let profile = office.profile(&summit, &one.last_name, &one.id).await?;
    assert!(profile.words().contains("{{ company.name }}"), "data is not a template");
    let search = browser
        .get(&format!(
            "/summit/portal/jobs?q={}",
            conformance::browser::encode(script)
        ))
        .await?
        .expect(200)?;
    assert!(!search.text().contains("<script>alert"));
    Ok(())
}

#[tokio::test]
async fn rule_22_quotes_and_statements_are_only_words_to_search_for() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let summit = office.company("Summit Heating & Air").await?;
    let list = office.go(&summit, "Customers").await?;
    let (browser, _) = scenario::open_portal(&host, &scenario::sample_link(&host)?).await?;
    for text in [
        "' OR '1'='1",
        "'; DROP TABLE customers; --",
        "%",
        "_",
        "\\",
        "\"",
        "a\0b",
        "☃",
        "* NEAR(",
        "$1",
    ] {
        let search = conformance::browser::encode(text);
        let found = office.browser.get(&format!("{}?q={search}", list.url)).await?;
        assert!(!found.status.is_server_error(), "{text:?}: {}", found.status);
        let found = browser.get(&format!("/summit/portal/invoices?q={search}")).await?;
        assert!(!found.status.is_server_error(), "{text:?}: {}", found.status);
        let found = browser.get(&format!("/summit/portal/invoices?after={search}")).await?;
        assert!(!found.status.is_server_error(), "cursor {text:?}: {}", found.status);
    }
    let everything = office
        .browser
        .get(&format!("{}?q=%27+OR+%271%27%3D%271", list.url))
        .await?;
    assert!(
        !everything.words().contains("@"),
        "the quote opened nothing: {}",
        everything.words()
    );
    office.browser.visit(&list.url).await?.expect(200)?;
    Ok(())
}
