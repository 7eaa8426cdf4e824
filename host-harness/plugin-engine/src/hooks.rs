//! What hooks take and give: menus, declarative panels and template fields as plain Rust.
//! The JSON spelling is part of the host's API: kebab-case words as in `wit/hooks.wit`.

use crate::names;
use capabilities::{Channel, CustomerId, Tone};
use serde::{Deserialize, Serialize};

/// Why a plugin is being enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Occasion {
    /// The company switched it on.
    Enabled,
    /// The company had this version and gets another one.
    Upgraded(String),
}

/// The record whose Actions menu is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A customer's profile.
    Customer(CustomerId),
}

/// The member of staff who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The host's id of the member of staff.
    pub id: String,
    /// Name as shown to colleagues.
    pub name: String,
}

/// A record and who looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The record.
    pub subject: Subject,
    /// The member of staff.
    pub actor: Actor,
}

impl Target {
    /// A customer's profile as seen by a member of staff.
    pub fn customer(customer: impl Into<CustomerId>, actor: Actor) -> Self {
        Self {
            subject: Subject::Customer(customer.into()),
            actor,
        }
    }
}

/// An entry of an Actions menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuItem {
    /// Names it in `open_panel`.
    pub id: String,
    /// Words in the menu.
    pub label: String,
}

/// How much a button stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ButtonStyle {
    /// What one came for.
    Primary,
    /// Anything else.
    Secondary,
    /// Takes something away.
    Danger,
}

/// Something to press; names itself in `Submission::button`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Its name in a submission.
    pub key: String,
    /// Words on it.
    pub label: String,
    /// How much it stands out.
    pub style: ButtonStyle,
}

/// One of a `Select`'s choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is submitted.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// A row of a `Table`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRow {
    /// One text per column.
    pub cells: Vec<String>,
    /// What can be done with the row.
    pub buttons: Vec<Button>,
}

/// One thing on a panel; a host draws it in its own style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Element {
    /// Running text.
    Text {
        /// Plain text.
        body: String,
    },
    /// An on/off choice.
    Checkbox {
        /// Its name in a submission.
        key: String,
        /// Words beside it.
        label: String,
        /// What switching it means, or empty.
        help: String,
        /// Whether it is on.
        checked: bool,
        /// Submit the panel as soon as it is switched, naming `key` as the button.
        immediate: bool,
    },
    /// One of several.
    Select {
        /// Its name in a submission.
        key: String,
        /// Words beside it.
        label: String,
        /// What can be chosen.
        choices: Vec<Choice>,
        /// `value` of the present choice.
        selected: String,
    },
    /// A line of text to enter.
    TextInput {
        /// Its name in a submission.
        key: String,
        /// Words beside it.
        label: String,
        /// What to enter, or empty.
        help: String,
        /// What stands in it.
        value: String,
    },
    /// An address to copy.
    Link {
        /// What the address is.
        label: String,
        /// The address.
        url: String,
        /// Words on the copy button.
        #[serde(rename = "copy-label")]
        copy_label: String,
        /// Until when it works and the like, or empty.
        help: String,
        /// Offer it as a QR code too.
        #[serde(default)]
        qr: bool,
    },
    /// A labelled status.
    Badge {
        /// What it is about.
        label: String,
        /// How it stands.
        value: String,
        /// How it should feel.
        #[serde(with = "names::tone")]
        tone: Tone,
    },
    /// Something to press.
    Button(Button),
    /// Rows and columns.
    Table {
        /// What it lists.
        caption: String,
        /// Headings.
        columns: Vec<String>,
        /// Rows, each with one cell per column.
        rows: Vec<TableRow>,
        /// Shown instead of rows when there are none.
        empty: String,
    },
}

/// What just happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How it should feel.
    #[serde(with = "names::tone")]
    pub tone: Tone,
    /// Plain text.
    pub text: String,
}

/// What a menu entry opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// Heading.
    pub title: String,
    /// What just happened, or none.
    pub notice: Option<Notice>,
    /// From top to bottom.
    pub elements: Vec<Element>,
}

/// A value left in an input; checkboxes say `true` or `false`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputValue {
    /// Key of the input.
    pub key: String,
    /// Its text.
    pub value: String,
}

/// A panel sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// Key of the button pressed, or of the immediate checkbox switched.
    pub button: String,
    /// What stood in the inputs.
    #[serde(default)]
    pub values: Vec<InputValue>,
}

/// A field for message templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its key within the plugin.
    pub key: String,
    /// Words in the *Insert Field Value* list.
    pub label: String,
    /// What it becomes.
    pub description: String,
    /// Messages it can stand in.
    #[serde(with = "names::channels")]
    pub channels: Vec<Channel>,
    /// What a value looks like.
    pub sample: String,
}

/// One value asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRequest {
    /// `Field::key`.
    pub field: String,
    /// Whose value.
    pub customer: CustomerId,
    /// The message it stands in.
    #[serde(with = "names::channel")]
    pub channel: Channel,
    /// The host's id of that message; none for a preview, which must change nothing.
    #[serde(default)]
    pub message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn panels_have_the_documented_json() {
        let panel = Panel {
            title: "Portal".into(),
            notice: Some(Notice {
                tone: Tone::Success,
                text: "Saved".into(),
            }),
            elements: vec![
                Element::Link {
                    label: "Link".into(),
                    url: "https://x".into(),
                    copy_label: "Copy".into(),
                    help: String::new(),
                    qr: true,
                },
                Element::Button(Button {
                    key: "go".into(),
                    label: "Go".into(),
                    style: ButtonStyle::Danger,
                }),
            ],
        };
        let expected = json!({
            "title": "Portal",
            "notice": {"tone": "success", "text": "Saved"},
            "elements": [
                {"type": "link", "label": "Link", "url": "https://x", "copy-label": "Copy", "help": "", "qr": true},
                {"type": "button", "key": "go", "label": "Go", "style": "danger"},
            ],
        });
        assert_eq!(serde_json::to_value(&panel).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Panel>(expected).unwrap(), panel);
    }

    #[test]
    fn a_submission_refuses_keys_it_does_not_know() {
        let good = json!({"button": "save", "values": [{"key": "a", "value": "true"}]});
        assert_eq!(serde_json::from_value::<Submission>(good).unwrap().values.len(), 1);
        assert!(serde_json::from_value::<Submission>(json!({"button": "save", "extra": 1})).is_err());
    }

    #[test]
    fn a_field_request_spells_its_channel() {
        let request = json!({"field": "link", "customer": "C1", "channel": "sms"});
        assert_eq!(
            serde_json::from_value::<FieldRequest>(request).unwrap().channel,
            Channel::Sms
        );
        assert!(
            serde_json::from_value::<FieldRequest>(json!({"field": "x", "customer": "C1", "channel": "fax"})).is_err()
        );
    }
}
