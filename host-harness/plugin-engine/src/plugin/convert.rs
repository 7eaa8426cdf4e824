//! Hooks' shapes between plain Rust and the contract, field by field.
//! Source: `wit/hooks.wit`.

use crate::{
    bindings::exports::fieldservice::plugins::{actions_menu as menu, lifecycle, template_fields},
    hooks::{
        Button, ButtonStyle, Choice, Element, Field, FieldRequest, MenuItem, Notice, Occasion, Panel, Subject,
        Submission, TableRow, Target,
    },
    imports::{
        company,
        convert::{channel, tone, wit_channel},
    },
};
use capabilities::Setting;

pub(super) fn occasion(occasion: &Occasion) -> lifecycle::Occasion {
    match occasion {
        Occasion::Enabled => lifecycle::Occasion::Enabled,
        Occasion::Upgraded(from) => lifecycle::Occasion::Upgraded(from.clone()),
    }
}

pub(super) fn settings(settings: &[Setting]) -> Vec<lifecycle::Setting> {
    settings.iter().cloned().map(company::setting).collect()
}

pub(super) fn target(target: &Target) -> menu::Target {
    menu::Target {
        subject: match &target.subject {
            Subject::Customer(id) => menu::Subject::Customer(id.clone()),
        },
        actor: menu::Actor {
            id: target.actor.id.clone(),
            name: target.actor.name.clone(),
        },
    }
}

pub(super) fn submission(submission: &Submission) -> menu::Submission {
    let value = |v: &crate::hooks::InputValue| menu::InputValue {
        key: v.key.clone(),
        value: v.value.clone(),
    };
    menu::Submission {
        button: submission.button.clone(),
        values: submission.values.iter().map(value).collect(),
    }
}

pub(super) fn menu_item(item: menu::MenuItem) -> MenuItem {
    MenuItem {
        id: item.id,
        label: item.label,
    }
}

pub(super) fn panel(panel: menu::Panel) -> Panel {
    Panel {
        title: panel.title,
        notice: panel.notice.map(|notice| Notice {
            tone: tone(notice.tone),
            text: notice.text,
        }),
        elements: panel.elements.into_iter().map(element).collect(),
    }
}

fn element(element: menu::Element) -> Element {
    match element {
        menu::Element::Text(text) => Element::Text { body: text.body },
        menu::Element::Checkbox(c) => Element::Checkbox {
            key: c.key,
            label: c.label,
            help: c.help,
            checked: c.checked,
            immediate: c.immediate,
        },
        menu::Element::Select(s) => Element::Select {
            key: s.key,
            label: s.label,
            choices: s
                .choices
                .into_iter()
                .map(|c| Choice {
                    value: c.value,
                    label: c.label,
                })
                .collect(),
            selected: s.selected,
        },
        menu::Element::TextInput(t) => Element::TextInput {
            key: t.key,
            label: t.label,
            help: t.help,
            value: t.value,
        },
        menu::Element::Link(l) => Element::Link {
            label: l.label,
            url: l.url,
            copy_label: l.copy_label,
            help: l.help,
            qr: l.qr,
        },
        menu::Element::Badge(b) => Element::Badge {
            label: b.label,
            value: b.value,
            tone: tone(b.tone),
        },
        menu::Element::Button(b) => Element::Button(button(b)),
        menu::Element::Table(t) => Element::Table {
            caption: t.caption,
            columns: t.columns,
            rows: t
                .rows
                .into_iter()
                .map(|row| TableRow {
                    cells: row.cells,
                    buttons: row.buttons.into_iter().map(button).collect(),
                })
                .collect(),
            empty: t.empty,
        },
    }
}

fn button(button: menu::Button) -> Button {
    Button {
        key: button.key,
        label: button.label,
        style: match button.style {
            menu::ButtonStyle::Primary => ButtonStyle::Primary,
            menu::ButtonStyle::Secondary => ButtonStyle::Secondary,
            menu::ButtonStyle::Danger => ButtonStyle::Danger,
        },
    }
}

pub(super) fn field(field: template_fields::Field) -> Field {
    Field {
        key: field.key,
        label: field.label,
        description: field.description,
        channels: field.channels.into_iter().map(channel).collect(),
        sample: field.sample,
    }
}

pub(super) fn field_request(request: FieldRequest) -> template_fields::Request {
    template_fields::Request {
        field: request.field,
        customer: request.customer,
        channel: wit_channel(request.channel),
        message: request.message,
    }
}
