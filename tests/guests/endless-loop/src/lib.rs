//! A guest that spins: at once on `/spin`, in the middle of a long answer on `/late`.
//! Anywhere else it answers, so that a test can see it would.

use kit::http::{Answer, Content, Request, text, write_all};

kit::manifest!("../plugin.toml");
kit::pages!(serve);

fn serve(request: Request) -> Answer {
    match request.page() {
        "spin" => spin(),
        "late" => Answer {
            body: Content::Written(Box::new(|stream| {
                write_all(stream, &vec![b'x'; 2 << 20]);
                spin()
            })),
            ..text("")
        },
        _ => text("fine"),
    }
}

fn spin() -> ! {
    loop {
        std::hint::black_box(());
    }
}
