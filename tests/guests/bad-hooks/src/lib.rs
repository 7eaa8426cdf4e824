//! A guest whose hooks never return, crash, or answer far too much: its setting `mode` says which.
//! Without a mode it answers, so that a test can see it would.

mod hooks {
    wit_bindgen::generate!({
        path: "../../../wit",
        inline: "
            package fixture:bad-hooks;
            world bad-hooks {
                import fieldservice:plugins/company@1.0.0;
                export fieldservice:plugins/lifecycle@1.0.0;
                export fieldservice:plugins/actions-menu@1.0.0;
                export fieldservice:plugins/template-fields@1.0.0;
            }
        ",
        world: "fixture:bad-hooks/bad-hooks",
        generate_all,
    });
    export!(BadHooks);
    use super::BadHooks;
}

use hooks::{
    exports::fieldservice::plugins::{
        actions_menu::{self, Element, MenuItem, Panel, Submission, Target, Text},
        lifecycle::{self, Occasion, Setting},
        template_fields::{self, Field, Request},
    },
    fieldservice::plugins::{
        company,
        types::{Channel, Error},
    },
};
use std::time::Duration;

kit::manifest!("../plugin.toml");

struct BadHooks;

/// The mode, unless it is one that leaves no hook alive.
fn mode() -> String {
    let settings = company::settings().unwrap_or_default();
    let mode = settings
        .into_iter()
        .find(|setting| setting.key == "mode")
        .map(|setting| setting.value)
        .unwrap_or_default();
    match mode.as_str() {
        "spin" => loop {
            std::hint::black_box(());
        },
        "sleep" => loop {
            std::thread::sleep(Duration::from_secs(1_000_000));
        },
        "panic" => panic!("a hook crashes"),
        _ => mode,
    }
}

fn wordy<T>() -> Result<T, Error> {
    Err(Error::Conflict("x".repeat(1 << 20)))
}

impl lifecycle::Guest for BadHooks {
    fn enable(_: Occasion, _: Vec<Setting>) -> Result<(), Error> {
        match mode().as_str() {
            "wordy" => wordy(),
            _ => Ok(()),
        }
    }

    fn disable() -> Result<(), Error> {
        Ok(())
    }

    fn settings_changed(_: Vec<Setting>) -> Result<(), Error> {
        Ok(())
    }
}

fn panel(mode: &str) -> Panel {
    let text = |body: String| Element::Text(Text { body });
    let elements = match mode {
        "million" => vec![text(String::new()); 300_000],
        "many" => vec![text("a line".to_owned()); 5_000],
        "words" => vec![text("x".repeat(1 << 20))],
        _ => vec![text("fine".to_owned())],
    };
    Panel {
        title: "Panel".to_owned(),
        notice: None,
        elements,
    }
}

impl actions_menu::Guest for BadHooks {
    fn items(_: Target) -> Result<Vec<MenuItem>, Error> {
        let item = |label: String| MenuItem {
            id: "share".to_owned(),
            label,
        };
        Ok(match mode().as_str() {
            "million" => vec![item(String::new()); 1_000_000],
            "many" => vec![item("Share".to_owned()); 5_000],
            "words" => vec![item("Share\n".repeat(100_000))],
            "wordy" => return wordy(),
            _ => vec![item("Share".to_owned())],
        })
    }

    fn open(_: String, _: Target) -> Result<Panel, Error> {
        match mode().as_str() {
            "wordy" => wordy(),
            mode => Ok(panel(mode)),
        }
    }

    fn submit(_: String, _: Target, _: Submission) -> Result<Panel, Error> {
        Ok(panel(&mode()))
    }
}

impl template_fields::Guest for BadHooks {
    fn fields() -> Vec<Field> {
        let field = |label: String| Field {
            key: "link".to_owned(),
            label,
            description: String::new(),
            channels: vec![Channel::Email],
            sample: String::new(),
        };
        match mode().as_str() {
            "million" => vec![field(String::new()); 300_000],
            "many" => vec![field("Link".to_owned()); 5_000],
            "words" => vec![field("Link".repeat(100_000))],
            _ => vec![field("Link".to_owned())],
        }
    }

    fn resolve(requests: Vec<Request>) -> Vec<Result<String, Error>> {
        let count = match mode().as_str() {
            "million" => 1_000_000,
            "many" => requests.len() + 1,
            "few" => requests.len() - 1,
            _ => requests.len(),
        };
        (0..count).map(|_| Ok(String::new())).collect()
    }
}
