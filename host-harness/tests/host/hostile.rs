//! Hostile plugins at one company while another company's plugin serves: each costs its own request, with the
//! right status and a plain page, and neither the server nor the neighbour notices.

use crate::running::{Answer, Running, bytes, call};
use capabilities::{Entry, Setting};
use host_harness::plugins::{PluginError, Rebuilds};
use platform::{Actor, PluginIdentity};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A host with `good` at `brook` alone, and the hostile ones at `acme` alone.
async fn with_neighbours(hostile: &[&str]) -> Running {
    let host = Running::start().await;
    for guest in hostile {
        host.install(guest).await;
    }
    let good = host
        .state
        .plugins
        .install(bytes("good"), Rebuilds::Refuse, &call())
        .await;
    let brook = host.company("brook").await;
    host.state
        .plugins
        .enable(&brook.id, &good.unwrap().plugin_id, &call())
        .await
        .unwrap();
    host
}

/// Do something bad while brook's page is asked for again and again; all of its answers must be right.
async fn beside_brook<T>(host: &Running, bad: impl Future<Output = T>) -> T {
    let mut bad = std::pin::pin!(tokio::time::timeout(Duration::from_secs(600), bad));
    loop {
        let mut asked = std::pin::pin!(async {
            let page = host.get("/brook/good/count").await;
            assert_eq!((page.status, page.text.as_str()), (200, "1"));
            assert_eq!(host.get("/livez").await.status, 200);
        });
        tokio::select! {
            done = &mut bad => {
                asked.await;
                return done.expect("nothing hangs");
            }
            () = &mut asked => {}
        }
    }
}

/// A page of the host's own that says nothing of what went wrong inside.
fn is_plain(page: &Answer, address: &str) {
    assert!(
        page.text.contains("Something went wrong on our side"),
        "{address}: {}",
        page.text
    );
    assert!(page.text.contains(page.header("x-request-id")), "{address}");
    for inside in ["panicked", "wasm", "trap", "unreachable", ".rs:"] {
        assert!(!page.text.contains(inside), "{address} says {inside}: {}", page.text);
    }
    assert!(!page.header("content-security-policy").is_empty(), "{address}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_costs_its_own_request_and_the_neighbour_none() {
    let host = with_neighbours(&["greedy", "endless-loop", "memory-bomb"]).await;
    let acme = host.company("acme").await;
    let lost = [
        ("greedy", "/acme/greedy/headers?80"),
        ("greedy", "/acme/greedy/headers?40000"),
        ("greedy", "/acme/greedy/status?101"),
        ("greedy", "/acme/greedy/less"),
        ("greedy", "/acme/greedy/more"),
        ("greedy", "/acme/greedy/crash?100"),
        ("greedy", "/acme/greedy/bodies"),
        ("greedy", "/acme/greedy/pollables"),
        ("greedy", "/acme/greedy/header-maps"),
        ("greedy", "/acme/greedy/keys?1000000"),
        ("greedy", "/acme/greedy/entries?1000000"),
        ("greedy", "/acme/greedy/activity?500000"),
        ("greedy", "/acme/greedy/bytes?40000000"),
        ("greedy", "/acme/greedy/poll?10000"),
        ("greedy", "/acme/greedy/zeroes"),
        ("endless-loop", "/acme/loop/spin"),
        ("endless-loop", "/acme/loop/sleep"),
        ("endless-loop", "/acme/loop/half"),
        ("endless-loop", "/acme/loop/calls"),
        ("memory-bomb", "/acme/bomb/explode"),
    ];
    beside_brook(&host, async {
        for (plugin, address) in lost {
            // Three at once, fewer than pause it.
            let (one, two, three) = tokio::join!(host.get(address), host.get(address), host.get(address));
            for page in [one, two, three] {
                assert_eq!(page.status, 502, "{address}: {}", page.text);
                is_plain(&page, address);
            }
            host.state.plugins.resume(&acme.id, plugin, &call()).await.unwrap();
        }
        for (address, said) in [
            ("/acme/greedy/handles", "Unavailable"),
            ("/acme/greedy/keys?1001", "At most 1000 keys"),
            ("/acme/greedy/log?1000", "logged"),
            ("/acme/greedy/forge", "forged"),
            ("/acme/greedy/trailers", "trailed"),
            ("/acme/loop/fine", "fine"),
            ("/acme/bomb/fine", "fine"),
        ] {
            let page = host.get(address).await;
            assert_eq!(page.status, 200, "{address}: {}", page.text);
            assert!(page.text.contains(said), "{address}: {}", page.text);
        }
    })
    .await;
}

/// Everything that comes back on a connection of its own, until it is closed.
async fn raw(host: &Running, path: &str) -> String {
    let address = host.public.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is reset is as good as one that is closed early.
    _ = connection.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_half_way_never_looks_like_a_whole_page() {
    let host = with_neighbours(&["greedy", "endless-loop"]).await;
    let (cut, neighbour) = tokio::join!(
        raw(&host, "/acme/greedy/crash?3000000"),
        raw(&host, "/brook/good/big?3000000")
    );
    for cut in [
        cut,
        raw(&host, "/acme/loop/late").await,
        raw(&host, "/acme/loop/asleep").await,
    ] {
        let (head, body) = cut.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(
            head.to_ascii_lowercase().contains("transfer-encoding: chunked"),
            "{head}"
        );
        assert!(body.len() > 100_000, "{} bytes came", body.len());
        assert!(!body.ends_with("0\r\n\r\n"), "the end of a whole answer");
    }
    let (head, body) = neighbour.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(
        body.ends_with("0\r\n\r\n") && body.matches('x').count() == 3_000_000,
        "{} bytes",
        body.len()
    );
    // What crashes before it is large is a page of ours, whole and with its length.
    let small = raw(&host, "/acme/greedy/crash?1000").await;
    assert!(small.starts_with("HTTP/1.1 502") && !small.contains("xxxx"), "{small}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_an_endless_answer_frees_its_place() {
    let host = with_neighbours(&["greedy"]).await;
    let address = host.public.trim_start_matches("http://").to_owned();
    beside_brook(&host, async {
        // More than one company may have at once.
        for _ in 0..40 {
            let mut connection = TcpStream::connect(&address).await.unwrap();
            let request = format!("GET /acme/greedy/endless HTTP/1.1\r\nHost: {address}\r\n\r\n");
            connection.write_all(request.as_bytes()).await.unwrap();
            let mut piece = vec![0; 1 << 20];
            connection.read_exact(&mut piece).await.unwrap();
        }
    })
    .await;
    let page = host.get("/acme/greedy/fine").await;
    assert_eq!(
        (page.status, page.text.as_str()),
        (200, "fine"),
        "neither full nor paused"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_customers_of_others_cannot_be_named() {
    let host = with_neighbours(&["greedy"]).await;
    let folder = host.folder.path().join("brook");
    let customers = "id,first_name,last_name,email,phone\nONLY-BROOK,Cy,Fox,only@brook.example,\n";
    std::fs::write(folder.join("customers.csv"), customers).unwrap();
    host.state
        .platform
        .import(&folder, &Actor::system(), &|_| (), &|_| Vec::new())
        .await
        .unwrap();
    let (acme, brook) = (host.company("acme").await, host.company("brook").await);
    let storage = |company, plugin: &str| {
        let identity = Arc::new(PluginIdentity {
            id: plugin.to_owned(),
            mount: plugin.to_owned(),
            permissions: ["storage".to_owned()].into(),
            default_settings: Vec::new(),
        });
        host.state.platform.grants(company, &identity, call()).storage.unwrap()
    };
    let others = [
        storage(&brook, "greedy"),
        storage(&acme, "good"),
        storage(&brook, "good"),
    ];
    for other in &others {
        let entry = Entry {
            key: "secret".into(),
            value: b"theirs alone".to_vec(),
            ttl: None,
        };
        other.set(entry).await.unwrap();
    }
    for _ in 0..2 {
        let page = host.get("/acme/greedy/foreign-keys").await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(!page.text.contains("theirs"), "{}", page.text);
        assert!(
            page.text.lines().count() > 20 && page.text.contains("Invalid"),
            "{}",
            page.text
        );
        let page = host.get("/acme/greedy/foreign-customers").await;
        assert_eq!((page.status, page.text.as_str()), (200, "opened [] found Ok(None)"));
    }
    for other in &others {
        assert_eq!(other.get("secret").await.unwrap().unwrap(), b"theirs alone");
        assert_eq!(other.list("", None, 100).await.unwrap().items, ["secret"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_that_crash_cost_their_own_part_of_a_page() {
    let host = with_neighbours(&["bad-hooks"]).await;
    let (acme, brook) = (host.company("acme").await, host.company("brook").await);
    let plugins = &host.state.plugins;
    plugins.enable(&acme.id, "good", &call()).await.unwrap();
    assert_eq!(plugins.menu(&acme.id, "C1", &call()).await.unwrap().len(), 2);
    let mode = Setting {
        key: "mode".into(),
        value: "panic".into(),
    };
    plugins
        .save_settings(&acme.id, "bad-hooks", vec![mode], &call())
        .await
        .unwrap();
    let entries = plugins.menu(&acme.id, "C1", &call()).await.unwrap();
    assert_eq!(
        entries.iter().map(|entry| entry.plugin_id.as_str()).collect::<Vec<_>>(),
        ["good"]
    );
    let fields = plugins.template_fields(&acme.id).await.unwrap();
    assert!(
        fields.iter().all(|field| field.plugin == "good") && !fields.is_empty(),
        "{fields:?}"
    );
    let panel = plugins.open_panel(&acme.id, "bad-hooks", "share", "C1", &call()).await;
    assert!(matches!(panel, Err(PluginError::Failed)), "{panel:?}");
    // Switched off and on again it stays off, and nobody else is troubled.
    plugins.disable(&acme.id, "bad-hooks", &call()).await.unwrap();
    let refused = plugins.enable(&acme.id, "bad-hooks", &call()).await.unwrap_err();
    assert_eq!(
        refused.message(),
        "The plugin did not answer. Nothing was changed; please try again."
    );
    let seen = plugins.for_company(&acme.id).await.unwrap();
    assert!(
        seen.iter()
            .all(|plugin| plugin.enabled == (plugin.manifest.id == "good")),
        "{seen:?}"
    );
    plugins.enable(&brook.id, "bad-hooks", &call()).await.unwrap();
    assert_eq!(plugins.menu(&brook.id, "C1", &call()).await.unwrap().len(), 2);
}
