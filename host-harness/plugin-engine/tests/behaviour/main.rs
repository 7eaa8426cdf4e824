//! What the engine does with real components: one file per fixture guest, all against one fake host.
//! One binary, because each would link wasmtime again.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod endless_loop;
mod fields_only;
mod forged_headers;
mod good_hooks;
mod good_pages;
mod greedy;
mod guests;
mod host;
mod memory_bomb;
mod p3_pages;
mod refusals;
mod trap;
mod upgrade;
