//! Writes the language tables as Rust: one method of `Words` per message, so that a message that
//! is missing, or a variable that was forgotten, is an error of the compiler and not of a page.

use crate::fluent::{Catalog, Key, Kind, Message, Part};
use std::fmt::Write as _;

/// The source that `src/i18n.rs` includes.
pub(crate) fn write(catalogs: &[Catalog]) -> Result<String, String> {
    let (english, _) = catalogs.split_first().ok_or("there is no language")?;
    let mut out = String::new();
    let names: Vec<&String> = english.messages.keys().collect();
    line(
        &mut out,
        format_args!("static NAMES: [&str; {}] = {names:?};", names.len()),
    );
    for (index, catalog) in catalogs.iter().enumerate() {
        line(
            &mut out,
            format_args!("static LANGUAGE_{index}: [&[Part]; {}] = [", names.len()),
        );
        for (id, reference) in &english.messages {
            // The order of the arguments is English's; a message without translation is English's too.
            let message = catalog.messages.get(id).unwrap_or(reference);
            line(&mut out, format_args!("    {},", parts(&message.parts, reference)?));
        }
        line(&mut out, format_args!("];"));
    }
    line(
        &mut out,
        format_args!("/// Every language there is a file for, English first."),
    );
    line(
        &mut out,
        format_args!("pub static LANGUAGES: [Language; {}] = [", catalogs.len()),
    );
    for (index, catalog) in catalogs.iter().enumerate() {
        line(
            &mut out,
            format_args!(
                "    Language {{ tag: {:?}, messages: &LANGUAGE_{index} }},",
                catalog.tag
            ),
        );
    }
    line(&mut out, format_args!("];"));
    line(&mut out, format_args!("impl Words {{"));
    for (index, (id, message)) in english.messages.iter().enumerate() {
        method(&mut out, index, id, message);
    }
    line(&mut out, format_args!("}}"));
    Ok(out)
}

fn method(out: &mut String, index: usize, id: &str, message: &Message) {
    let name = id.replace('-', "_");
    line(out, format_args!("    /// `{id}` of the language files."));
    if message.variables.is_empty() {
        line(
            out,
            format_args!("    pub fn {name}(&self) -> &'static str {{ self.plain({index}) }}"),
        );
        return;
    }
    let mut parameters = String::new();
    let mut arguments = String::new();
    for (variable, kind) in &message.variables {
        let variable = variable.replace('-', "_");
        let (ty, argument) = match kind {
            Kind::Text => ("impl AsRef<str>", format!("Argument::Text({variable}.as_ref())")),
            Kind::Count => (
                "impl core::borrow::Borrow<i64>",
                format!("Argument::Count(*{variable}.borrow())"),
            ),
        };
        let _ = write!(parameters, ", {variable}: {ty}");
        let _ = write!(arguments, "{argument}, ");
    }
    line(
        out,
        format_args!("    pub fn {name}(&self{parameters}) -> String {{ self.fill({index}, &[{arguments}]) }}"),
    );
}

fn parts(list: &[Part], reference: &Message) -> Result<String, String> {
    let position = |variable: &str| {
        let found = reference.variables.iter().position(|(name, _)| name == variable);
        found.ok_or_else(|| format!("${variable} is not in en.ftl"))
    };
    let mut out = String::from("&[");
    for part in list {
        match part {
            Part::Text(text) => {
                let _ = write!(out, "Part::Text({text:?}), ");
            }
            Part::Variable(name) => {
                let _ = write!(out, "Part::Variable({}), ", position(name)?);
            }
            Part::Select {
                variable,
                variants,
                default,
            } => {
                let _ = write!(out, "Part::Select {{ variable: {}, variants: &[", position(variable)?);
                for (key, value) in variants {
                    let key = match key {
                        Key::Number(number) => format!("Key::Number({number})"),
                        Key::Word(word) => format!("Key::Word({word:?})"),
                    };
                    let _ = write!(out, "({key}, {}), ", parts(value, reference)?);
                }
                let _ = write!(out, "], default: {default} }}, ");
            }
        }
    }
    out.push(']');
    Ok(out)
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
    out.push('\n');
}
