//! The smallest plugin: template fields, no permission, no pages.
//! It also offers a field its manifest does not declare, which no host may show.

wit_bindgen::generate!({
    path: "../../../wit",
    inline: "
        package fixture:fields;
        world fields {
            export fieldservice:plugins/template-fields@1.0.0;
        }
    ",
    world: "fixture:fields/fields",
    generate_all,
});

use exports::fieldservice::plugins::template_fields::{Field, Guest, Request};
use fieldservice::plugins::types::{Channel, Error};

kit::manifest!("../plugin.toml");

struct Fields;

impl Guest for Fields {
    fn fields() -> Vec<Field> {
        let field = |key: &str| Field {
            key: key.to_owned(),
            label: "Greeting".to_owned(),
            description: "A greeting by the customer's id.".to_owned(),
            channels: vec![Channel::Email, Channel::Sms],
            sample: "Hello C1".to_owned(),
        };
        vec![field("greeting"), field("undeclared")]
    }

    fn resolve(requests: Vec<Request>) -> Vec<Result<String, Error>> {
        let count = requests.len();
        requests
            .into_iter()
            .map(|request| match request.customer.as_str() {
                "nobody" => Err(Error::NotFound),
                "count" => Ok(count.to_string()),
                "long" => Ok("x".repeat(10_000)),
                customer => Ok(format!("Hello {customer}")),
            })
            .collect()
    }
}

export!(Fields);
