//! Turns failures into something to read: a plain page for people, problem details for programs.
//! Also replaces the bare texts the web framework answers with (wrong method, too large, …).

use crate::web::{Failure, OwnPage};
use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

#[derive(Template)]
#[template(path = "public/error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    message: &'a str,
    request_id: &'a str,
    stylesheet: &'a str,
}

/// The response with its failure, if it is one, made readable.
pub(super) fn draw(mut response: Response, request_id: &str, is_api: bool) -> Response {
    let status = response.status();
    let failure = match response.extensions_mut().remove::<Failure>() {
        Some(failure) => failure,
        None if response.extensions().get::<OwnPage>().is_some() => return response,
        None if status.is_client_error() || status.is_server_error() => match framework_failure(&response) {
            Some(failure) => failure,
            None => return response,
        },
        None => return response,
    };
    let kept: Vec<_> = [header::RETRY_AFTER, header::ALLOW, header::WWW_AUTHENTICATE]
        .into_iter()
        .filter_map(|name| response.headers().get(&name).cloned().map(|value| (name, value)))
        .collect();
    let mut drawn = if is_api {
        problem(&failure, request_id)
    } else {
        html(&failure, request_id)
    };
    drawn.headers_mut().extend(kept);
    drawn
}

/// What the framework meant by a bare error.
fn framework_failure(response: &Response) -> Option<Failure> {
    let kind = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !(kind.is_empty() || kind.starts_with("text/plain")) {
        return None;
    }
    Some(match response.status() {
        StatusCode::NOT_FOUND => Failure::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Failure::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "Not possible here",
            "This address does not take that kind of request. Go back and try again from the page.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "That is too large",
            "What you sent is larger than we accept here. Nothing was changed.",
        ),
        status if status.is_server_error() => Failure::internal(format!("bare {status}")),
        status => Failure::new(
            status,
            "That did not work",
            "Something in what was sent could not be read. Go back, check it and send it again.",
        ),
    })
}

fn html(failure: &Failure, request_id: &str) -> Response {
    let page = ErrorPage {
        title: &failure.title,
        message: &failure.message,
        request_id,
        stylesheet: crate::public::assets::stylesheet_path(),
    };
    match page.render() {
        Ok(html) => (failure.status, Html(html)).into_response(),
        Err(_) => (
            failure.status,
            format!("{}\n{}\n{request_id}\n", failure.title, failure.message),
        )
            .into_response(),
    }
}

/// What is said of a page, said to a program; the words as they are where they suit both.
fn words_for_programs(failure: &Failure) -> (&str, &str) {
    match failure.status {
        StatusCode::NOT_FOUND => (
            "Not found",
            "There is no such address, customer, plugin or item for this key.",
        ),
        StatusCode::INTERNAL_SERVER_ERROR => (
            "Something went wrong on our side",
            "The request did not cause this. Try again later; our log knows the cause under this instance.",
        ),
        _ => (&failure.title, &failure.message),
    }
}

fn problem(failure: &Failure, request_id: &str) -> Response {
    let (title, detail) = words_for_programs(failure);
    let mut body = serde_json::json!({
        "type": "about:blank",
        "title": title,
        "status": failure.status.as_u16(),
        "detail": detail,
        "instance": format!("urn:request:{request_id}"),
    });
    let by_field = !failure.fields.is_empty() || failure.status == StatusCode::UNPROCESSABLE_ENTITY;
    if let (true, Some(body)) = (by_field, body.as_object_mut()) {
        let errors = failure
            .fields
            .iter()
            .map(|error| serde_json::json!({ "field": error.field, "code": error.code, "message": error.message }));
        body.insert("errors".to_owned(), errors.collect());
    }
    let mut response = (failure.status, body.to_string()).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}
