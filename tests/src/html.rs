//! A reader of HTML that is just enough to do what a person does with a page: read its words, follow a link,
//! fill in a form. It keeps the elements in the order they stand and knows no more than that.

use std::collections::BTreeMap;

/// One piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// An opening tag: its name and attributes, in lower case.
    Open(String, BTreeMap<String, String>),
    /// A closing tag.
    Close(String),
    /// Text between tags, entities resolved.
    Text(String),
}

/// A form as it would be sent.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Where it goes; empty means the page itself.
    pub action: String,
    /// `get`, `post` or `dialog`.
    pub method: String,
    /// What an untouched form sends, without its buttons.
    pub fields: Vec<(String, String)>,
    /// Buttons: label, name, value, `formaction`.
    pub buttons: Vec<Button>,
    /// All words in the form.
    pub text: String,
}

/// A submit button.
#[derive(Debug, Clone, Default)]
pub struct Button {
    /// The words on it.
    pub label: String,
    /// Its name, or empty.
    pub name: String,
    /// Its value, or empty.
    pub value: String,
    /// Where it sends the form instead of the form's own action, or empty.
    pub action: String,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its words.
    pub text: String,
    /// Its address, as written.
    pub href: String,
    /// `_blank` and the like, or empty.
    pub target: String,
}

/// Reads a page into pieces. Comments, scripts' and styles' contents are dropped.
pub fn read(page: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        push_text(&mut pieces, text);
        if let Some(comment) = tag.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (inside, after) = split_tag(tag);
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            pieces.push(Piece::Close(name.trim().to_ascii_lowercase()));
        } else if inside.starts_with(|first: char| first.is_ascii_alphabetic()) {
            let (name, attributes) = attributes(inside);
            if name == "script" || name == "style" {
                let end = format!("</{name}");
                rest = rest.find(&end).and_then(|at| rest.get(at..)).unwrap_or("");
            }
            pieces.push(Piece::Open(name, attributes));
        }
    }
    push_text(&mut pieces, rest);
    pieces
}

/// All words of a page with white space folded, as a reader sees them.
pub fn words(page: &str) -> String {
    let text: Vec<String> = read(page)
        .into_iter()
        .filter_map(|piece| {
            if let Piece::Text(text) = piece {
                Some(text)
            } else {
                None
            }
        })
        .collect();
    fold(&text.join(" "))
}

/// Every form of the page.
pub fn forms(page: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open = false;
    let mut select: Option<(String, Option<String>, Option<String>)> = None;
    let mut area: Option<(String, String)> = None;
    let mut button: Option<Button> = None;
    for piece in read(page) {
        match piece {
            Piece::Open(name, attributes) if name == "form" => {
                open = true;
                forms.push(Form {
                    action: of(&attributes, "action"),
                    method: attributes
                        .get("method")
                        .map_or("get".to_owned(), |method| method.to_ascii_lowercase()),
                    ..Form::default()
                });
            }
            Piece::Close(name) if name == "form" => open = false,
            _ if !open => {}
            piece => {
                let Some(form) = forms.last_mut() else { continue };
                match piece {
                    Piece::Open(name, attributes) => match name.as_str() {
                        "input" => input(form, &attributes),
                        "textarea" => area = Some((of(&attributes, "name"), String::new())),
                        "select" => select = Some((of(&attributes, "name"), None, None)),
                        "option" => {
                            if let Some((_, first, chosen)) = &mut select {
                                let value = of(&attributes, "value");
                                first.get_or_insert_with(|| value.clone());
                                if attributes.contains_key("selected") {
                                    *chosen = Some(value);
                                }
                            }
                        }
                        "button" => {
                            button = Some(Button {
                                label: String::new(),
                                name: of(&attributes, "name"),
                                value: of(&attributes, "value"),
                                action: of(&attributes, "formaction"),
                            });
                        }
                        _ => {}
                    },
                    Piece::Text(text) => {
                        if let Some((_, value)) = &mut area {
                            value.push_str(&text);
                        } else {
                            form.text.push_str(&text);
                            form.text.push(' ');
                        }
                        if let Some(button) = &mut button {
                            button.label.push_str(&text);
                        }
                    }
                    Piece::Close(name) => match name.as_str() {
                        "textarea" => {
                            if let Some((name, value)) = area.take() {
                                // A line feed right after the tag is not part of the value.
                                let value = value.strip_prefix('\n').unwrap_or(&value).to_owned();
                                push_field(form, name, value);
                            }
                        }
                        "select" => {
                            if let Some((name, first, chosen)) = select.take() {
                                push_field(form, name, chosen.or(first).unwrap_or_default());
                            }
                        }
                        "button" => {
                            if let Some(mut done) = button.take() {
                                done.label = fold(&done.label);
                                form.buttons.push(done);
                            }
                        }
                        _ => {}
                    },
                }
            }
        }
    }
    for form in &mut forms {
        form.text = fold(&form.text);
    }
    forms
}

/// Every link of the page.
pub fn links(page: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut open: Option<Link> = None;
    for piece in read(page) {
        match piece {
            Piece::Open(name, attributes) if name == "a" => {
                open = attributes.get("href").map(|href| Link {
                    text: String::new(),
                    href: href.clone(),
                    target: of(&attributes, "target"),
                });
            }
            Piece::Text(text) => {
                if let Some(link) = &mut open {
                    link.text.push_str(&text);
                    link.text.push(' ');
                }
            }
            Piece::Close(name) if name == "a" => {
                if let Some(mut link) = open.take() {
                    link.text = fold(&link.text);
                    links.push(link);
                }
            }
            _ => {}
        }
    }
    links
}

/// The attributes of every element of this name.
pub fn elements(page: &str, wanted: &str) -> Vec<BTreeMap<String, String>> {
    read(page)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Open(name, attributes) if name == wanted => Some(attributes),
            _ => None,
        })
        .collect()
}

impl Form {
    /// The form's fields with some of them changed, added, or (with `None`) left out.
    pub fn filled(&self, changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut fields = self.fields.clone();
        for (name, value) in changes {
            match fields.iter_mut().find(|(known, _)| known == name) {
                Some((_, old)) => *old = (*value).to_owned(),
                None => fields.push(((*name).to_owned(), (*value).to_owned())),
            }
        }
        fields
    }

    /// The untouched value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The button with these words.
    pub fn button(&self, label: &str) -> Option<&Button> {
        self.buttons.iter().find(|button| button.label == label)
    }
}

fn input(form: &mut Form, attributes: &BTreeMap<String, String>) {
    let kind = attributes.get("type").map_or("text", String::as_str);
    let value = of(attributes, "value");
    match kind {
        "submit" => form.buttons.push(Button {
            label: value.clone(),
            name: of(attributes, "name"),
            value,
            action: of(attributes, "formaction"),
        }),
        "checkbox" | "radio" => {
            if attributes.contains_key("checked") {
                let value = attributes.get("value").map_or("on".to_owned(), Clone::clone);
                push_field(form, of(attributes, "name"), value);
            }
        }
        "button" | "reset" | "image" | "file" => {}
        _ => push_field(form, of(attributes, "name"), value),
    }
}

fn push_field(form: &mut Form, name: String, value: String) {
    if !name.is_empty() {
        form.fields.push((name, value));
    }
}

fn of(attributes: &BTreeMap<String, String>, name: &str) -> String {
    attributes.get(name).cloned().unwrap_or_default()
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(resolve(text)));
    }
}

/// `<a href="x>y">rest` → (`a href="x>y"`, `rest`).
fn split_tag(tag: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, character) in tag.char_indices().skip(1) {
        match (quote, character) {
            (None, '>') => return (tag.get(1..at).unwrap_or(""), tag.get(at + 1..).unwrap_or("")),
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    (tag.get(1..).unwrap_or(""), "")
}

fn attributes(inside: &str) -> (String, BTreeMap<String, String>) {
    let inside = inside.trim_end_matches('/');
    let end = inside.find(char::is_whitespace).unwrap_or(inside.len());
    let (name, mut rest) = inside.split_at(end);
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let end = rest
            .find(|character: char| character == '=' || character.is_whitespace())
            .unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=') else {
            attributes.insert(key.to_ascii_lowercase(), String::new());
            rest = after;
            continue;
        };
        let value = value.trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value.get(1..).unwrap_or("").split_once(quote).unwrap_or((value, "")),
            _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
        };
        attributes.insert(key.to_ascii_lowercase(), resolve(value));
        rest = after;
    }
    (name.to_ascii_lowercase(), attributes)
}

/// Resolves the entities that our templates and browsers' serialisers write.
pub fn resolve(text: &str) -> String {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, entity) = rest.split_at(at);
        resolved.push_str(before);
        let known = entity.find(';').filter(|end| *end < 12).and_then(|end| {
            let character = character(entity.get(1..end)?)?;
            Some((character, entity.get(end + 1..).unwrap_or("")))
        });
        match known {
            Some((character, after)) => {
                resolved.push(character);
                rest = after;
            }
            None => {
                resolved.push('&');
                rest = entity.get(1..).unwrap_or("");
            }
        }
    }
    resolved.push_str(rest);
    resolved
}

fn character(entity: &str) -> Option<char> {
    if let Some(number) = entity.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "middot" => '·',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "rarr" => '→',
        "larr" => '←',
        _ => return None,
    })
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r##"<!doctype html><title>T</title><!-- <a href=no> --><script>"<a href='no'>"</script>
        <h1>Dana &amp; Co</h1><a href="/a?x=1&amp;y=2" target="_blank">My <b>Jobs</b></a>
        <form method="POST" action="/save"><input name=first value='Da"na'><input type=checkbox name=on checked>
        <input type="checkbox" name="off"><select name="s"><option value="1">One<option value="2" selected>Two</select>
        <textarea name="t">
a &lt; b</textarea><button name="do" value="save">Save  Changes</button></form>"##;

    #[test]
    fn reads_words_and_links() {
        assert_eq!(
            words("<p>a&nbsp;<b>b</b>\n c</p>"),
            "a\u{a0} b c"
                .replace('\u{a0}', "")
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        );
        let links = links(PAGE);
        assert_eq!(links.len(), 1);
        assert_eq!(links[0].text, "My Jobs");
        assert_eq!(links[0].href, "/a?x=1&y=2");
        assert_eq!(links[0].target, "_blank");
    }

    #[test]
    fn reads_a_form_as_a_browser_would_send_it() {
        let form = forms(PAGE).remove(0);
        assert_eq!((form.method.as_str(), form.action.as_str()), ("post", "/save"));
        let expected = [("first", "Da\"na"), ("on", "on"), ("s", "2"), ("t", "a < b")];
        assert_eq!(
            form.fields,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(form.button("Save Changes").unwrap().value, "save");
        assert_eq!(form.filled(&[("t", "new")]).last().unwrap().1, "new");
    }
}
