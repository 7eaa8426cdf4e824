//! Running it: the three lines a start prints, SIGTERM, a second start that keeps its data, a port that is taken,
//! health, and the same on PostgreSQL when there is one.

use std::sync::Arc;

use conformance::scenario::{self, Office};
use conformance::{Host, host};

#[tokio::test]
async fn a_start_prints_three_lines_and_each_address_works() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let labelled = ["Staff console ", "Customer portal ", "Mailbox "];
    let output = host.output();
    for label in labelled {
        assert_eq!(
            output.iter().filter(|line| line.starts_with(label)).count(),
            1,
            "{label:?} in {output:?}"
        );
    }
    assert!(host.printed("Staff console")?.starts_with(&host.staff));
    assert!(scenario::sample_link(&host)?.starts_with(&host.public));
    assert!(host.printed("Mailbox")?.starts_with(&host.staff));
    Office::sign_in(&host).await?;
    scenario::open_portal(&host, &scenario::sample_link(&host)?).await?;
    host.staff_browser().get(&host.printed("Mailbox")?).await?.expect(200)?;
    for path in ["/livez", "/readyz"] {
        host.public_browser().get(path).await?.expect(200)?;
    }
    Ok(())
}

#[tokio::test]
async fn sigterm_drains_and_exits_zero_and_a_second_start_keeps_its_data() -> anyhow::Result<()> {
    let first = Host::demo()?;
    let link = scenario::sample_link(&first)?;
    let (browser, main) = scenario::open_portal(&first, &link).await?;
    browser
        .press(&main, "Save Changes", &[("city", "Silverton")])
        .await?
        .expect(303)?;
    let token = link.rsplit('/').next().unwrap_or_default().to_owned();
    let folder = first.folder();
    let status = first.stop()?;
    assert!(status.success(), "{status}");

    let second = Host::demo_in(folder, &[])?;
    let (_, main) = scenario::open_portal(&second, &format!("{}/summit/portal/l/{token}", second.public)).await?;
    assert_eq!(
        main.form("Save Changes")?.value("city"),
        Some("Silverton"),
        "the change is still there"
    );
    assert!(second.stop()?.success());
    Ok(())
}

#[tokio::test]
async fn a_fresh_start_begins_again() -> anyhow::Result<()> {
    let first = Host::demo()?;
    let (browser, main) = scenario::open_portal(&first, &scenario::sample_link(&first)?).await?;
    browser
        .press(&main, "Save Changes", &[("city", "Silverton")])
        .await?
        .expect(303)?;
    let folder = first.folder();
    first.stop()?;
    let again = Host::demo_in(folder, &["--fresh"])?;
    let (_, main) = scenario::open_portal(&again, &scenario::sample_link(&again)?).await?;
    assert_ne!(main.form("Save Changes")?.value("city"), Some("Silverton"));
    Ok(())
}

#[test]
fn a_port_that_is_taken_is_said_plainly() -> anyhow::Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port().to_string();
    let component = host::component()?.display().to_string();
    let company = host::root().join("demo/brook").display().to_string();
    let folder = host::folder()?;
    let data = folder.path().join("data").display().to_string();
    let arguments = [
        "demo",
        "--plugin",
        &component,
        "--company",
        &company,
        "--data-dir",
        &data,
        "--port",
        &port,
        "--public-port",
        "0",
    ];
    let output = host::command(&folder, &arguments)?;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(&port) && said.contains("--port"), "{said}");
    Ok(())
}

#[test]
fn a_configuration_that_would_be_unsafe_is_refused_before_anything_starts() -> anyhow::Result<()> {
    let folder = host::folder()?;
    let file = folder.path().join("host.toml");
    std::fs::write(&file, "public_url = \"http://portal.example.com\"\nsurprise = 1\n")?;
    let output = host::command(&folder, &["serve", "--config", &file.display().to_string()])?;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("surprise"));
    std::fs::write(&file, "public_url = \"http://portal.example.com\"\n")?;
    let output = host::command(&folder, &["serve", "--config", &file.display().to_string()])?;
    assert!(String::from_utf8_lossy(&output.stderr).contains("public_url"));
    Ok(())
}

#[tokio::test]
async fn the_same_product_runs_on_postgresql() -> anyhow::Result<()> {
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        println!("TEST_POSTGRES_URL is not set: not run on PostgreSQL");
        return Ok(());
    };
    let folder = Arc::new(host::folder()?);
    let name = format!("end_to_end_{}", std::process::id());
    let made = std::process::Command::new("psql")
        .args([&server, "-q", "-c", &format!("CREATE DATABASE {name}")])
        .status()?;
    assert!(made.success(), "psql makes a database");
    let (start, _) = server.rsplit_once('/').expect("an address");
    let url = format!("{start}/{name}");
    let run = |arguments: &[&str]| -> anyhow::Result<String> {
        let mut all = arguments.to_vec();
        all.extend(["--database-url", &url]);
        let output = host::command(&folder, &all)?;
        anyhow::ensure!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    };
    run(&["import", &host::root().join("demo/summit").display().to_string()])?;
    run(&["plugin", "install", &host::component()?.display().to_string()])?;
    let invitation = run(&["staff", "invite", "owner@example.com", "--role", "platform_admin"])?;

    let host = Host::serve(
        folder,
        &format!("data_dir = \"{{data}}\"\nstaff_listen = \"{{staff}}\"\npublic_listen = \"{{public}}\"\ndatabase_url = \"{url}\"\nmailbox = true\n"),
    )
    .await?;
    let token = invitation.rsplit('/').next().unwrap_or_default();
    let browser = host.staff_browser();
    let landing = browser.visit(&format!("/sign-in/t/{token}")).await?.expect(200)?;
    let answer = browser.press(&landing, "Continue to the staff console", &[]).await?;
    let home = browser.follow(answer).await?.expect(200)?;
    let office = Office { browser, home };
    let summit = office.company("Summit Heating & Air").await?;
    let settings = office.go(&summit, "Company Settings").await?;
    let plugins = office.go(&settings, "Features & Plugins").await?;
    let plugin = office.go(&plugins, "Customer Portal").await?;
    office.browser.press(&plugin, "Enable", &[]).await?.expect(303)?;

    let customer = scenario::customer_with_everything()?;
    let (browser, main) = scenario::portal_of(&host, &office, &customer).await?;
    let saved = browser.press(&main, "Save Changes", &[("city", "Silverton")]).await?;
    assert!(browser.follow(saved).await?.expect(200)?.words().contains("Saved"));
    for tab in ["My Jobs", "My Projects", "My Estimates", "My Invoices", "My Payments"] {
        browser.visit(&main.link(tab)?).await?.expect(200)?;
    }
    assert!(host.stop()?.success());
    Ok(())
}
