//! The customer's sections: exactly the columns the product promises, open records first, past ones one click away,
//! detail pages with lines, totals and taxes, files viewed and downloaded.

use conformance::browser::{Browser, join};
use conformance::scenario::{self, DemoCustomer, Office};
use conformance::{Host, Page, html};

struct Portal {
    _host: Host,
    browser: Browser,
    main: Page,
    customer: DemoCustomer,
}

async fn portal() -> anyhow::Result<Portal> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let customer = scenario::customer_with_everything()?;
    let (browser, main) = scenario::portal_of(&host, &office, &customer).await?;
    Ok(Portal {
        _host: host,
        browser,
        main,
        customer,
    })
}

impl Portal {
    async fn tab(&self, words: &str) -> anyhow::Result<Page> {
        self.browser
            .visit(&join(&self.main.url, &self.main.link(words)?))
            .await?
            .expect(200)
    }

    /// A list's pages from this one to the last.
    async fn to_the_end(&self, first: &Page) -> anyhow::Result<String> {
        let (mut page, mut text) = (first.clone(), first.text());
        for _ in 0..20 {
            let next = html::elements(&page.text(), "a")
                .into_iter()
                .find(|link| link.get("rel").is_some_and(|rel| rel == "next"));
            let Some(next) = next else { return Ok(text) };
            page = self.browser.visit(&join(&page.url, &next["href"])).await?.expect(200)?;
            text.push_str(&page.text());
        }
        anyhow::bail!("{}: the list has no end", first.url)
    }

    /// Ids of the customer's records in a CSV file.
    fn ids(&self, file: &str) -> anyhow::Result<Vec<String>> {
        let rows = scenario::demo_rows("summit", file)?;
        Ok(rows
            .into_iter()
            .filter(|row| row["customer_id"] == self.customer.id)
            .map(|row| row["id"].clone())
            .collect())
    }
}

/// The words of a list's column heads.
fn heads(page: &Page) -> Vec<String> {
    let (mut heads, mut inside) = (Vec::new(), None);
    for piece in html::read(&page.text()) {
        match piece {
            html::Piece::Open(name, _) if name == "th" => inside = Some(String::new()),
            html::Piece::Text(text) => {
                if let Some(head) = &mut inside {
                    head.push_str(&text);
                }
            }
            html::Piece::Close(name) if name == "th" => heads.extend(inside.take().map(|head| head.trim().to_owned())),
            _ => {}
        }
    }
    heads
}

fn has_heads(page: &Page, wanted: &[&str]) {
    let heads = heads(page);
    for head in wanted {
        assert!(
            heads.iter().any(|known| known.eq_ignore_ascii_case(head)),
            "{}: no column {head:?} in {heads:?}",
            page.url
        );
    }
}

/// Open ones first; the past ones behind one click; between them every record that may be seen.
async fn both_halves(portal: &Portal, open: &Page) -> anyhow::Result<String> {
    let past = open
        .links()
        .into_iter()
        .find(|link| link.href.contains("show=past"))
        .expect("past ones are one click away");
    let past = portal.browser.visit(&join(&open.url, &past.href)).await?.expect(200)?;
    assert_ne!(open.words(), past.words());
    Ok(format!(
        "{}\n{}",
        portal.to_the_end(open).await?,
        portal.to_the_end(&past).await?
    ))
}

#[tokio::test]
async fn my_jobs_shows_date_time_and_status_and_leads_to_details_and_files() -> anyhow::Result<()> {
    let portal = portal().await?;
    let list = portal.tab("My Jobs").await?;
    has_heads(&list, &["Date", "Time", "Status"]);
    let all = both_halves(&portal, &list).await?;
    for id in portal.ids("jobs.csv")? {
        assert!(all.contains(&format!("/jobs/{id}")), "job {id} is listed");
        portal
            .browser
            .get(&format!("/summit/portal/jobs/{id}"))
            .await?
            .expect(200)?;
    }
    Ok(())
}

#[tokio::test]
async fn my_projects_shows_date_time_status_and_completion() -> anyhow::Result<()> {
    let portal = portal().await?;
    let list = portal.tab("My Projects").await?;
    has_heads(&list, &["Status"]);
    let heads = heads(&list).join(" ").to_lowercase();
    assert!(
        heads.contains("date") && (heads.contains("complet") || heads.contains("progress")),
        "{heads}"
    );
    let all = both_halves(&portal, &list).await?;
    for id in portal.ids("projects.csv")? {
        assert!(all.contains(&format!("/projects/{id}")), "project {id} is listed");
        portal
            .browser
            .get(&format!("/summit/portal/projects/{id}"))
            .await?
            .expect(200)?;
    }
    Ok(())
}

#[tokio::test]
async fn my_estimates_shows_status_dates_and_total_and_no_draft() -> anyhow::Result<()> {
    let portal = portal().await?;
    let list = portal.tab("My Estimates").await?;
    has_heads(&list, &["Status"]);
    let heads = heads(&list).join(" | ").to_lowercase();
    for word in ["sent", "expir", "total"] {
        assert!(heads.contains(word), "{word} in {heads}");
    }
    let all = both_halves(&portal, &list).await?;
    for row in scenario::demo_rows("summit", "estimates.csv")?
        .iter()
        .filter(|row| row["customer_id"] == portal.customer.id)
    {
        let address = format!("/summit/portal/estimates/{}", row["id"]);
        let page = portal.browser.get(&address).await?;
        if row["status"] == "draft" {
            assert!(!all.contains(&address), "a draft is not listed");
            assert_eq!(page.status, 404, "nor is it a page");
        } else {
            assert!(all.contains(&address), "estimate {} is listed", row["id"]);
            let words = page.expect(200)?.words();
            assert!(words.contains("Subtotal") || words.contains("Total"), "{words}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn my_invoices_shows_dates_paid_and_due_and_the_detail_adds_up() -> anyhow::Result<()> {
    let portal = portal().await?;
    let list = portal.tab("My Invoices").await?;
    has_heads(&list, &["Invoice date", "Due date", "Amount paid", "Amount due"]);
    let all = both_halves(&portal, &list).await?;
    let lines = scenario::demo_rows("summit", "invoice_lines.csv")?;
    for row in scenario::demo_rows("summit", "invoices.csv")?
        .iter()
        .filter(|row| row["customer_id"] == portal.customer.id)
    {
        let address = format!("/summit/portal/invoices/{}", row["id"]);
        let page = portal.browser.get(&address).await?;
        if row["status"] == "draft" {
            assert!(
                !all.contains(&address) && page.status == 404,
                "drafts never leave the host"
            );
            continue;
        }
        assert!(all.contains(&address), "invoice {} is listed", row["id"]);
        let words = page.expect(200)?.words();
        for line in lines.iter().filter(|line| line["invoice_id"] == row["id"]) {
            assert!(words.contains(&line["name"]), "{} in {words}", line["name"]);
        }
    }
    Ok(())
}

#[tokio::test]
async fn my_payments_shows_every_payment_with_date_and_method() -> anyhow::Result<()> {
    let portal = portal().await?;
    let list = portal.tab("My Payments").await?;
    has_heads(&list, &["Date", "Method"]);
    let text = portal.to_the_end(&list).await?;
    for id in portal.ids("payments.csv")? {
        assert!(text.contains(&format!("/payments/{id}")), "payment {id} is listed");
        portal
            .browser
            .get(&format!("/summit/portal/payments/{id}"))
            .await?
            .expect(200)?;
    }
    Ok(())
}

#[tokio::test]
async fn files_are_viewed_and_downloaded_byte_for_byte() -> anyhow::Result<()> {
    let portal = portal().await?;
    let rows = scenario::demo_rows("summit", "files.csv")?;
    let mut seen = 0;
    for row in rows.iter().filter(|row| row["customer_id"] == portal.customer.id) {
        let hidden = row.get("visible").is_some_and(|visible| visible == "no");
        let file = portal
            .browser
            .get(&format!("/summit/portal/files/{}", row["id"]))
            .await?;
        if hidden {
            assert_eq!(file.status, 404, "{} is not for the customer", row["id"]);
            continue;
        }
        let on_disk = std::fs::read(conformance::host::root().join("demo/summit/files").join(&row["path"]))?;
        let file = file.expect(200)?;
        assert_eq!(file.body, on_disk, "{}", row["name"]);
        assert!(
            file.header("content-disposition").contains("inline")
                || file.header("content-disposition").contains("attachment")
        );
        assert!(file.header("content-security-policy").starts_with("default-src 'none'"));
        let owner = format!("/summit/portal/{}s/{}", row["owner_kind"], row["owner_id"]);
        let page = portal.browser.get(&owner).await?.expect(200)?;
        let download = page
            .links()
            .into_iter()
            .find(|link| link.href.contains(&format!("/files/{}?", row["id"])));
        let download = download.expect("the record's page offers the file for download");
        let saved = portal.browser.get(&download.href).await?.expect(200)?;
        assert!(
            saved.header("content-disposition").starts_with("attachment"),
            "{}",
            saved.header("content-disposition")
        );
        seen += 1;
    }
    assert!(seen > 0, "the demo customer has files");
    Ok(())
}
