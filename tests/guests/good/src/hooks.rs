//! The hooks: lifecycle, an Actions menu with a panel of every element, and a template field.
//! Answers repeat what was asked, for a test to see that it arrived.

wit_bindgen::generate!({
    path: "../../../wit",
    inline: "
        package fixture:good;
        world hooks {
            export fieldservice:plugins/lifecycle@1.0.0;
            export fieldservice:plugins/actions-menu@1.0.0;
            export fieldservice:plugins/template-fields@1.0.0;
        }
    ",
    world: "fixture:good/hooks",
    generate_all,
});

use exports::fieldservice::plugins::{
    actions_menu::{self, *},
    lifecycle::{self, Occasion, Setting},
    template_fields::{self, Field, Request},
};
use fieldservice::plugins::types::{Channel, Error, FieldError, Tone};

struct Hooks;

impl lifecycle::Guest for Hooks {
    fn enable(occasion: Occasion, settings: Vec<Setting>) -> Result<(), Error> {
        match occasion {
            Occasion::Upgraded(from) if from == "0.9.0" => Err(Error::Conflict(format!(
                "cannot upgrade from {from} with {} settings",
                settings.len()
            ))),
            _ => Ok(()),
        }
    }

    fn disable() -> Result<(), Error> {
        Ok(())
    }

    fn settings_changed(settings: Vec<Setting>) -> Result<(), Error> {
        match settings.iter().find(|setting| setting.value == "13") {
            Some(setting) => Err(Error::Invalid(vec![FieldError {
                field: setting.key.clone(),
                code: "not-allowed".to_owned(),
                message: "Not 13.".to_owned(),
            }])),
            None => Ok(()),
        }
    }
}

fn panel(target: Target, notice: Option<Notice>) -> Panel {
    let Subject::Customer(customer) = target.subject;
    Panel {
        title: format!("{customer} by {}", target.actor.name),
        notice,
        elements: vec![
            Element::Text(Text {
                body: "Text".to_owned(),
            }),
            Element::Checkbox(Checkbox {
                key: "protected".to_owned(),
                label: "Password Protected".to_owned(),
                help: String::new(),
                checked: true,
                immediate: true,
            }),
            Element::Select(Select {
                key: "days".to_owned(),
                label: "Days".to_owned(),
                choices: vec![Choice {
                    value: "7".to_owned(),
                    label: "A week".to_owned(),
                }],
                selected: "7".to_owned(),
            }),
            Element::TextInput(TextInput {
                key: "note".to_owned(),
                label: "Note".to_owned(),
                help: String::new(),
                value: String::new(),
            }),
            Element::Link(CopyableLink {
                label: "Link".to_owned(),
                url: format!("https://example.com/{customer}"),
                copy_label: "Copy".to_owned(),
                help: String::new(),
                qr: true,
            }),
            Element::Badge(Badge {
                label: "Status".to_owned(),
                value: "Registered".to_owned(),
                tone: Tone::Success,
            }),
            Element::Button(Button {
                key: "save".to_owned(),
                label: "Save".to_owned(),
                style: ButtonStyle::Primary,
            }),
            Element::Table(Table {
                caption: "Links".to_owned(),
                columns: vec!["Sent".to_owned()],
                rows: vec![TableRow {
                    cells: vec!["today".to_owned()],
                    buttons: Vec::new(),
                }],
                empty: "None".to_owned(),
            }),
        ],
    }
}

/// The error a button is named after.
fn refusal(button: &str) -> Option<Error> {
    let why = || "As the button says.".to_owned();
    Some(match button {
        "denied" => Error::Denied(why()),
        "conflict" => Error::Conflict(why()),
        "invalid" => Error::Invalid(vec![FieldError {
            field: "note".to_owned(),
            code: "not-allowed".to_owned(),
            message: why(),
        }]),
        "invalid-all" => Error::Invalid(Vec::new()),
        "rate-limited" => Error::RateLimited(7),
        "unavailable" => Error::Unavailable(why()),
        _ => return None,
    })
}

impl actions_menu::Guest for Hooks {
    fn items(_: Target) -> Result<Vec<MenuItem>, Error> {
        let item = |id: &str| MenuItem {
            id: id.to_owned(),
            label: "Share it".to_owned(),
        };
        Ok(vec![item("share"), item("undeclared")])
    }

    fn open(item: String, target: Target) -> Result<Panel, Error> {
        if item == "share" {
            Ok(panel(target, None))
        } else {
            Err(Error::NotFound)
        }
    }

    fn submit(_: String, target: Target, submission: Submission) -> Result<Panel, Error> {
        if let Some(refusal) = refusal(&submission.button) {
            return Err(refusal);
        }
        let values: Vec<_> = submission
            .values
            .iter()
            .map(|v| format!("{}={}", v.key, v.value))
            .collect();
        let text = format!("{} {}", submission.button, values.join(" "));
        Ok(panel(target, Some(Notice { tone: Tone::Info, text })))
    }
}

impl template_fields::Guest for Hooks {
    fn fields() -> Vec<Field> {
        vec![Field {
            key: "link".to_owned(),
            label: "Link".to_owned(),
            description: String::new(),
            channels: vec![Channel::Email],
            sample: "https://example.com/l/sample".to_owned(),
        }]
    }

    fn resolve(requests: Vec<Request>) -> Vec<Result<String, Error>> {
        requests
            .into_iter()
            .map(|r| Ok(format!("{}/{:?}", r.customer, r.message)))
            .collect()
    }
}

export!(Hooks);
