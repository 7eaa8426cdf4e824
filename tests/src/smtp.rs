//! An SMTP server on loopback that keeps what it is given: EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT as RFC 5321
//! has them. It refuses recipients whose address starts with `refused`, for tests of a failing delivery.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A message as it came over the wire.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Headers and body, dot-unstuffed, lines ended by `\n`.
    pub data: String,
}

impl Message {
    /// The body with quoted-printable soft breaks and escapes undone, good enough to find an address in it.
    pub fn readable(&self) -> String {
        let joined = self.data.replace("=\n", "");
        let mut text = Vec::new();
        let mut bytes = joined.bytes().peekable();
        while let Some(byte) = bytes.next() {
            let mut rest = bytes.clone();
            let escaped = (byte == b'=')
                .then(|| Some((hexadecimal(rest.next()?)?, hexadecimal(rest.next()?)?)))
                .flatten();
            match escaped {
                Some((high, low)) => {
                    text.push(high * 16 + low);
                    bytes = rest;
                }
                None => text.push(byte),
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// The server; it lives as long as the test's runtime.
pub struct Server {
    /// Its port on 127.0.0.1.
    pub port: u16,
    messages: Arc<Mutex<Vec<Message>>>,
}

impl Server {
    /// Starts listening.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let messages: Arc<Mutex<Vec<Message>>> = Arc::default();
        let kept = Arc::clone(&messages);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move { drop(serve(stream, &kept).await) });
            }
        });
        Ok(Self { port, messages })
    }

    /// What came in so far.
    pub fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(stream: TcpStream, kept: &Mutex<Vec<Message>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut message = Message::default();
    write.write_all(b"220 test ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => b"250-test\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "HELO" | "NOOP" => b"250 ok\r\n",
            "RSET" => {
                message = Message::default();
                b"250 ok\r\n"
            }
            "MAIL" => {
                message = Message {
                    from: address(&line),
                    ..Message::default()
                };
                b"250 ok\r\n"
            }
            "RCPT" if address(&line).starts_with("refused") => b"550 no such mailbox\r\n",
            "RCPT" => {
                message.to.push(address(&line));
                b"250 ok\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    message.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    message.data.push('\n');
                }
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(std::mem::take(&mut message));
                b"250 kept\r\n"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"502 not here\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

/// `a@b` of `MAIL FROM:<a@b> SIZE=3`.
fn address(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(address, _)| address.to_owned()).unwrap_or_default()
}
