//! A guest's standard error (and output) as lines of the host's log, cut off at a limit per call.
//! Lines carry the plugin's id and the company; what stands in them is the plugin's own.

use bytes::Bytes;
use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamResult},
};

/// Longest line; a longer one is logged in pieces.
const LINE_BYTES: usize = 1_024;

struct Lines {
    plugin: Arc<str>,
    company: Arc<str>,
    left: usize,
    line: Vec<u8>,
}

impl Lines {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            if *byte == b'\n' || self.line.len() >= LINE_BYTES || self.left == 0 {
                self.emit();
            }
            if *byte != b'\n' {
                self.line.push(*byte);
            }
        }
    }

    fn emit(&mut self) {
        if self.line.is_empty() {
            return;
        }
        let text: String = String::from_utf8_lossy(&self.line)
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        self.line.clear();
        tracing::info!(target: "plugin", plugin = %self.plugin, company = %self.company, "{text}");
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.emit();
    }
}

/// Where a guest's lines go.
#[derive(Clone)]
pub(crate) struct Log(Arc<Mutex<Lines>>);

impl Log {
    pub(crate) fn new(plugin: Arc<str>, company: Arc<str>, bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Lines {
            plugin,
            company,
            left: bytes,
            line: Vec::new(),
        })))
    }

    fn take(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes);
    }
}

impl IsTerminal for Log {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Log {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for Log {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[async_trait::async_trait]
impl Pollable for Log {
    async fn ready(&mut self) {}
}

impl OutputStream for Log {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 * 1024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_stops_at_the_limit() {
        let log = Log::new("p".into(), "c".into(), 10);
        log.take(&[b'x'; 1_000]);
        let lines = log.0.lock().unwrap();
        assert_eq!(lines.left, 0);
        assert!(lines.line.len() <= 10);
    }
}
