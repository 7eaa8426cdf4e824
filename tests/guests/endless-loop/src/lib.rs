//! A guest that never comes to an end: it spins, sleeps or waits, at once or in the middle of an answer.
//! Anywhere else it answers, so that a test can see it would.

use kit::{
    http::{Answer, Content, Request, text, write_all},
    pages::{fieldservice::plugins::company, wasi::clocks::monotonic_clock},
};

kit::manifest!("../plugin.toml");
kit::pages!(serve);

fn serve(request: Request) -> Answer {
    match request.page() {
        "spin" => spin(),
        "sleep" => sleep(),
        "calls" => loop {
            std::hint::black_box(company::now());
        },
        "half" => Answer {
            body: Content::Written(Box::new(|stream| {
                write_all(stream, b"half a page");
                sleep()
            })),
            ..text("")
        },
        "asleep" => Answer {
            body: Content::Written(Box::new(|stream| {
                write_all(stream, &vec![b'x'; 2 << 20]);
                sleep()
            })),
            ..text("")
        },
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

/// Wait for a moment that does not come.
fn sleep() -> ! {
    loop {
        monotonic_clock::subscribe_duration(u64::MAX).block();
    }
}
