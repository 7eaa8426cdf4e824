//! Files: viewed, downloaded, in part, not at all when the browser has them already.
//! Names from anywhere must be harmless in a header.

use crate::fake::{Browser, Fake};
use customer_portal::{bindings::fieldservice::plugins::activity::Kind, http::Method};

fn ask(browser: &mut Browser, headers: &[(&str, &str)]) -> crate::fake::Answer {
    browser.send(Method::Get, "/files/f1", headers, Some(b""))
}

#[test]
fn a_picture_is_viewed_and_can_be_downloaded() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.forget_writes();
    let view = browser.get("/files/f1");
    assert_eq!((view.status, view.text.as_str(), view.length), (200, "0123456789", 10));
    assert_eq!(view.header("content-type"), Some("image/jpeg"));
    assert_eq!(view.header("etag"), Some("\"e1\""));
    assert_eq!(view.header("accept-ranges"), Some("bytes"));
    let expected =
        "inline; filename=\"Before _ boiler room.jpg\"; filename*=UTF-8''Before%20%E2%80%93%20boiler%20room.jpg";
    assert_eq!(view.header("content-disposition"), Some(expected));
    let download = browser.get("/files/f1?download");
    assert!(
        download
            .header("content-disposition")
            .unwrap()
            .starts_with("attachment; ")
    );
    let kinds: Vec<_> = fake
        .activity
        .borrow()
        .iter()
        .map(|entry| (entry.kind, entry.summary.clone()))
        .collect();
    assert!(matches!(kinds[0].0, Kind::Viewed));
    assert!(matches!(kinds[1].0, Kind::Downloaded));
    assert_eq!(kinds[1].1, "Downloaded Before – boiler room.jpg");
}

#[test]
fn what_a_browser_cannot_show_is_always_downloaded() {
    let fake = Fake::new();
    let answer = fake.visit("c1").get("/files/f2");
    assert!(
        answer
            .header("content-disposition")
            .unwrap()
            .starts_with("attachment; ")
    );
}

#[test]
fn ranges_are_served() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    for (range, status, text, content_range) in [
        ("bytes=0-3", 206, "0123", "bytes 0-3/10"),
        ("bytes=8-", 206, "89", "bytes 8-9/10"),
        ("bytes=-4", 206, "6789", "bytes 6-9/10"),
        ("bytes=5-500", 206, "56789", "bytes 5-9/10"),
        ("bytes=-500", 206, "0123456789", "bytes 0-9/10"),
        ("bytes=10-", 416, "", "bytes */10"),
        ("bytes=-0", 416, "", "bytes */10"),
        ("bytes=99999999999999999999-", 416, "", "bytes */10"),
    ] {
        let answer = ask(&mut browser, &[("range", range)]);
        assert_eq!((answer.status, answer.text.as_str()), (status, text), "{range}");
        assert_eq!(answer.header("content-range"), Some(content_range), "{range}");
    }
    for range in [
        "bytes=0-1,4-5",
        "bytes=5-2",
        "bytes=a-b",
        "lines=1-2",
        "bytes=",
        "bytes=-",
        "bytes=+1-2",
    ] {
        let answer = ask(&mut browser, &[("range", range)]);
        assert_eq!((answer.status, answer.length), (200, 10), "{range}");
    }
}

#[test]
fn a_range_of_other_bytes_is_answered_with_the_whole_file() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    assert_eq!(
        ask(&mut browser, &[("range", "bytes=0-3"), ("if-range", "\"e1\"")]).status,
        206
    );
    assert_eq!(
        ask(&mut browser, &[("range", "bytes=0-3"), ("if-range", "\"e0\"")]).status,
        200
    );
    assert_eq!(
        ask(&mut browser, &[("range", "bytes=0-3"), ("if-range", "W/\"e1\"")]).status,
        200
    );
}

#[test]
fn what_the_browser_has_is_not_sent_again() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    for known in ["\"e1\"", "W/\"e1\"", "\"e0\", \"e1\"", "*"] {
        let answer = ask(&mut browser, &[("if-none-match", known)]);
        assert_eq!((answer.status, answer.length), (304, 0), "{known}");
    }
    assert_eq!(ask(&mut browser, &[("if-none-match", "\"e0\"")]).status, 200);
}

#[test]
fn head_says_what_get_would_send() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.forget_writes();
    let head = browser.send(Method::Head, "/files/f1", &[("range", "bytes=0-3")], Some(b""));
    assert_eq!((head.status, head.length, head.bytes.len()), (200, 10, 0));
    assert!(fake.activity.borrow().is_empty());
}

#[test]
fn only_the_first_part_counts_as_a_click() {
    let fake = Fake::new();
    let mut browser = fake.visit("c1");
    fake.forget_writes();
    ask(&mut browser, &[("range", "bytes=0-3")]);
    ask(&mut browser, &[("range", "bytes=4-9")]);
    assert_eq!(fake.activity.borrow().len(), 1);
}

#[test]
fn names_cannot_break_out_of_the_header() {
    let fake = Fake::new();
    for (name, plain) in [
        ("a\"b.pdf", "a_b.pdf"),
        ("..\\..\\etc/passwd", ".._.._etc_passwd"),
        ("x\r\nset-cookie: a=b.pdf", "xset-cookie: a=b.pdf"),
        ("rechnung\u{202e}fdp.exe", "rechnungfdp.exe"),
        ("🚿 فاتورة.pdf", "_ ______.pdf"),
        ("..", "file"),
        ("", "file"),
        ("100%.pdf", "100_.pdf"),
    ] {
        fake.edit("c1", |records| records.files[0].0.name = name.to_owned());
        let answer = fake.visit("c1").get("/files/f1?download");
        let header = answer.header("content-disposition").unwrap().to_owned();
        assert!(
            header.starts_with(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''")),
            "{header}"
        );
        assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{header}");
    }
}
