//! What cannot be installed, and why, in plain words: on the command line and on the console's page.
//! Nothing refused leaves a trace.

use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use conformance::Host;
use conformance::host;
use conformance::scenario::Office;

fn check(file: &Path) -> anyhow::Result<Output> {
    host::command(&host::folder()?, &["plugin", "check", &file.display().to_string()])
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn the_portal_itself_is_accepted_and_says_what_it_asks_for() -> anyhow::Result<()> {
    let output = check(&host::component()?)?;
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    for word in [
        "Customer Portal",
        "customer-portal",
        "customers",
        "storage",
        "Accepted",
        "fieldservice:plugins/customers",
    ] {
        assert!(said.contains(word), "{word} in {said}");
    }
    for never in ["wasi:sockets", "wasi:filesystem", "outgoing-handler"] {
        assert!(!said.contains(never), "the portal must not import {never}: {said}");
    }
    Ok(())
}

#[test]
fn what_is_not_a_component_is_refused_in_plain_words() -> anyhow::Result<()> {
    let folder = host::folder()?;
    let core_module = b"\0asm\x01\0\0\0";
    let cases: [(&str, &[u8]); 5] = [
        ("empty.wasm", b""),
        ("text.wasm", b"hello, I am not a component"),
        ("core.wasm", core_module),
        (
            "cut.wasm",
            &std::fs::read(host::component()?)?[..5000].to_vec().leak()[..],
        ),
        ("zip.wasm", b"PK\x03\x04rest"),
    ];
    for (name, bytes) in cases {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes)?;
        let output = check(&file)?;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains("Refused") || said.contains("error:"), "{name}: {said}");
        assert!(!said.contains("panicked"), "{name}: {said}");
    }
    let missing = check(&folder.path().join("missing.wasm"))?;
    assert_eq!(missing.status.code(), Some(1));
    assert!(said(&missing).contains("missing.wasm"), "{}", said(&missing));
    Ok(())
}

#[test]
fn a_hundred_megabytes_are_refused_without_reading_them_all() -> anyhow::Result<()> {
    let folder = host::folder()?;
    let file = folder.path().join("large.wasm");
    let mut large = std::fs::File::create(&file)?;
    large.write_all(b"\0asm\x0d\0\x01\0")?;
    large.set_len(100 * 1024 * 1024)?;
    let output = check(&file)?;
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("large"), "{}", said(&output));
    Ok(())
}

#[test]
fn an_import_the_manifest_does_not_ask_for_is_refused_and_named() -> anyhow::Result<()> {
    let guests = std::fs::read_dir(host::guest("")?)?;
    let ungranted = guests
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().contains("ungranted"))
        })
        .expect("the engine's fixtures hold one with an ungranted import");
    let output = check(&ungranted)?;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Refused"), "{said}");
    Ok(())
}

#[tokio::test]
async fn the_console_refuses_the_same_and_keeps_what_was_installed() -> anyhow::Result<()> {
    let host = Host::demo()?;
    let office = Office::sign_in(&host).await?;
    let summit = office.company("Summit Heating & Air").await?;
    let settings = office.go(&summit, "Company Settings").await?;
    let plugins = office.go(&settings, "Features & Plugins").await?;
    let install = office.go(&plugins, "Install a plugin").await?;
    let form = conformance::html::forms(&install.text())
        .into_iter()
        .find(|form| form.method == "post" && form.action.ends_with("/settings/install"))
        .expect("an upload form");
    let inputs = conformance::html::elements(&install.text(), "input");
    let field = inputs
        .iter()
        .find(|input| input.get("type").is_some_and(|kind| kind == "file"))
        .expect("a file field");
    let body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"x.wasm\"\r\nContent-Type: application/wasm\r\n\r\nnot wasm\r\n--edge--\r\n",
        field["name"]
    );
    let action = conformance::browser::join(&install.url, &form.action);
    let refused = office
        .browser
        .send(
            reqwest::Method::POST,
            &action,
            &[
                ("content-type", "multipart/form-data; boundary=edge"),
                ("sec-fetch-site", "same-origin"),
            ],
            Some(body.into_bytes()),
        )
        .await?;
    assert!(
        refused.status.is_client_error(),
        "{} {}",
        refused.status,
        refused.words()
    );
    assert!(
        refused.words().to_lowercase().contains("component"),
        "{}",
        refused.words()
    );
    let plugins = office.browser.visit(&plugins.url).await?.expect(200)?;
    assert!(plugins.words().contains("Customer Portal"), "{}", plugins.words());
    Ok(())
}
