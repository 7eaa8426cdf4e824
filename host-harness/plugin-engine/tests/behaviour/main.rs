//! What the engine does with real components, good and hostile: one file per thing they do, all against one fake host.
//! One binary, because each would link wasmtime again.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod answers;
mod bad_hooks;
mod compile_bomb;
mod craft;
mod endless_loop;
mod fields_only;
mod forged_headers;
mod good_hooks;
mod good_pages;
mod guests;
mod hoards;
mod host;
mod lists;
mod log_lines;
mod manifest_bomb;
mod memory_bomb;
mod p3_pages;
mod refusals;
mod table_bomb;
mod trap;
mod upgrade;
