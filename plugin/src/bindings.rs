//! The contract's types and imports, generated from `wit/` at compile time.
//! On a native target the types work as they stand; the imports exist only in the component.

#![allow(missing_docs, reason = "documented in wit/")]
#![allow(unused_qualifications, unreachable_pub, clippy::all, reason = "generated code")]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "generated code"
)]

wit_bindgen::generate!({
    path: "../wit",
    // The contract's world, the system's random numbers, which tokens are made of, and its clock.
    inline: "
        package fieldservice:customer-portal;
        world portal {
            include fieldservice:plugins/feature-plugin@1.0.0;
            import wasi:random/random@0.2.12;
            import wasi:clocks/monotonic-clock@0.2.12;
        }
    ",
    world: "fieldservice:customer-portal/portal",
    generate_all,
});
