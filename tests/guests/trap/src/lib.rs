//! A guest that crashes: before it answers, in the middle, by exit, out of stack, and when enabled.
//! Anywhere else it answers, so that a test can see it would.

use kit::http::{Answer, Content, Request, text, write_all};

kit::manifest!("../plugin.toml");
kit::pages!(serve);

mod hooks {
    wit_bindgen::generate!({
        path: "../../../wit",
        inline: "
            package fixture:trap;
            world trap {
                export fieldservice:plugins/lifecycle@1.0.0;
            }
        ",
        world: "fixture:trap/trap",
        generate_all,
    });

    struct Hooks;

    impl exports::fieldservice::plugins::lifecycle::Guest for Hooks {
        fn enable(
            _: exports::fieldservice::plugins::lifecycle::Occasion,
            _: Vec<exports::fieldservice::plugins::lifecycle::Setting>,
        ) -> Result<(), fieldservice::plugins::types::Error> {
            panic!("enable crashes")
        }

        fn disable() -> Result<(), fieldservice::plugins::types::Error> {
            Ok(())
        }

        fn settings_changed(
            _: Vec<exports::fieldservice::plugins::lifecycle::Setting>,
        ) -> Result<(), fieldservice::plugins::types::Error> {
            Ok(())
        }
    }

    export!(Hooks);
}

fn serve(request: Request) -> Answer {
    match request.page() {
        "panic" => panic!("a page crashes"),
        "recurse" => text(depth(u64::try_from(request.path.len()).unwrap_or(1)).to_string()),
        "exit" => std::process::exit(3),
        "midway" => Answer {
            body: Content::Written(Box::new(|stream| {
                write_all(stream, b"half a page");
                panic!("crashes with half a page out")
            })),
            ..text("")
        },
        "late" => Answer {
            body: Content::Written(Box::new(|stream| {
                write_all(stream, &vec![b'x'; 2 << 20]);
                panic!("crashes in a stream")
            })),
            ..text("")
        },
        _ => text("fine"),
    }
}

/// Deeper than any stack: each step needs the one below it and a page of its own.
fn depth(step: u64) -> u64 {
    if step == 0 {
        return 0;
    }
    let page = std::hint::black_box([step; 64]);
    depth(step.wrapping_add(1)).wrapping_add(page[63])
}
