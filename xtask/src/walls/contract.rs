//! The contract in `wit/` is documentation as much as code: every item of it has a `///` comment directly above it.
//! Annotations such as `@since` may stand between; `use`, `import` and `export` bring in what is documented elsewhere.

use super::{Fault, Source};

/// What begins an item.
const KEYWORDS: [&str; 8] = [
    "interface ",
    "world ",
    "type ",
    "record ",
    "variant ",
    "enum ",
    "flags ",
    "resource ",
];

pub(crate) fn check(sources: &[Source]) -> Vec<Fault> {
    sources
        .iter()
        .filter(|source| ours(&source.path))
        .flat_map(undocumented)
        .collect()
}

/// Our own files of the contract; what it builds on lies in `wit/deps/`.
fn ours(path: &str) -> bool {
    path.starts_with("wit/") && path.ends_with(".wit") && !path.starts_with("wit/deps/")
}

fn undocumented(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut documented = false;
    for (at, line) in source.text.lines().map(str::trim).enumerate() {
        if line.starts_with("///") {
            documented = true;
        } else if !line.starts_with('@') {
            if item(line) && !documented {
                faults.push(format!("{}:{}: has no `///` comment: {line}", source.path, at + 1));
            }
            documented = false;
        }
    }
    faults
}

/// Whether a line begins something that needs a comment: one of the keywords, or a function with its name.
fn item(line: &str) -> bool {
    if KEYWORDS.iter().any(|keyword| line.starts_with(keyword)) || line.starts_with("constructor(") {
        return true;
    }
    let Some((name, what)) = line.split_once(':') else {
        return false;
    };
    let named = name
        .trim_start_matches('%')
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    let what = what.trim_start();
    let what = ["static ", "async "]
        .iter()
        .fold(what, |what, word| what.strip_prefix(word).unwrap_or(what));
    named && what.starts_with("func(")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<Fault> {
        check(&[Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }])
    }

    #[test]
    fn an_item_without_a_comment_is_found_with_its_line() {
        for item in [
            "interface storage {",
            "world capabilities {",
            "type id = string;",
            "record entry { key: string }",
            "variant subject { none }",
            "enum kind { signed-in }",
            "flags feature-set { pdf }",
            "resource customer {",
            "constructor(id: string);",
            "get: func(key: string) -> string;",
            "%list: func() -> list<string>;",
            "open: static func() -> u8;",
            "wait: async func();",
        ] {
            let found = faults(
                "wit/a.wit",
                &format!("/// Another's.\nuse types.{{error}};\n  {item}\n"),
            );
            assert_eq!(found, [format!("wit/a.wit:3: has no `///` comment: {item}")]);
            let documented = format!("/// What it is.\n@since(version = 1.0.0)\n{item}\n");
            assert_eq!(faults("wit/a.wit", &documented), Vec::<Fault>::new(), "{item}");
        }
    }

    #[test]
    fn a_comment_belongs_to_what_follows_directly() {
        assert_eq!(faults("wit/a.wit", "/// What it is.\n\nenum kind { a }\n").len(), 1);
        assert_eq!(faults("wit/a.wit", "// Not for readers.\nenum kind { a }\n").len(), 1);
    }

    #[test]
    fn fields_cases_and_what_comes_from_elsewhere_need_none() {
        let text = "package a:b@1.0.0;\nuse types.{error};\nimport company;\nexport lifecycle;\n\
                    key: string,\nfunction: option<string>,\njob(record-id),\n}\n";
        assert_eq!(faults("wit/a.wit", text), Vec::<Fault>::new());
        assert_eq!(
            faults("wit/deps/io/a.wit", "interface streams {\n"),
            Vec::<Fault>::new()
        );
        assert_eq!(faults("tests/guests/a.wit", "world a {\n"), Vec::<Fault>::new());
    }
}
