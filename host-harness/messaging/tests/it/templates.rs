//! Templates as staff write them: what is refused and in which words, and what hostile values can do (nothing).
//! Rendering is also tried with arbitrary templates and values.

use messaging::{Channel, Field, FieldCatalog, Template, plugin_field_name};
use proptest::prelude::*;

fn catalog() -> FieldCatalog {
    let mut catalog = FieldCatalog::host();
    for (key, label, channels) in [
        ("portal_link", "Customer Portal Link", Channel::ALL.to_vec()),
        ("statement", "Statement", vec![Channel::Email]),
    ] {
        catalog.insert(Field {
            name: plugin_field_name("customer-portal", key),
            label: label.to_owned(),
            description: String::new(),
            channels,
            sample: "https://summit.example/portal/l/SAMPLE".to_owned(),
            group: "Customer Portal".to_owned(),
        });
    }
    catalog
}

fn errors(channel: Channel, subject: Option<&str>, body: &str) -> Vec<String> {
    match Template::check(channel, subject, body, &catalog()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.0.iter().map(ToString::to_string).collect(),
    }
}

fn email(body: &str) -> Template {
    Template::check(Channel::Email, Some("Hello"), body, &catalog()).unwrap()
}

#[test]
fn an_unknown_field_is_refused_naming_the_nearest() {
    assert_eq!(
        errors(
            Channel::Email,
            Some("Hi {{ customer.frist_name }}"),
            "Dear\n{{plugin.customer_portal.portl_link}}"
        ),
        [
            "Subject, line 1:4: There is no field “customer.frist_name”. Did you mean “customer.first_name”?",
            "Message, line 2:1: There is no field “plugin.customer_portal.portl_link”. \
             Did you mean “plugin.customer_portal.portal_link”?",
        ]
    );
}

#[test]
fn a_field_of_the_other_channel_is_refused() {
    assert_eq!(
        errors(Channel::Sms, None, "{{ plugin.customer_portal.statement }}"),
        ["Message, line 1:1: The field “plugin.customer_portal.statement” cannot be used in a text message."]
    );
}

#[test]
fn braces_left_open_are_refused() {
    assert_eq!(
        errors(Channel::Email, Some("Hi"), "Dear {{ customer.first_name\n}}"),
        ["Message, line 1:6: This “{{” has no “}}” after it on the same line."]
    );
}

#[test]
fn a_subject_is_one_line_without_control_characters() {
    assert_eq!(
        errors(Channel::Email, Some("Hi\r\nBcc: all@evil.example"), "x"),
        ["Subject, line 1:3: A subject is one line: remove the line break."]
    );
    assert_eq!(
        errors(Channel::Email, Some("Hi\0"), "x\0"),
        [
            "Subject, line 1:3: There is an invisible control character here: delete it.",
            "Message, line 1:2: There is an invisible control character here: delete it.",
        ]
    );
}

#[test]
fn what_is_missing_or_too_long_is_said() {
    assert_eq!(
        errors(Channel::Email, Some("  "), "x"),
        ["Subject, line 1:1: An e-mail needs a subject."]
    );
    assert_eq!(
        errors(Channel::Email, None, " \n"),
        [
            "Subject, line 1:1: An e-mail needs a subject.",
            "Message, line 1:1: The message is empty.",
        ]
    );
    assert_eq!(
        errors(Channel::Sms, None, &"a".repeat(1_531)),
        ["Message, line 1:1531: This is 1531 characters long: 1530 is the most."]
    );
    assert_eq!(
        errors(Channel::Sms, Some("Hi"), "x"),
        ["Subject, line 1:1: A text message has no subject: leave it empty."]
    );
}

#[test]
fn fields_are_listed_once_in_reading_order() {
    let template = Template::check(
        Channel::Email,
        Some("{{ company.name }}"),
        "{{ customer.first_name | there }} {{ company.name }} {{ invoice.number }}",
        &catalog(),
    )
    .unwrap();
    assert_eq!(
        template.fields_used(),
        ["company.name", "customer.first_name", "invoice.number"]
    );
}

#[test]
fn the_fallback_stands_in_for_missing_and_blank_values() {
    let template = email("Hi {{ customer.first_name | there }}, {{ job.title }}!");
    for value in [None, Some(""), Some(" \n ")] {
        let rendered = template.render(&|_| value.map(str::to_owned));
        assert_eq!(rendered.text, "Hi there, !");
        assert_eq!(rendered.missing, ["job.title"]);
    }
}

#[test]
fn a_value_is_never_read_as_a_template() {
    let rendered = email("Hi {{ customer.first_name }}").render(&|_| Some("{{ company.name }}".to_owned()));
    assert_eq!(rendered.text, "Hi {{ company.name }}");
}

#[test]
fn a_portal_link_alone_on_its_line_is_a_button_and_works_in_text() {
    let url = "https://summit.example/portal/l/abc?x=1&y=2";
    let rendered = email("See it here:\n\n{{ plugin.customer_portal.portal_link }}").render(&|_| Some(url.to_owned()));
    assert_eq!(rendered.text, format!("See it here:\n\n{url}"));
    let html = rendered.html.unwrap();
    assert!(
        html.contains("<p><a href=\"https://summit.example/portal/l/abc?x=1&amp;y=2\" style=\"display:inline-block")
    );
}

#[test]
fn customers_cannot_put_links_or_lines_into_a_message() {
    let evil = "Dana\n\nPay at https://evil.example";
    let rendered = email("Hi {{ customer.first_name }},").render(&|_| Some(evil.to_owned()));
    assert_eq!(rendered.text, "Hi Dana Pay at https://evil.example,");
    assert!(!rendered.html.unwrap().contains("<a "));
}

#[test]
fn a_subject_stays_one_short_line_whatever_the_value() {
    let template = Template::check(Channel::Email, Some("For {{ job.title }}"), "x", &catalog()).unwrap();
    let rendered = template.render(&|_| Some(format!("A\r\nBcc: b@evil.example\u{2028}{}", "x".repeat(9_000))));
    let subject = rendered.subject.unwrap();
    assert!(subject.starts_with("For A Bcc: b@evil.example xxx"));
    assert!(!subject.contains(['\r', '\n', '\u{2028}']));
    assert!(subject.chars().count() <= 160);
}

#[test]
fn a_stored_template_outlives_the_plugin_of_its_field() {
    let body = "{{ plugin.gone.link | Call us. }}";
    assert!(Template::check(Channel::Sms, None, body, &catalog()).is_err());
    let template = Template::parse(Channel::Sms, None, body).unwrap();
    assert_eq!(template.render(&|_| None).text, "Call us.");
}

/// Every tag that may stand in an HTML part; addresses in links are checked apart.
fn only_our_own_markup(html: &str) -> Result<(), String> {
    let body = html.split_once("sans-serif\">\n").ok_or("no opening")?.1;
    let body = body.strip_suffix("</div></body></html>\n").ok_or("no closing")?;
    for tag in body.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').ok_or(format!("unclosed tag {tag}"))?;
        if text.contains(['>', '"', '\'']) {
            return Err(format!("unescaped text {text}"));
        }
        if ["p", "p dir=\"auto\"", "/p", "br", "/a"].contains(&tag) {
            continue;
        }
        let address = tag.strip_prefix("a href=\"").ok_or(format!("foreign tag {tag}"))?;
        let (address, attributes) = address.split_once("\" style=\"").ok_or(format!("odd link {tag}"))?;
        let scheme = address.to_ascii_lowercase();
        let known_style = attributes == "word-break:break-all\"" || attributes.starts_with("display:inline-block;");
        if !(scheme.starts_with("http://") || scheme.starts_with("https://")) || address.contains('"') || !known_style {
            return Err(format!("odd link {tag}"));
        }
    }
    Ok(())
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,60}",
        r#"(<script>|</p>|<img src=x onerror=alert\(1\)>|"|'|&amp;|&|\r\n|\n|\x00|https?://|javascript:|a\.example/|\{\{ company\.name \}\}|[ -~]){0,12}"#,
        Just("https://x.example/\"onmouseover=alert(1)".to_owned()),
    ]
}

proptest! {
    #[test]
    fn hostile_values_never_become_markup_lines_or_fields(value in hostile(), fallback in "[a-z<>&\"']{0,10}") {
        let template = Template::check(
            Channel::Email,
            Some("S {{ job.title | x }}"),
            &format!("Go https://a.example/?q={{{{ job.title | {fallback} }}}} now\n{{{{ customer.full_name | {fallback} }}}}\n{{{{ company.website }}}}"),
            &catalog(),
        ).unwrap();
        let rendered = template.render(&|_| Some(value.clone()));
        let html = rendered.html.unwrap();
        prop_assert_eq!(only_our_own_markup(&html), Ok(()), "{}", html);
        prop_assert!(!rendered.subject.unwrap().contains(['\r', '\n', '\0']));
        prop_assert!(!rendered.text.contains(['\r', '\0']));
    }

    #[test]
    fn any_template_and_value_renders_without_a_panic(
        subject in r"[\\{}| a.\n]{0,20}|\PC{0,20}",
        body in r"([\\{}| a.\n]|\{\{ customer\.first_name \| x \}\}|https://|\PC){0,30}",
        value in hostile(),
    ) {
        for channel in Channel::ALL {
            let subject = (channel == Channel::Email).then_some(subject.as_str());
            // Whatever is refused must be refused with a place inside the source.
            match Template::parse(channel, subject, &body) {
                Ok(template) => {
                    let rendered = template.render(&|_| Some(value.clone()));
                    if let Some(html) = rendered.html {
                        prop_assert_eq!(only_our_own_markup(&html), Ok(()), "{}", html);
                    }
                    let again = Template::parse(channel, template.subject_source().as_deref(), &template.body_source());
                    prop_assert_eq!(again.map(|again| again.render(&|_| None)), Ok(template.render(&|_| None)));
                }
                Err(errors) => {
                    prop_assert!(!errors.0.is_empty());
                    prop_assert!(errors.0.iter().all(|error| error.line >= 1 && error.column >= 1));
                }
            }
        }
    }
}
