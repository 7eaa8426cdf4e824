//! The contract's imports and hooks as wasmtime sees them, generated from `wit/`.
//! HTTP is bound by `wasmtime-wasi-http`, whose own worlds find it in any component.

wasmtime::component::bindgen!({
    path: "../../wit",
    inline: "
        package host:engine;
        world hooks {
            include fieldservice:plugins/capabilities@1.0.0;
            export fieldservice:plugins/lifecycle@1.0.0;
            export fieldservice:plugins/actions-menu@1.0.0;
            export fieldservice:plugins/template-fields@1.0.0;
        }
    ",
    world: "host:engine/hooks",
    imports: { default: async | trappable },
    exports: { default: async },
    require_store_data_send: true,
    with: {
        "wasi:io": wasmtime_wasi::p2::bindings::io,
        "fieldservice:plugins/customers.customer": crate::imports::customers::CustomerHandle,
        "fieldservice:plugins/documents.document": crate::imports::documents::DocumentHandle,
    },
});
