//! What a plugin adds to a customer's Actions menu: its panel drawn from the declarative answer, and sent back.
//! Opening may make something (a link, say), so it is a post; a refusal shows as a notice inside the panel.

use super::{
    failure,
    form::{Choice, Posted},
    layout::{Nav, Page},
    office::Office,
    view::{Link, Pill, tone},
};
use crate::{
    AppState,
    plugins::PluginError,
    web::{Failure, page, see_other},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
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
}

/// One thing on a panel, ready to draw.
enum Element {
    Text(String),
    Checkbox(CheckboxView),
    Select(SelectView),
    Input(InputView),
    Link(LinkView),
    Badge(BadgeView),
    Button(ButtonView),
    Table(TableView),
}

/// A panel, ready to draw.
struct PanelView {
    title: String,
    action: String,
    notice: Option<Pill>,
    checkboxes: Vec<String>,
    /// What the enter key in a line of text presses.
    default_button: Option<String>,
    elements: Vec<Element>,
}

impl PanelView {
    fn new(panel: Panel, action: String) -> Self {
        let mut checkboxes = Vec::new();
        let types = panel.elements.iter().any(|told| matches!(told, Told::TextInput { .. }));
        let default_button = panel.elements.iter().find_map(|told| match told {
            Told::Button(button) if types => Some(button.key.clone()),
            _ => None,
        });
        let elements = panel
            .elements
            .into_iter()
            .enumerate()
            .map(|(n, told)| draw(n, told, &mut checkboxes))
            .collect();
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

    /// Put back what was typed before a refusal.
    fn refill(&mut self, submission: &Submission) {
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
        } => Element::Link(LinkView {
            id,
            label,
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
        Told::Button(button) => Element::Button(button.into()),
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
fn read(posted: &Posted) -> Submission {
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

#[derive(askama::Template)]
#[template(path = "console/panel.html")]
struct PanelPage {
    page: Page,
    back: Link,
    panel: PanelView,
}

struct Place {
    customer: String,
    plugin: String,
    item: String,
}

type PlacePath = Path<(String, String, String, String)>;

impl Place {
    fn new(Path((_, customer, plugin, item)): PlacePath) -> Self {
        Self { customer, plugin, item }
    }

    fn action(&self, office: &Office) -> String {
        let profile = office.record("customers", &self.customer);
        format!(
            "{profile}/actions/{}/{}/submit",
            super::words::encode(&self.plugin),
            super::words::encode(&self.item)
        )
    }
}

async fn show(
    state: &AppState,
    office: &Office,
    place: &Place,
    status: StatusCode,
    panel: PanelView,
) -> Result<Response, Failure> {
    let customer = state
        .platform
        .customers()
        .get(office.id(), &place.customer)
        .await
        .map_err(failure)?;
    let back = Link::new(office.record("customers", &place.customer), customer.display_name());
    Ok(page(
        status,
        &PanelPage {
            page: office.page(panel.title.clone(), Nav::Customers),
            back,
            panel,
        },
    ))
}

/// A panel that holds nothing but why there is none.
fn refusal(place: &Place, office: &Office, error: &PluginError) -> PanelView {
    PanelView {
        title: "That did not work".into(),
        action: place.action(office),
        notice: Some(Pill::new(error.message(), Tone::Danger)),
        checkboxes: Vec::new(),
        default_button: None,
        elements: Vec::new(),
    }
}

/// `GET …/actions/{plugin}/{item}`: a panel is opened by its menu entry; its address leads back to the profile.
pub(super) async fn back_to_profile(office: Office, path: PlacePath) -> Response {
    see_other(&office.record("customers", &Place::new(path).customer))
}

/// `POST …/actions/{plugin}/{item}`
pub(super) async fn open(State(state): State<AppState>, office: Office, path: PlacePath) -> Result<Response, Failure> {
    let place = Place::new(path);
    let opened = state
        .plugins
        .open_panel(office.id(), &place.plugin, &place.item, &place.customer, &office.call())
        .await;
    match opened {
        Ok(panel) => {
            let panel = PanelView::new(panel, place.action(&office));
            show(&state, &office, &place, StatusCode::OK, panel).await
        }
        Err(error) if error.status() == StatusCode::NOT_FOUND => Err(error.into()),
        Err(error) => {
            show(
                &state,
                &office,
                &place,
                error.status(),
                refusal(&place, &office, &error),
            )
            .await
        }
    }
}

/// `POST …/actions/{plugin}/{item}/submit`
pub(super) async fn submit(
    State(state): State<AppState>,
    office: Office,
    path: PlacePath,
    posted: Posted,
) -> Result<Response, Failure> {
    let place = Place::new(path);
    let submission = read(&posted);
    let (plugins, context) = (&state.plugins, office.call());
    let answered = plugins
        .submit_panel(
            office.id(),
            &place.plugin,
            &place.item,
            &place.customer,
            submission.clone(),
            &context,
        )
        .await;
    let error = match answered {
        Ok(panel) => {
            let panel = PanelView::new(panel, place.action(&office));
            return show(&state, &office, &place, StatusCode::OK, panel).await;
        }
        Err(error) if error.status() == StatusCode::NOT_FOUND => return Err(error.into()),
        Err(error) => error,
    };
    // The panel again, as it stands now, with what was typed and why it was refused.
    let panel = match plugins
        .open_panel(office.id(), &place.plugin, &place.item, &place.customer, &context)
        .await
    {
        Ok(panel) => {
            let mut panel = PanelView::new(panel, place.action(&office));
            panel.notice = Some(Pill::new(error.message(), Tone::Danger));
            panel.refill(&submission);
            panel
        }
        Err(_) => refusal(&place, &office, &error),
    };
    show(&state, &office, &place, error.status(), panel).await
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
