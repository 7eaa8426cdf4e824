//! Stopping: no new connections, open requests finish, then the host ends well.
//! A request is held open by a form whose last bytes come late.

use crate::running::Running;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn an_open_request_is_finished_and_new_ones_are_not_taken() {
    let mut host = Running::start().await;
    let address = host.public.trim_start_matches("http://").to_owned();
    let mut slow = TcpStream::connect(&address).await.unwrap();
    let body = "form_key=abcdefgh12345678&name=Dana&phone=3035550142&summary=Noise";
    let head = format!(
        "POST /acme/book HTTP/1.1\r\nHost: {address}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    slow.write_all(&body.as_bytes()[..10]).await.unwrap();
    // The host must have begun with the request, or it would rightly be cut as an idle connection.
    tokio::time::sleep(Duration::from_millis(300)).await;
    host.tell_to_stop();
    for _ in 0..400 {
        if TcpStream::connect(&address).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(
        TcpStream::connect(&address).await.is_err(),
        "new connections are refused"
    );
    slow.write_all(&body.as_bytes()[10..]).await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    host.ended().await.unwrap();
}

#[tokio::test]
async fn idle_connections_do_not_hold_the_end_up() {
    let mut host = Running::start().await;
    assert_eq!(host.get("/livez").await.status, 200);
    let _idle = TcpStream::connect(host.public.trim_start_matches("http://"))
        .await
        .unwrap();
    host.tell_to_stop();
    tokio::time::timeout(Duration::from_secs(60), host.ended())
        .await
        .expect("it ends")
        .unwrap();
}
