//! What the fixture guests share: bindings of a plugin that serves pages, and a small HTTP layer.
//! A guest embeds its manifest with `manifest!` and serves with `pages!`.

pub mod http;

/// The contract's imports and the export of `wasi:http` 0.2.
pub mod pages {
    wit_bindgen::generate!({
        path: "../../../wit",
        inline: "
            package fixture:guests;
            world pages {
                include fieldservice:plugins/capabilities@1.0.0;
                export wasi:http/incoming-handler@0.2.12;
            }
        ",
        world: "fixture:guests/pages",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_pages",
        default_bindings_module: "kit::pages",
    });
}

/// Embed a `plugin.toml` as the component's manifest.
#[macro_export]
macro_rules! manifest {
    ($path:literal) => {
        #[used]
        #[unsafe(link_section = "plugin-manifest")]
        static MANIFEST: [u8; include_bytes!($path).len()] = *include_bytes!($path);
    };
}

/// Serve pages with a function from `http::Request` to `http::Answer`.
#[macro_export]
macro_rules! pages {
    ($serve:path) => {
        struct Pages;

        impl $crate::pages::exports::wasi::http::incoming_handler::Guest for Pages {
            fn handle(
                request: $crate::pages::wasi::http::types::IncomingRequest,
                out: $crate::pages::wasi::http::types::ResponseOutparam,
            ) {
                let request = $crate::http::Request::read(request);
                $crate::http::send(out, $serve(request));
            }
        }

        $crate::pages::export_pages!(Pages with_types_in $crate::pages);
    };
}
