//! A plugin's panel ready to draw, and what was posted back from it: text, choices, links, badges, buttons, tables.
//! What a plugin says is text here and in the template, never markup.

use super::{
    form::{Choice, Posted},
    layout::Page,
    qr::QrCode,
    view::{Link, Pill, tone},
};
use capabilities::Tone;
use plugin_engine::{Button, ButtonStyle, Element as Told, InputValue, Panel, Submission};

/// Before the key of every input, so that a plugin's keys cannot meet the form's own.
const PREFIX: &str = "v.";

struct ButtonView {
    key: String,
    label: String,
    style: &'static str,
}

impl From<Button> for ButtonView {
    fn from(button: Button) -> Self {
        let style = match button.style {
            ButtonStyle::Primary => "primary",
            ButtonStyle::Secondary => "secondary",
            ButtonStyle::Danger => "danger",
        };
        Self {
            key: button.key,
            label: button.label,
            style,
        }
    }
}

struct CheckboxView {
    id: String,
    key: String,
    name: String,
    label: String,
    help: String,
    checked: bool,
    immediate: bool,
}

struct SelectView {
    id: String,
    name: String,
    label: String,
    choices: Vec<Choice>,
    selected: String,
}

struct InputView {
    id: String,
    name: String,
    label: String,
    help: String,
    value: String,
}

struct LinkView {
    id: String,
    label: String,
    url: String,
    copy_label: String,
    help: String,
    qr: Option<QrCode>,
}

struct BadgeView {
    label: String,
    value: String,
    tone: &'static str,
}

struct TableRowView {
    cells: Vec<String>,
    buttons: Vec<ButtonView>,
}

struct TableView {
    caption: String,
    columns: Vec<String>,
    rows: Vec<TableRowView>,
    empty: String,
    buttons: bool,
}

impl TableView {
    fn width(&self) -> usize {
        self.columns.len() + usize::from(self.buttons)
    }

    /// The heading of a column, empty past the last one; a phone shows it beside every cell.
    fn label(&self, index: &usize) -> &str {
        self.columns.get(*index).map_or("", String::as_str)
    }
}

/// One thing on a panel, ready to draw.
enum Element {
    Text(String),
    Checkbox(CheckboxView),
    Select(SelectView),
    Input(InputView),
    Link(LinkView),
    Badge(BadgeView),
    /// Buttons that stand one after the other, on one line where there is room.
    Buttons(Vec<ButtonView>),
    Table(TableView),
}

/// A panel, ready to draw.
pub(super) struct PanelView {
    pub(super) title: String,
    action: String,
    pub(super) notice: Option<Pill>,
    checkboxes: Vec<String>,
    /// What the enter key in a line of text presses.
    default_button: Option<String>,
    elements: Vec<Element>,
}

impl PanelView {
    pub(super) fn new(panel: Panel, action: String) -> Self {
        let mut checkboxes = Vec::new();
        let types = panel.elements.iter().any(|told| matches!(told, Told::TextInput { .. }));
        let default_button = panel.elements.iter().find_map(|told| match told {
            Told::Button(button) if types => Some(button.key.clone()),
            _ => None,
        });
        let mut elements = Vec::new();
        for (n, told) in panel.elements.into_iter().enumerate() {
            match (draw(n, told, &mut checkboxes), elements.last_mut()) {
                (Element::Buttons(more), Some(Element::Buttons(row))) => row.extend(more),
                (element, _) => elements.push(element),
            }
        }
        let notice = panel.notice.map(|notice| Pill::new(notice.text, notice.tone));
        Self {
            title: panel.title,
            action,
            notice,
            checkboxes,
            default_button,
            elements,
        }
    }

    /// A panel that holds nothing but why there is none.
    pub(super) fn refusal(why: String, action: String) -> Self {
        Self {
            title: "That did not work".into(),
            action,
            notice: Some(Pill::new(why, Tone::Danger)),
            checkboxes: Vec::new(),
            default_button: None,
            elements: Vec::new(),
        }
    }

    /// Put back what was typed before a refusal.
    pub(super) fn refill(&mut self, submission: &Submission) {
        let typed = |name: &str| {
            submission
                .values
                .iter()
                .find(|value| name.strip_prefix(PREFIX) == Some(&value.key))
                .map(|v| v.value.clone())
        };
        for element in &mut self.elements {
            match element {
                Element::Input(input) => input.value = typed(&input.name).unwrap_or_default(),
                Element::Select(select) => select.selected = typed(&select.name).unwrap_or_default(),
                Element::Checkbox(checkbox) if !checkbox.immediate => {
                    checkbox.checked = typed(&checkbox.name).as_deref() == Some("true");
                }
                _ => {}
            }
        }
    }
}

fn draw(n: usize, told: Told, checkboxes: &mut Vec<String>) -> Element {
    let id = format!("panel-{n}");
    let name = |key: &str| format!("{PREFIX}{key}");
    match told {
        Told::Text { body } => Element::Text(body),
        Told::Checkbox {
            key,
            label,
            help,
            checked,
            immediate,
        } => {
            checkboxes.push(key.clone());
            Element::Checkbox(CheckboxView {
                id,
                name: name(&key),
                key,
                label,
                help,
                checked,
                immediate,
            })
        }
        Told::Select {
            key,
            label,
            choices,
            selected,
        } => Element::Select(SelectView {
            id,
            name: name(&key),
            label,
            choices: choices
                .into_iter()
                .map(|choice| Choice::new(choice.value, choice.label))
                .collect(),
            selected,
        }),
        Told::TextInput {
            key,
            label,
            help,
            value,
        } => Element::Input(InputView {
            id,
            name: name(&key),
            label,
            help,
            value,
        }),
        Told::Link {
            label,
            url,
            copy_label,
            help,
            qr,
        } => Element::Link(LinkView {
            id,
            label,
            qr: if qr { QrCode::of(&url) } else { None },
            url,
            copy_label,
            help,
        }),
        Told::Badge {
            label,
            value,
            tone: feels,
        } => Element::Badge(BadgeView {
            label,
            value,
            tone: tone(feels),
        }),
        Told::Button(button) => Element::Buttons(vec![button.into()]),
        Told::Table {
            caption,
            columns,
            rows,
            empty,
        } => Element::Table(TableView {
            buttons: rows.iter().any(|row| !row.buttons.is_empty()),
            rows: rows
                .into_iter()
                .map(|row| TableRowView {
                    cells: row.cells,
                    buttons: row.buttons.into_iter().map(ButtonView::from).collect(),
                })
                .collect(),
            caption,
            columns,
            empty,
        }),
    }
}

/// What a posted panel says: the button pressed and every input, unticked checkboxes as `false`.
pub(super) fn read(posted: &Posted) -> Submission {
    let mut values: Vec<InputValue> = posted
        .iter()
        .filter_map(|(name, value)| {
            let key = name.strip_prefix(PREFIX)?.to_owned();
            Some(InputValue {
                key,
                value: value.replace("\r\n", "\n"),
            })
        })
        .collect();
    for key in posted.all("checkbox") {
        if !values.iter().any(|value| value.key == key) {
            values.push(InputValue {
                key: key.to_owned(),
                value: "false".into(),
            });
        }
    }
    Submission {
        button: posted.raw("button").to_owned(),
        values,
    }
}

/// The panel as a page of its own.
#[derive(askama::Template)]
#[template(path = "console/panel.html")]
pub(super) struct PanelPage {
    pub(super) page: Page,
    pub(super) back: Link,
    pub(super) panel: PanelView,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel() -> Panel {
        let checkbox = |key: &str, immediate| Told::Checkbox {
            key: key.into(),
            label: "L".into(),
            help: String::new(),
            checked: true,
            immediate,
        };
        Panel {
            title: "T".into(),
            notice: None,
            elements: vec![
                checkbox("protected", true),
                checkbox("notify", false),
                Told::TextInput {
                    key: "note".into(),
                    label: "Note".into(),
                    help: String::new(),
                    value: "old".into(),
                },
            ],
        }
    }

    #[test]
    fn a_switched_off_checkbox_is_sent_as_false() {
        let posted = Posted::from(
            [
                ("checkbox", "protected"),
                ("checkbox", "notify"),
                ("v.notify", "true"),
                ("v.note", "a\r\nb"),
                ("button", "protected"),
                ("unrelated", "x"),
            ]
            .as_slice(),
        );
        let submission = read(&posted);
        assert_eq!(submission.button, "protected");
        let values: Vec<_> = submission
            .values
            .iter()
            .map(|v| (v.key.as_str(), v.value.as_str()))
            .collect();
        assert_eq!(values, [("notify", "true"), ("note", "a\nb"), ("protected", "false")]);
    }

    #[test]
    fn a_plugins_keys_cannot_meet_the_forms_own() {
        let posted = Posted::from([("v.button", "fake"), ("button", "save"), ("v.checkbox", "x")].as_slice());
        let submission = read(&posted);
        assert_eq!(submission.button, "save");
        assert_eq!(submission.values.len(), 2);
    }

    #[test]
    fn what_was_typed_survives_a_refusal_and_real_state_wins_for_switches() {
        let mut view = PanelView::new(panel(), "/x".into());
        assert_eq!(view.checkboxes, ["protected", "notify"]);
        let value = |key: &str, value: &str| InputValue {
            key: key.into(),
            value: value.into(),
        };
        view.refill(&Submission {
            button: "save".into(),
            values: vec![
                value("protected", "false"),
                value("notify", "false"),
                value("note", "typed"),
            ],
        });
        let seen: Vec<String> = view
            .elements
            .iter()
            .map(|element| match element {
                Element::Checkbox(c) => c.checked.to_string(),
                Element::Input(i) => i.value.clone(),
                _ => String::new(),
            })
            .collect();
        assert_eq!(seen, ["true", "false", "typed"]);
    }

    #[test]
    fn what_a_plugin_says_is_text_and_never_markup() {
        use askama::Template;
        let hostile = "<script>alert(1)</script>\"'";
        let panel = Panel {
            title: hostile.into(),
            notice: None,
            elements: vec![
                Told::Text { body: hostile.into() },
                Told::Link {
                    label: hostile.into(),
                    url: hostile.into(),
                    copy_label: hostile.into(),
                    help: hostile.into(),
                    qr: true,
                },
            ],
        };
        let page = PanelPage {
            page: Page::bare("x"),
            back: Link::new("/", "x"),
            panel: PanelView::new(panel, "/x".into()),
        };
        assert!(page.render().is_ok_and(|html| !html.contains("<script>alert")));
    }
}
