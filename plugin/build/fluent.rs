//! Reads Fluent files (projectfluent.org) into a plain shape and refuses what the portal's
//! formatter does not do. English is the reference: the others may lack messages, not add any.

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey},
    unicode::unescape_unicode_to_string,
};
use std::{collections::BTreeMap, fs, path::Path};

/// The words of one language.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// BCP 47 language, from the file's name.
    pub(crate) tag: String,
    pub(crate) messages: BTreeMap<String, Message>,
}

/// One message: its text and the variables it takes, in the order they first appear.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) parts: Vec<Part>,
    pub(crate) variables: Vec<(String, Kind)>,
}

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text, or a word to choose by.
    Text,
    /// A whole number that chooses a plural form.
    Count,
}

#[derive(Debug)]
pub(crate) enum Part {
    Text(String),
    Variable(String),
    Select {
        variable: String,
        variants: Vec<(Key, Vec<Part>)>,
        default: usize,
    },
}

#[derive(Debug)]
pub(crate) enum Key {
    Number(i64),
    Word(String),
}

const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// Every `*.ftl` of the folder, English first, each checked against English.
pub(crate) fn read_folder(folder: &Path) -> Result<Vec<Catalog>, String> {
    let mut catalogs = Vec::new();
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|e| format!("{}: {e}", folder.display()))?.path();
        if path.extension().is_none_or(|e| e != "ftl") {
            continue;
        }
        let tag = path
            .file_stem()
            .and_then(|s| s.to_str())
            .ok_or("a language file has no name")?
            .to_owned();
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        catalogs.push(read(&tag, text)?);
    }
    catalogs.sort_by(|a, b| (a.tag != "en", &a.tag).cmp(&(b.tag != "en", &b.tag)));
    let (english, others) = catalogs.split_first().ok_or("there is no language file")?;
    if english.tag != "en" {
        return Err("en.ftl is missing".to_owned());
    }
    for other in others {
        check(english, other)?;
    }
    Ok(catalogs)
}

/// One language file.
pub(crate) fn read(tag: &str, text: String) -> Result<Catalog, String> {
    let resource = fluent_syntax::parser::parse(text).map_err(|(_, errors)| {
        format!(
            "{tag}.ftl: {}",
            errors.first().map(ToString::to_string).unwrap_or_default()
        )
    })?;
    let mut messages = BTreeMap::new();
    for entry in resource.body {
        match entry {
            Entry::Message(message) => {
                let id = message.id.name;
                let at = |reason: String| format!("{tag}.ftl: {id}: {reason}");
                let pattern = message.value.ok_or_else(|| at("has no text".to_owned()))?;
                let mut variables = Vec::new();
                let parts = parts(&pattern, &mut variables).map_err(at)?;
                if messages.insert(id.clone(), Message { parts, variables }).is_some() {
                    return Err(format!("{tag}.ftl: {id}: stands twice"));
                }
            }
            Entry::Term(term) => return Err(format!("{tag}.ftl: -{}: terms are not used here", term.id.name)),
            Entry::Junk { content } => return Err(format!("{tag}.ftl: cannot read: {content}")),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
        }
    }
    Ok(Catalog {
        tag: tag.to_owned(),
        messages,
    })
}

/// A translation may lack messages (English steps in) but must not know others, nor take other variables.
pub(crate) fn check(english: &Catalog, other: &Catalog) -> Result<(), String> {
    for (id, message) in &other.messages {
        let at = |reason: &str| format!("{}.ftl: {id}: {reason}", other.tag);
        let reference = english.messages.get(id).ok_or_else(|| at("is not in en.ftl"))?;
        let names = |m: &Message| {
            let mut names: Vec<String> = m.variables.iter().map(|(name, _)| name.clone()).collect();
            names.sort();
            names
        };
        if names(reference) != names(message) {
            return Err(at("takes other variables than in en.ftl"));
        }
    }
    Ok(())
}

fn parts(pattern: &Pattern<String>, variables: &mut Vec<(String, Kind)>) -> Result<Vec<Part>, String> {
    let mut out: Vec<Part> = Vec::new();
    for element in &pattern.elements {
        let part = match element {
            PatternElement::TextElement { value } => Part::Text(value.clone()),
            PatternElement::Placeable { expression } => placeable(expression, variables)?,
        };
        match (out.last_mut(), part) {
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
            (_, part) => out.push(part),
        }
    }
    Ok(out)
}

fn placeable(expression: &Expression<String>, variables: &mut Vec<(String, Kind)>) -> Result<Part, String> {
    match expression {
        Expression::Inline(InlineExpression::StringLiteral { value }) => {
            Ok(Part::Text(unescape_unicode_to_string(value).into_owned()))
        }
        Expression::Inline(InlineExpression::VariableReference { id }) => {
            note(variables, &id.name, Kind::Text);
            Ok(Part::Variable(id.name.clone()))
        }
        Expression::Inline(InlineExpression::Placeable { expression }) => placeable(expression, variables),
        Expression::Inline(_) => Err("only text, variables and choices are understood".to_owned()),
        Expression::Select {
            selector: InlineExpression::VariableReference { id },
            variants,
        } => {
            // Noted before its variants, so that arguments come in the order a reader meets them.
            note(variables, &id.name, Kind::Text);
            let mut compiled = Vec::new();
            let mut default = None;
            let mut plural = false;
            let mut words = false;
            for (index, variant) in variants.iter().enumerate() {
                if variant.default {
                    default = Some(index);
                }
                let key = match &variant.key {
                    VariantKey::NumberLiteral { value } => {
                        plural = true;
                        Key::Number(value.parse().map_err(|_| format!("{value} is not a whole number"))?)
                    }
                    VariantKey::Identifier { name } => {
                        // `other` alone says nothing: it is every choice's default.
                        plural |= name != "other" && PLURALS.contains(&name.as_str());
                        words |= !PLURALS.contains(&name.as_str());
                        Key::Word(name.clone())
                    }
                };
                compiled.push((key, parts(&variant.value, variables)?));
            }
            note(
                variables,
                &id.name,
                if plural && !words { Kind::Count } else { Kind::Text },
            );
            let default = default.ok_or("a choice has no default")?;
            Ok(Part::Select {
                variable: id.name.clone(),
                variants: compiled,
                default,
            })
        }
        Expression::Select { .. } => Err("a choice can only be made by a variable".to_owned()),
    }
}

/// A variable that chooses a plural anywhere is a count everywhere.
fn note(variables: &mut Vec<(String, Kind)>, name: &str, kind: Kind) {
    match variables.iter_mut().find(|(known, _)| known == name) {
        Some(known) if kind == Kind::Count => known.1 = Kind::Count,
        Some(_) => {}
        None => variables.push((name.to_owned(), kind)),
    }
}
