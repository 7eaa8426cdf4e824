//! `forged-headers`: hop-by-hop headers never leave the guest; the rest reaches the host, whose rules
//! come after. Those rules are proven where they are, in the host.

use crate::guests::{get, plugin, tenant};
use http::header;

#[tokio::test(flavor = "multi_thread")]
async fn hop_by_hop_headers_are_dropped_and_the_rest_is_handed_over() {
    let plugin = plugin("forged-headers").await;
    let response = get(&plugin, &tenant("bad"), "any").await.unwrap();
    let headers = response.headers();
    assert!(headers.get(header::CONNECTION).is_none() && headers.get(header::TRANSFER_ENCODING).is_none());
    assert_eq!(headers.get_all(header::SET_COOKIE).iter().count(), 2);
    assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "default-src *");
}
