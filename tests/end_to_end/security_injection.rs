//! Security rules 12, 20, 21 and 23, from outside: line breaks, foreign hosts and wicked names where headers, redirects,
//! mails and downloads are made. Each test bears its rule's number.

use conformance::access::{self, PASSWORD, PORTAL};
use conformance::browser::{encode, join};
use conformance::scenario::{self, Office};
use conformance::served::{self, Served};
use conformance::{Host, Page};

/// What somebody might put into `next` to leave the site or to write a header.
const ELSEWHERE: [&str; 16] = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "https://evil.example/jobs",
    "https:evil.example",
    "javascript:alert(1)",
    "/%2fevil.example",
    "/%5cevil.example",
    "/.//evil.example",
    "/jobs/..//evil.example",
    "/@evil.example",
    " //evil.example",
    "\t//evil.example",
    "/jobs\r\nX-Evil: yes",
    "/jobs%0d%0aX-Evil:%20yes",
];

/// An answer stays on this host, below `home`, and carries no header somebody wrote into it.
fn stays(answer: &Page, home: &str, at: &str) {
    assert!(answer.headers.get("x-evil").is_none(), "{at}: a header was written");
    let location = answer.header("location");
    assert!(
        location == home || location.starts_with(&format!("{home}/")) || location.starts_with(&format!("{home}?")),
        "{at}: sent to {location:?}"
    );
    let path = location.trim_start_matches(home).split('?').next().unwrap_or_default();
    assert!(
        !path.contains("//") && !path.contains('\\') && !path.contains("evil"),
        "{at}: sent to {location:?}"
    );
}

#[tokio::test]
async fn rule_20_after_a_sign_in_nobody_is_sent_elsewhere() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let one = access::customers("summit")?.remove(0);
    access::registered(&host, &office, &one).await?;
    for next in ELSEWHERE {
        for address in [
            format!("{PORTAL}/sign-in?next={}", encode(next)),
            format!("{PORTAL}/sign-in?next=%2Fjobs&next={}", encode(next)),
        ] {
            let answer = access::sign_in_at(&host.public_browser(), &address, &one.email, PASSWORD, &[]).await?;
            assert_eq!(answer.status, 303, "{next:?}: {}", answer.words());
            stays(&answer, PORTAL, next);
        }
    }
    // Where it may go it does go.
    let address = format!("{PORTAL}/sign-in?next=%2Finvoices");
    let answer = access::sign_in_at(&host.public_browser(), &address, &one.email, PASSWORD, &[]).await?;
    assert_eq!(answer.header("location"), format!("{PORTAL}/invoices"));
    Ok(())
}

#[tokio::test]
async fn rule_20_after_staff_s_sign_in_nobody_is_sent_elsewhere() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let data = host.data().display().to_string();
    for next in ELSEWHERE {
        let invited = conformance::host::command(
            &host.folder(),
            &[
                "staff",
                "invite",
                "new@demo.example",
                "--role",
                "platform_admin",
                "--data-dir",
                &data,
            ],
        )?;
        let link = String::from_utf8(invited.stdout)?.trim().to_owned();
        let token = link.rsplit('/').next().unwrap_or_default();
        let browser = host.staff_browser();
        let address = format!("/sign-in/t/{token}?next={}", encode(next));
        let landing = browser.get(&address).await?.expect(200)?;
        let answer = browser.press(&landing, "Continue to the staff console", &[]).await?;
        assert_eq!(answer.status, 303, "{next:?}: {}", answer.words());
        assert!(!browser.cookies().is_empty(), "{next:?}: signed in");
        assert!(answer.headers.get("x-evil").is_none(), "{next:?}");
        let location = answer.header("location");
        let origin = location.get(..2).unwrap_or_default();
        assert!(
            location.starts_with('/') && origin != "//" && !location.contains(['\\', '\r', '\n']),
            "{next:?}: sent to {location:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn rule_20_a_line_break_in_an_address_writes_no_header() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let (browser, _) = scenario::open_portal(&host, &scenario::sample_link(&host)?).await?;
    let broken = "%0d%0aX-Evil:%20yes%0d%0aSet-Cookie:%20evil=1";
    for path in [
        format!("/{broken}"),
        format!("/summit{broken}"),
        format!("{PORTAL}/{broken}"),
        format!("{PORTAL}/l/{broken}"),
        format!("{PORTAL}/jobs/{broken}"),
        format!("{PORTAL}/files/{broken}"),
        format!("{PORTAL}/jobs?q={broken}&after={broken}"),
        format!("{PORTAL}/assets/{broken}"),
        format!("/summit/book?next={broken}"),
    ] {
        for browser in [&browser, &host.public_browser()] {
            let answer = browser.get(&path).await?;
            assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
            assert!(answer.headers.get("x-evil").is_none(), "{path}");
            assert!(!browser.cookies().contains_key("evil"), "{path}");
        }
    }
    let fields = [
        ("language".to_owned(), "en\r\nX-Evil: yes".to_owned()),
        ("return".to_owned(), "/jobs\r\nX-Evil: yes".to_owned()),
    ];
    let answer = browser.post(&format!("{PORTAL}/language"), &fields).await?;
    assert!(answer.headers.get("x-evil").is_none() && !answer.status.is_server_error());
    Ok(())
}

#[tokio::test]
async fn rule_21_a_name_with_line_breaks_writes_no_header_of_a_mail() -> anyhow::Result<()> {
    let at = Served::start("", &[]).await?;
    let link = at.office.portal_link(&at.profile("Müller", "C1").await?).await?;
    let (browser, main) = scenario::open_portal(&at.host, &link).await?;
    // The name stands in the subject of the company's template. Whether the portal refuses it or makes one line of it:
    // no header of the mail is the customer's.
    let wicked = "Zoë\r\nBcc: everybody@evil.example\r\nX-Evil: yes\r\n\r\nBuy now";
    let answer = browser.press(&main, "Save Changes", &[("first_name", wicked)]).await?;
    assert!(!answer.status.is_server_error(), "{}", answer.status);
    at.send("Müller", "C1", &[]).await?;
    let message = at.first_message().await?;
    assert_eq!(message.to, ["zoe@example.com"], "one recipient");
    let (headers, _) = message.data.split_once("\n\n").expect("headers and a body");
    for line in headers.lines() {
        let lower = line.to_ascii_lowercase();
        assert!(!lower.starts_with("bcc:") && !lower.starts_with("x-evil:"), "{headers}");
    }
    assert_eq!(
        headers.lines().filter(|line| line.starts_with("Subject:")).count(),
        1,
        "{headers}"
    );
    Ok(())
}

#[tokio::test]
async fn rule_12_links_in_mail_are_the_configured_address_s_whatever_the_request_says() -> anyhow::Result<()> {
    let at = Served::start("", &[]).await?;
    let poison = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-original-url", "https://evil.example/"),
    ];
    at.send("Müller", "C1", &poison).await?;
    let text = at.first_message().await?.readable();
    assert!(!text.contains("evil.example"), "{text}");
    scenario::address_in(&text, &format!("{}{}/l/", at.host.public, served::PORTAL))?;
    // Redirects are paths, whatever host the request named.
    let browser = at.host.public_browser();
    for path in ["/acme/portal/", "/acme/portal/jobs", "/acme/portal"] {
        let answer = browser.get_with(path, &poison).await?;
        assert!(
            !answer.header("location").contains("evil"),
            "{path}: {}",
            answer.header("location")
        );
        assert!(!answer.text().contains("evil.example"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn rule_23_a_file_s_name_stays_inside_its_header() -> anyhow::Result<()> {
    // Each name as it stands in a cell of the CSV: quotes doubled.
    let names = [
        ("F1", "plain.pdf"),
        ("F2", "a\"\"; filename=\"\"evil.html.pdf"),
        ("F3", "Größe ☃ 密码.pdf"),
        ("F4", "..boot; x=y, z.pdf"),
        ("F5", "%0d%0aX-Evil: yes.pdf"),
        ("F6", "=cmd|' calc'!A0.pdf"),
    ];
    let mut files = "id,customer_id,owner_kind,owner_id,name,path\n".to_owned();
    for (id, name) in names {
        files.push_str(&format!("{id},C1,job,J1,\"{name}\",a.pdf\n"));
    }
    let at = Served::start(
        "",
        &[
            ("jobs.csv", "id,customer_id,title,status\nJ1,C1,Repair,completed\n"),
            ("files.csv", &files),
            ("files/a.pdf", "%PDF-1.4\n%%EOF\n"),
        ],
    )
    .await?;
    let link = at.office.portal_link(&at.profile("Müller", "C1").await?).await?;
    let (browser, _) = scenario::open_portal(&at.host, &link).await?;
    for (id, name) in names {
        for query in ["", "?download"] {
            let answer = browser
                .get(&format!("{}/files/{id}{query}", served::PORTAL))
                .await?
                .expect(200)?;
            assert!(answer.headers.get("x-evil").is_none(), "{name}");
            assert_eq!(
                answer.headers.get_all("content-disposition").iter().count(),
                1,
                "{name}"
            );
            let disposition = answer.header("content-disposition");
            one_disposition(disposition, &name.replace("\"\"", "\""));
        }
    }
    Ok(())
}

/// `inline` or `attachment`, one quoted `filename` of plain ASCII and, percent-encoded, the whole name in `filename*`.
fn one_disposition(disposition: &str, name: &str) {
    let mut rest = disposition
        .strip_prefix("attachment")
        .or(disposition.strip_prefix("inline"))
        .expect("shown in place or downloaded");
    let mut parameters = Vec::new();
    while let Some(parameter) = rest.strip_prefix("; ") {
        let (key, value) = parameter.split_once('=').expect("a parameter");
        rest = match value.strip_prefix('"') {
            // No escapes: a quote inside the quotes would end them early.
            Some(quoted) => quoted.split_once('"').expect("closed").1,
            None => value.find(';').map_or("", |at| &value[at..]),
        };
        parameters.push((key, value));
    }
    assert_eq!(rest, "", "{name}: {disposition}");
    let keys: Vec<&str> = parameters.iter().map(|(key, _)| *key).collect();
    assert!(
        keys == ["filename"] || keys == ["filename", "filename*"],
        "{name}: {disposition}"
    );
    if let Some((_, encoded)) = parameters.get(1) {
        let encoded = encoded.strip_prefix("UTF-8''").expect("UTF-8");
        assert!(
            encoded
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"%-._~!#$&+^`|".contains(&byte)),
            "{name}: {encoded}"
        );
        assert_eq!(decoded(encoded), name, "{disposition}");
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let escaped = rest.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &rest[3..];
            }
            _ => {
                bytes.push(first);
                rest = &rest[1..];
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn rule_12_a_stranger_s_forwarded_address_is_not_believed_and_a_proxy_s_is() -> anyhow::Result<()> {
    // Without a trusted proxy the header is nothing: 40 accounts guessed at from 40 made-up addresses are one guesser.
    let at = Served::start("", &[]).await?;
    let address = format!("{}/sign-in", served::PORTAL);
    let mut slowed = false;
    for attempt in 0..40 {
        let forged = format!("203.0.113.{attempt}");
        let answer = access::sign_in_at(
            &at.host.public_browser(),
            &address,
            &format!("somebody{attempt}@example.com"),
            PASSWORD,
            &[("x-forwarded-for", &forged), ("forwarded", &format!("for={forged}"))],
        )
        .await?;
        slowed |= answer.status == 429;
        assert!(answer.status == 422 || answer.status == 429, "{}", answer.status);
    }
    assert!(slowed, "40 failures from one address and nobody waits");
    let log = at.host.output().join("\n");
    assert!(
        log.contains("127.0.0.1") && !log.contains("203.0.113."),
        "the log believes a stranger"
    );

    // Behind one, the nearest address that is not the proxy's counts; what stood there before it is the sender's word.
    let at = Served::start("trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]", &[]).await?;
    for attempt in 0..3 {
        let forwarded = format!("198.51.100.{attempt}, 203.0.113.9, 10.1.2.3");
        access::sign_in_at(
            &at.host.public_browser(),
            &address,
            "somebody@example.com",
            PASSWORD,
            &[("x-forwarded-for", &forwarded)],
        )
        .await?;
    }
    let log = at.host.output().join("\n");
    assert!(log.contains("203.0.113.9"), "{log}");
    assert!(!log.contains("198.51.100.") && !log.contains("client=10."), "{log}");
    Ok(())
}

#[tokio::test]
async fn rule_3_no_page_of_a_link_names_another_origin_or_sends_a_referrer() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let link = scenario::sample_link(&host)?;
    let browser = host.public_browser();
    let landing = browser.get(&link).await?.expect(200)?;
    let dead = browser.get(&format!("{PORTAL}/l/nothing")).await?;
    for page in [&landing, &dead] {
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{}", page.url);
        let text = page.text();
        for name in ["link", "script", "img", "form", "iframe"] {
            for attributes in conformance::html::elements(&text, name) {
                for key in ["href", "src", "action"] {
                    let Some(address) = attributes.get(key) else { continue };
                    assert!(
                        join(&page.url, address).starts_with(&host.public) || address.starts_with("data:"),
                        "{}: <{name} {key}={address}>",
                        page.url
                    );
                }
            }
        }
    }
    let answer = scenario::exchange(&browser, &link).await?;
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    Ok(())
}
