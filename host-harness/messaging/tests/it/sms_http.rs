//! The SMS transport against an HTTP receiver on loopback: what it sends, and what it makes of each answer.
//! 4xx is for good, the rest for now; redirects are not followed.

use crate::http_receiver::HttpReceiver;
use crate::message;
use messaging::transport::sms_http::{SmsHttpConfig, SmsHttpTransport};
use messaging::{Channel, OutgoingMessage, Receipt, SendError, Transport};
use secrecy::SecretString;
use std::time::Duration;

fn transport(url: &str) -> SmsHttpTransport {
    SmsHttpTransport::new(&SmsHttpConfig {
        url: url.to_owned(),
        token: Some(SecretString::from("t0ken")),
        from: Some("SUMMIT".to_owned()),
        timeout_seconds: 1,
        ca_certificate: None,
    })
    .unwrap()
}

async fn send(receiver: &HttpReceiver) -> Result<Receipt, SendError> {
    transport(&receiver.url).send(&message("m-1", Channel::Sms)).await
}

#[tokio::test]
async fn posts_json_with_the_token_and_an_idempotency_key() {
    let receiver = HttpReceiver::start("201 Created", "", r#"{"sid":"SM-42","status":"queued"}"#).await;
    assert_eq!(
        send(&receiver).await,
        Ok(Receipt {
            reference: "SM-42".to_owned()
        })
    );
    let request = &receiver.received()[0];
    assert_eq!(request.line, "POST /v1/messages HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Bearer t0ken"));
    assert_eq!(request.header("idempotency-key"), Some("m-1"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let expected =
        r#"{"id":"m-1","to":"3035550142","from":"SUMMIT","text":"Hello Dana,\n.\n..two dots\nSee you on Tuesday."}"#;
    assert_eq!(request.body, expected);
}

#[tokio::test]
async fn an_answer_that_is_not_json_is_still_a_success() {
    let receiver = HttpReceiver::start("200 OK", "", "thanks").await;
    assert_eq!(send(&receiver).await, Ok(Receipt::default()));
}

#[tokio::test]
async fn a_refused_message_is_refused_for_good() {
    for status in ["400 Bad Request", "404 Not Found", "422 Unprocessable Content"] {
        let receiver = HttpReceiver::start(status, "", "no such number").await;
        let Err(SendError::Permanent(reason)) = send(&receiver).await else {
            panic!("{status} is for good")
        };
        assert!(
            reason.contains(&status[..3]) && reason.contains("no such number"),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn trouble_on_their_side_or_with_our_token_is_for_now() {
    for status in [
        "500 Oops",
        "503 Busy",
        "429 Slow Down",
        "408 Timeout",
        "401 Unauthorized",
        "403 Forbidden",
    ] {
        let receiver = HttpReceiver::start(status, "", "").await;
        let result = send(&receiver).await;
        assert!(
            matches!(result, Err(SendError::Transient { retry_after: None, .. })),
            "{status}: {result:?}"
        );
    }
}

#[tokio::test]
async fn retry_after_is_honoured_within_reason() {
    for (header, seconds) in [
        ("retry-after: 90\r\n", Some(90)),
        ("retry-after: 99999999\r\n", Some(86_400)),
        ("retry-after: soon\r\n", None),
    ] {
        let receiver = HttpReceiver::start("429 Slow Down", header, "").await;
        let Err(SendError::Transient { retry_after, .. }) = send(&receiver).await else {
            panic!("429 is for now")
        };
        assert_eq!(retry_after, seconds.map(Duration::from_secs), "{header}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = HttpReceiver::start("200 OK", "", "").await;
    let header: &'static str = Box::leak(format!("location: {}\r\n", other.url).into_boxed_str());
    let receiver = HttpReceiver::start("307 Temporary Redirect", header, "").await;
    assert!(matches!(send(&receiver).await, Err(SendError::Transient { .. })));
    assert!(other.received().is_empty());
}

#[tokio::test]
async fn silence_and_absence_are_for_now_and_tell_no_secrets() {
    let receiver = HttpReceiver::start("", "", "").await;
    assert!(matches!(send(&receiver).await, Err(SendError::Transient { .. })));
    let gone = transport("http://127.0.0.1:1/v1?key=hidden")
        .send(&message("m-1", Channel::Sms))
        .await;
    let Err(SendError::Transient { reason, .. }) = gone else {
        panic!("an absent gateway is for now")
    };
    assert!(!reason.contains("hidden") && !reason.contains("t0ken"), "{reason}");
}

#[tokio::test]
async fn what_is_no_number_is_never_posted() {
    let receiver = HttpReceiver::start("200 OK", "", "").await;
    let wrong = OutgoingMessage {
        to: "call me".to_owned(),
        ..message("m-1", Channel::Sms)
    };
    assert!(matches!(
        transport(&receiver.url).send(&wrong).await,
        Err(SendError::Permanent(_))
    ));
    assert!(receiver.received().is_empty());
}
