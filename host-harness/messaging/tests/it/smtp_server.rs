//! A small SMTP server on loopback, after RFC 5321: EHLO, STARTTLS, AUTH PLAIN, MAIL, RCPT, DATA, RSET, NOOP, QUIT.
//! It keeps what it accepts and can be told to refuse, so that the real client is tried against real replies.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How the server protects its connections.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Protection {
    None,
    StartTls,
    Tls,
}

/// What the server does differently from accepting everything.
#[derive(Clone, Default)]
pub(crate) struct Behaviour {
    /// The answer to `RCPT TO`, instead of 250.
    pub(crate) recipient_reply: Option<&'static str>,
    /// The answer after the message, instead of 250.
    pub(crate) data_reply: Option<&'static str>,
    /// The one `AUTH PLAIN` response that is accepted; without it AUTH is not offered.
    pub(crate) credentials: Option<&'static str>,
    /// Never greet.
    pub(crate) silent: bool,
    /// On the first connection, never answer the message.
    pub(crate) silent_after_first_data: bool,
}

/// A message the server took.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) data: String,
    pub(crate) encrypted: bool,
    pub(crate) signed_in: bool,
}

#[derive(Default)]
struct Log {
    accepted: Vec<Accepted>,
    connections: usize,
    commands: Vec<String>,
}

pub(crate) struct SmtpServer {
    pub(crate) port: u16,
    /// The certificate to trust, in PEM.
    pub(crate) certificate: String,
    log: Arc<Mutex<Log>>,
}

impl SmtpServer {
    pub(crate) async fn start(protection: Protection, behaviour: Behaviour) -> Self {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::new(Mutex::new(Log::default()));
        let shared = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                let (acceptor, behaviour, log) = (acceptor.clone(), behaviour.clone(), Arc::clone(&shared));
                tokio::spawn(async move { connection(stream, acceptor, protection, behaviour, log).await });
            }
        });
        Self {
            port,
            certificate: cert.pem(),
            log,
        }
    }

    pub(crate) fn accepted(&self) -> Vec<Accepted> {
        self.log.lock().unwrap().accepted.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.log.lock().unwrap().connections
    }

    pub(crate) fn commands(&self) -> Vec<String> {
        self.log.lock().unwrap().commands.clone()
    }
}

async fn connection(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    protection: Protection,
    behaviour: Behaviour,
    log: Arc<Mutex<Log>>,
) {
    let mut session = Session {
        behaviour,
        log,
        encrypted: false,
        signed_in: false,
        offer_tls: false,
    };
    if protection == Protection::Tls {
        session.encrypted = true;
        let Ok(stream) = acceptor.accept(stream).await else {
            return;
        };
        session.talk(&mut BufReader::new(stream), true).await;
        return;
    }
    session.offer_tls = protection == Protection::StartTls;
    let mut plain = BufReader::new(stream);
    if session.talk(&mut plain, true).await == Some(Upgrade) {
        let Ok(stream) = acceptor.accept(plain.into_inner()).await else {
            return;
        };
        session.encrypted = true;
        session.offer_tls = false;
        session.talk(&mut BufReader::new(stream), false).await;
    }
}

/// The client asked for TLS and was told to go ahead.
#[derive(PartialEq)]
struct Upgrade;

struct Session {
    behaviour: Behaviour,
    log: Arc<Mutex<Log>>,
    encrypted: bool,
    signed_in: bool,
    offer_tls: bool,
}

impl Session {
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut BufReader<S>,
        greet: bool,
    ) -> Option<Upgrade> {
        if self.behaviour.silent {
            std::future::pending::<()>().await;
        }
        if greet {
            say(stream, "220 localhost ESMTP").await?;
        }
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let line = read_line(stream).await?;
            self.log.lock().unwrap().commands.push(line.clone());
            let verb = line.split([' ', ':']).next().unwrap().to_ascii_uppercase();
            let reply = match verb.as_str() {
                "EHLO" => {
                    let mut offers = vec!["localhost", "8BITMIME"];
                    offers.extend(self.offer_tls.then_some("STARTTLS"));
                    offers.extend(self.behaviour.credentials.map(|_| "AUTH PLAIN"));
                    let last = offers.pop().unwrap();
                    let first: String = offers.iter().map(|offer| format!("250-{offer}\r\n")).collect();
                    format!("{first}250 {last}")
                }
                "STARTTLS" if self.offer_tls => {
                    say(stream, "220 go ahead").await?;
                    return Some(Upgrade);
                }
                "AUTH" if line.split(' ').nth(2) == self.behaviour.credentials => {
                    self.signed_in = true;
                    "235 welcome".to_owned()
                }
                "AUTH" => "535 5.7.8 credentials invalid".to_owned(),
                "MAIL" => {
                    from = path(&line);
                    "250 ok".to_owned()
                }
                "RCPT" => match self.behaviour.recipient_reply {
                    Some(reply) => reply.to_owned(),
                    None => {
                        to.push(path(&line));
                        "250 ok".to_owned()
                    }
                },
                "DATA" => {
                    say(stream, "354 end with a dot").await?;
                    let data = read_data(stream).await?;
                    if self.behaviour.silent_after_first_data && self.log.lock().unwrap().connections == 1 {
                        std::future::pending::<()>().await;
                    }
                    match self.behaviour.data_reply {
                        Some(reply) => reply.to_owned(),
                        None => {
                            let accepted = Accepted {
                                from: std::mem::take(&mut from),
                                to: std::mem::take(&mut to),
                                data,
                                encrypted: self.encrypted,
                                signed_in: self.signed_in,
                            };
                            self.log.lock().unwrap().accepted.push(accepted);
                            "250 2.0.0 queued as Q-7".to_owned()
                        }
                    }
                }
                "RSET" | "NOOP" => "250 ok".to_owned(),
                "QUIT" => {
                    say(stream, "221 bye").await?;
                    return None;
                }
                _ => "502 not implemented".to_owned(),
            };
            say(stream, &reply).await?;
        }
    }
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut BufReader<S>, reply: &str) -> Option<()>
where
    BufReader<S>: AsyncWrite,
{
    stream.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

async fn read_line<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut line = String::new();
    match stream.read_line(&mut line).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}

/// The lines up to the lone dot, with doubled leading dots undone.
async fn read_data<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut data = String::new();
    loop {
        let line = read_line(stream).await?;
        if line == "." {
            return Some(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
        data.push('\n');
    }
}

/// The address between the angle brackets.
fn path(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
