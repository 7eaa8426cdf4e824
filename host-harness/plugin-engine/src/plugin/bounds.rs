//! How much of a hook's answer is taken. The call itself bounds its bytes; this bounds what a page of the
//! host's is made of, so that no panel or menu is too long to be drawn.

use crate::{
    config::Limits,
    hooks::{Button, Element, Field, MenuItem, Panel},
};
use std::collections::BTreeSet;

/// Longest label, as in a manifest.
const LABEL_CHARS: usize = 80;
/// Longest description or sample, as in a manifest.
const TEXT_CHARS: usize = 500;

/// What a panel amounts to, against what it may: the error says how much too much.
pub(super) fn panel(panel: &Panel, limits: &Limits) -> Result<(), String> {
    let mut size = Size::default();
    size.text(&panel.title);
    if let Some(notice) = &panel.notice {
        size.text(&notice.text);
    }
    panel.elements.iter().for_each(|element| size.element(element));
    if size.parts > limits.panel_elements {
        return Err(format!("its panel has {} parts", size.parts));
    }
    if size.bytes > limits.panel_bytes {
        return Err(format!("its panel has {} bytes of text", size.bytes));
    }
    Ok(())
}

#[derive(Default)]
struct Size {
    parts: usize,
    bytes: usize,
}

impl Size {
    fn text(&mut self, text: &str) {
        self.bytes = self.bytes.saturating_add(text.len());
    }

    fn part(&mut self, texts: &[&str]) {
        self.parts = self.parts.saturating_add(1);
        texts.iter().for_each(|text| self.text(text));
    }

    fn button(&mut self, button: &Button) {
        self.part(&[&button.key, &button.label]);
    }

    fn element(&mut self, element: &Element) {
        match element {
            Element::Text { body } => self.part(&[body]),
            Element::Checkbox { key, label, help, .. } => self.part(&[key, label, help]),
            Element::Select {
                key,
                label,
                choices,
                selected,
            } => {
                self.part(&[key, label, selected]);
                choices
                    .iter()
                    .for_each(|choice| self.part(&[&choice.value, &choice.label]));
            }
            Element::TextInput {
                key,
                label,
                help,
                value,
            } => self.part(&[key, label, help, value]),
            Element::Link {
                label,
                url,
                copy_label,
                help,
                qr: _,
            } => self.part(&[label, url, copy_label, help]),
            Element::Badge { label, value, .. } => self.part(&[label, value]),
            Element::Button(button) => self.button(button),
            Element::Table {
                caption,
                columns,
                rows,
                empty,
            } => {
                self.part(&[caption, empty]);
                columns.iter().for_each(|column| self.part(&[column]));
                for row in rows {
                    self.part(&[]);
                    row.cells.iter().for_each(|cell| self.part(&[cell]));
                    row.buttons.iter().for_each(|button| self.button(button));
                }
            }
        }
    }
}

/// Each entry once, with a label that fits a menu.
pub(super) fn menu_items(items: impl Iterator<Item = MenuItem>) -> Vec<MenuItem> {
    let mut seen = BTreeSet::new();
    items
        .filter(|item| seen.insert(item.id.clone()))
        .map(|item| MenuItem {
            label: line(&item.label, LABEL_CHARS),
            ..item
        })
        .collect()
}

/// Each field once, with words that fit a list.
pub(super) fn fields(fields: impl Iterator<Item = Field>) -> Vec<Field> {
    let mut seen = BTreeSet::new();
    fields
        .filter(|field| seen.insert(field.key.clone()))
        .map(|field| Field {
            label: line(&field.label, LABEL_CHARS),
            description: line(&field.description, TEXT_CHARS),
            sample: line(&field.sample, TEXT_CHARS),
            ..field
        })
        .collect()
}

/// The beginning of a text as one line.
fn line(text: &str, chars: usize) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(chars)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hooks::{ButtonStyle, TableRow};

    fn table(rows: usize) -> Panel {
        let row = TableRow {
            cells: vec!["cell".to_owned(); 2],
            buttons: vec![Button {
                key: "k".to_owned(),
                label: "L".to_owned(),
                style: ButtonStyle::Primary,
            }],
        };
        Panel {
            title: "Title".to_owned(),
            notice: None,
            elements: vec![Element::Table {
                caption: String::new(),
                columns: vec!["Column".to_owned()],
                rows: vec![row; rows],
                empty: String::new(),
            }],
        }
    }

    #[test]
    fn everything_on_a_panel_counts() {
        let limits = Limits {
            panel_elements: 10,
            panel_bytes: 40,
            ..Limits::default()
        };
        // A table and its column, then four parts and ten bytes a row.
        assert_eq!(panel(&table(2), &limits), Ok(()));
        assert_eq!(panel(&table(3), &limits), Err("its panel has 14 parts".to_owned()));
        let roomy = Limits {
            panel_elements: 1_000,
            ..limits
        };
        assert_eq!(
            panel(&table(3), &roomy),
            Err("its panel has 41 bytes of text".to_owned())
        );
    }

    #[test]
    fn a_menu_entry_shows_once_and_on_one_line() {
        let item = |label: &str| MenuItem {
            id: "share".to_owned(),
            label: label.to_owned(),
        };
        let items = menu_items([item("a\nb"), item("again")].into_iter());
        assert_eq!(items, [item("a b")]);
        assert_eq!(line(&"x".repeat(500), LABEL_CHARS).len(), LABEL_CHARS);
    }
}
