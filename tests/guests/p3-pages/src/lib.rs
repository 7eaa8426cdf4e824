//! A guest of `wasi:http/handler@0.3.0`: an async function that returns its answer and goes on writing it.
//! It reads the request's body, writes large answers, and can crash or spin like the others.

mod contract {
    //! The contract itself is plain WASI 0.2 and is bound apart.
    wit_bindgen::generate!({
        path: "../../../wit",
        inline: "
            package fixture:p3-imports;
            world imports {
                import fieldservice:plugins/storage@1.0.0;
            }
        ",
        world: "fixture:p3-imports/imports",
        generate_all,
    });
}

wit_bindgen::generate!({
    path: "wit",
    world: "fixture:p3/pages",
    generate_all,
});

use contract::fieldservice::plugins::storage;
use exports::wasi::http::handler::Guest;
use wasi::http::types::{ErrorCode, Fields, Request, Response};

kit::manifest!("../plugin.toml");

struct Pages;

impl Guest for Pages {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        let (page, number) = path.split_once('?').unwrap_or((&path, "0"));
        let number: usize = number.parse().unwrap_or_default();
        match page.rsplit('/').next().unwrap_or_default() {
            "echo" => {
                let (body, _trailers) = Request::consume_body(request, wit_future::new(|| Ok(())).1);
                Ok(answer(body.collect().await))
            }
            "visits" => {
                let seen = storage::get("visits").ok().flatten().unwrap_or_default().len();
                let entry = storage::Entry {
                    key: "visits".to_owned(),
                    value: vec![b'x'; seen + 1],
                    ttl: None,
                };
                Ok(answer(format!("{} {:?}", seen + 1, storage::set(&entry)).into_bytes()))
            }
            "large" => Ok(answer(vec![b'x'; number])),
            "panic" => panic!("a page crashes"),
            "spin" => loop {
                std::hint::black_box(());
            },
            "error" => Err(ErrorCode::InternalError(Some("no".to_owned()))),
            _ => Ok(answer(format!("p3 {path}").into_bytes())),
        }
    }
}

fn answer(body: Vec<u8>) -> Response {
    let (mut writer, reader) = wit_stream::new();
    let (trailers, no_trailers) = wit_future::new(|| Ok(None));
    let fields = Fields::new();
    let _ = fields.append("content-type", b"text/plain; charset=utf-8");
    let (response, _sent) = Response::new(fields, Some(reader), no_trailers);
    wit_bindgen::spawn_local(async move {
        writer.write_all(body).await;
        drop(writer);
        let _ = trailers.write(Ok(None)).await;
    });
    response
}

export!(Pages);
