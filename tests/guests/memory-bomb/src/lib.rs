//! A guest that takes memory: all it can get on `/explode`, as many MiB as asked on `/take?N`.
//! Anywhere else it answers, so that a test can see it would.

use kit::http::{Answer, Request, text};

kit::manifest!("../plugin.toml");
kit::pages!(serve);

fn serve(request: Request) -> Answer {
    match request.page() {
        "explode" => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(vec![1_u8; 1 << 20]);
                std::hint::black_box(&hoard);
            }
        }
        "take" => {
            let hoard: Vec<_> = (0..request.number()).map(|_| vec![1_u8; 1 << 20]).collect();
            text(format!("took {} MiB", std::hint::black_box(&hoard).len()))
        }
        _ => text("fine"),
    }
}
