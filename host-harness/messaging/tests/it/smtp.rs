//! The SMTP transport against a real server on loopback: plain, STARTTLS, TLS, sign-in, refusals, silence.
//! What the server took is compared byte for byte where it matters.

use crate::message;
use crate::smtp_server::{Behaviour, Protection, SmtpServer};
use messaging::transport::smtp::{Security, SmtpConfig, SmtpTransport};
use messaging::{Channel, OutgoingMessage, Receipt, SendError, Transport};
use secrecy::SecretString;

/// `AUTH PLAIN` of the user `summit` with the password `s3cret`.
const CREDENTIALS: &str = "AHN1bW1pdABzM2NyZXQ=";

fn config(server: &SmtpServer, security: Security) -> SmtpConfig {
    SmtpConfig {
        host: "localhost".to_owned(),
        port: Some(server.port),
        security,
        username: None,
        password: None,
        from: "Field service <mail@host.example>".to_owned(),
        timeout_seconds: 10,
        connections: 2,
        ca_certificate: Some(server.certificate.clone()),
    }
}

fn signing_in(config: SmtpConfig, password: &str) -> SmtpConfig {
    SmtpConfig {
        username: Some("summit".to_owned()),
        password: Some(SecretString::from(password)),
        ..config
    }
}

async fn send(config: &SmtpConfig) -> Result<Receipt, SendError> {
    SmtpTransport::new(config)
        .unwrap()
        .send(&message("m-1", Channel::Email))
        .await
}

fn is_transient(result: &Result<Receipt, SendError>) -> bool {
    matches!(result, Err(SendError::Transient { .. }))
}

#[tokio::test]
async fn a_message_arrives_whole() {
    let server = SmtpServer::start(Protection::None, Behaviour::default()).await;
    let receipt = send(&config(&server, Security::None)).await.unwrap();
    assert!(receipt.reference.contains("queued as Q-7"), "{receipt:?}");
    let accepted = &server.accepted()[0];
    assert_eq!(
        (accepted.from.as_str(), accepted.to.as_slice()),
        ("mail@host.example", &["dana@whitfield.example".to_owned()][..])
    );
    for line in [
        "Message-ID: <m-1@host.example>",
        "From: =?utf-8?b?U3VtbWl0IEhlYXRpbmcgJiBBaXI=?= <mail@host.example>",
        "Reply-To: office@summit.example",
        "To: \"Dana Whitfield\" <dana@whitfield.example>",
        "Subject: Your visit on Tuesday",
        "Hello Dana,",
        ".",
        "..two dots",
        "<p>Hello Dana</p>",
    ] {
        assert!(
            accepted.data.lines().any(|found| found == line),
            "no line {line:?} in\n{}",
            accepted.data
        );
    }
    assert!(!accepted.encrypted);
}

#[tokio::test]
async fn starttls_encrypts_before_it_signs_in() {
    let behaviour = Behaviour {
        credentials: Some(CREDENTIALS),
        ..Behaviour::default()
    };
    let server = SmtpServer::start(Protection::StartTls, behaviour).await;
    send(&signing_in(config(&server, Security::StartTls), "s3cret"))
        .await
        .unwrap();
    let accepted = &server.accepted()[0];
    assert!(accepted.encrypted && accepted.signed_in);
}

#[tokio::test]
async fn tls_from_the_first_byte() {
    let server = SmtpServer::start(Protection::Tls, Behaviour::default()).await;
    send(&config(&server, Security::Tls)).await.unwrap();
    assert!(server.accepted()[0].encrypted);
}

#[tokio::test]
async fn nothing_goes_in_the_clear_when_starttls_is_not_offered() {
    let behaviour = Behaviour {
        credentials: Some(CREDENTIALS),
        ..Behaviour::default()
    };
    let server = SmtpServer::start(Protection::None, behaviour).await;
    let result = send(&signing_in(config(&server, Security::StartTls), "s3cret")).await;
    assert!(is_transient(&result), "{result:?}");
    assert!(
        !server
            .commands()
            .iter()
            .any(|command| command.starts_with("AUTH") || command.starts_with("MAIL"))
    );
}

#[tokio::test]
async fn an_untrusted_certificate_is_refused() {
    let server = SmtpServer::start(Protection::StartTls, Behaviour::default()).await;
    let result = send(&SmtpConfig {
        ca_certificate: None,
        ..config(&server, Security::StartTls)
    })
    .await;
    assert!(is_transient(&result), "{result:?}");
    assert!(server.accepted().is_empty());
}

#[tokio::test]
async fn refused_credentials_keep_the_message_waiting() {
    let behaviour = Behaviour {
        credentials: Some(CREDENTIALS),
        ..Behaviour::default()
    };
    let server = SmtpServer::start(Protection::StartTls, behaviour).await;
    let result = send(&signing_in(config(&server, Security::StartTls), "wrong")).await;
    assert!(is_transient(&result), "{result:?}");
    assert!(!result.unwrap_err().to_string().contains("wrong"));
}

#[tokio::test]
async fn the_reply_code_tells_for_good_from_for_now() {
    let cases = [
        (
            Behaviour {
                recipient_reply: Some("550 5.1.1 no such user"),
                ..Behaviour::default()
            },
            true,
        ),
        (
            Behaviour {
                recipient_reply: Some("451 4.7.1 greylisted"),
                ..Behaviour::default()
            },
            false,
        ),
        (
            Behaviour {
                data_reply: Some("554 5.6.0 refused content"),
                ..Behaviour::default()
            },
            true,
        ),
        (
            Behaviour {
                data_reply: Some("452 4.3.1 disk full"),
                ..Behaviour::default()
            },
            false,
        ),
    ];
    for (behaviour, permanent) in cases {
        let server = SmtpServer::start(Protection::None, behaviour).await;
        let result = send(&config(&server, Security::None)).await;
        match result.unwrap_err() {
            SendError::Permanent(reason) => assert!(permanent && reason.contains("55"), "{reason}"),
            SendError::Transient { reason, .. } => assert!(!permanent && reason.contains("45"), "{reason}"),
        }
        assert!(server.accepted().is_empty());
    }
}

#[tokio::test]
async fn a_silent_and_an_absent_server_are_tried_again_later() {
    let server = SmtpServer::start(
        Protection::None,
        Behaviour {
            silent: true,
            ..Behaviour::default()
        },
    )
    .await;
    let config = SmtpConfig {
        timeout_seconds: 1,
        ..config(&server, Security::None)
    };
    assert!(is_transient(&send(&config).await));
    assert!(is_transient(
        &send(&SmtpConfig {
            port: Some(1),
            ..config
        })
        .await
    ));
}

#[tokio::test]
async fn a_connection_that_was_cut_off_in_the_middle_is_not_used_again() {
    let behaviour = Behaviour {
        silent_after_first_data: true,
        ..Behaviour::default()
    };
    let server = SmtpServer::start(Protection::None, behaviour).await;
    let config = SmtpConfig {
        timeout_seconds: 1,
        ..config(&server, Security::None)
    };
    let transport = SmtpTransport::new(&config).unwrap();
    assert!(is_transient(&transport.send(&message("m-1", Channel::Email)).await));
    transport.send(&message("m-2", Channel::Email)).await.unwrap();
    assert_eq!((server.accepted().len(), server.connections()), (1, 2));
}

#[tokio::test]
async fn one_connection_serves_several_messages() {
    let server = SmtpServer::start(Protection::StartTls, Behaviour::default()).await;
    let transport = SmtpTransport::new(&config(&server, Security::StartTls)).unwrap();
    for id in ["m-1", "m-2", "m-3"] {
        transport.send(&message(id, Channel::Email)).await.unwrap();
    }
    assert_eq!((server.accepted().len(), server.connections()), (3, 1));
}

#[tokio::test]
async fn a_forged_header_never_reaches_the_server() {
    let server = SmtpServer::start(Protection::None, Behaviour::default()).await;
    let transport = SmtpTransport::new(&config(&server, Security::None)).unwrap();
    let subject = Some("Hi\r\nBcc: everyone@evil.example".to_owned());
    let forged = OutgoingMessage {
        subject,
        ..message("m-1", Channel::Email)
    };
    assert!(matches!(transport.send(&forged).await, Err(SendError::Permanent(_))));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn settings_that_cannot_work_are_named_at_the_start() {
    let server = SmtpServer::start(Protection::None, Behaviour::default()).await;
    let good = config(&server, Security::None);
    let refused = |config: SmtpConfig| SmtpTransport::new(&config).err().map(|error| error.to_string());
    let open_password = signing_in(
        SmtpConfig {
            host: "mail.example".to_owned(),
            ..good.clone()
        },
        "s3cret",
    );
    assert!(refused(open_password).unwrap().contains("password"));
    assert!(
        refused(SmtpConfig {
            username: Some("summit".to_owned()),
            ..good.clone()
        })
        .is_some()
    );
    assert!(
        refused(SmtpConfig {
            from: "nobody".to_owned(),
            ..good.clone()
        })
        .is_some()
    );
    assert!(refused(signing_in(good, "s3cret")).is_none());
}
