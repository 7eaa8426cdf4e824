//! A guest that takes too much: headers, handles, long lists, an answer without end, log lines.
//! Anywhere else it answers, so that a test can see it would.

use kit::{
    http::{Answer, Content, Request, text, write_all},
    pages::fieldservice::plugins::{customers, storage},
};

kit::manifest!("../plugin.toml");
kit::pages!(serve);

fn serve(request: Request) -> Answer {
    match request.page() {
        "headers" => {
            let mut answer = text("headers");
            answer
                .headers
                .extend((0..request.number()).map(|n| (format!("x-{n}"), "1".to_owned())));
            answer
        }
        "long-header" => {
            let mut answer = text("header");
            answer.headers.push(("x-long".to_owned(), "y".repeat(request.number())));
            answer
        }
        "handles" => {
            let mut open = Vec::new();
            loop {
                match customers::open("C1") {
                    Ok(customer) => open.push(customer),
                    Err(error) => return text(format!("{} open, then {error:?}", open.len())),
                }
            }
        }
        "keys" => text(format!(
            "{:?}",
            storage::get_many(&vec!["k".to_owned(); request.number()]).map(|v| v.len())
        )),
        "bytes" => {
            let entry = storage::Entry {
                key: "k".to_owned(),
                value: vec![0; request.number()],
                ttl: None,
            };
            text(format!("{:?}", storage::set(&entry)))
        }
        "endless" => Answer {
            body: Content::Written(Box::new(|stream| {
                let piece = [b'x'; 64 << 10];
                while stream.check_write().is_ok() {
                    write_all(stream, &piece);
                }
            })),
            ..text("")
        },
        "log" => {
            for line in 0..request.number() {
                eprintln!("line {line} {}", "z".repeat(100));
            }
            text("logged")
        }
        _ => text("fine"),
    }
}
