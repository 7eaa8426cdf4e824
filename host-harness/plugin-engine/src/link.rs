//! What a component finds when it is linked: the contract's imports it asked for and a WASI that
//! reaches nothing. Sockets, outbound HTTP and WASI 0.3 files are not linked at all.

use crate::{call::Call, imports, manifest::Permissions};
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::{
    WasiView,
    cli::{WasiCli, WasiCliView},
    clocks::{WasiClocks, WasiClocksView},
    filesystem::{WasiFilesystem, WasiFilesystemView},
    p2::bindings::{cli, clocks, filesystem, io, random},
    random::WasiRandom,
};
use wasmtime_wasi_http::{WasiHttp, WasiHttpView};

/// `wasi:io` works on the resource table alone.
struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

/// A linker for a component with these permissions.
pub(crate) fn linker(engine: &wasmtime::Engine, permissions: &Permissions) -> wasmtime::Result<Linker<Call>> {
    let mut linker = Linker::new(engine);
    wasi_0_2(&mut linker)?;
    wasi_0_3(&mut linker)?;
    imports::link(&mut linker, permissions)?;
    Ok(linker)
}

fn wasi_0_2(linker: &mut Linker<Call>) -> wasmtime::Result<()> {
    io::error::add_to_linker::<Call, Io>(linker, |call| call.ctx().table)?;
    io::poll::add_to_linker::<Call, Io>(linker, |call| call.ctx().table)?;
    io::streams::add_to_linker::<Call, Io>(linker, |call| call.ctx().table)?;
    clocks::wall_clock::add_to_linker::<Call, WasiClocks>(linker, Call::clocks)?;
    clocks::monotonic_clock::add_to_linker::<Call, WasiClocks>(linker, Call::clocks)?;
    random::random::add_to_linker::<Call, WasiRandom>(linker, |call| call.ctx().ctx.random())?;
    random::insecure::add_to_linker::<Call, WasiRandom>(linker, |call| call.ctx().ctx.random())?;
    random::insecure_seed::add_to_linker::<Call, WasiRandom>(linker, |call| call.ctx().ctx.random())?;
    cli::exit::add_to_linker::<Call, WasiCli>(linker, Call::cli)?;
    cli::environment::add_to_linker::<Call, WasiCli>(linker, Call::cli)?;
    cli::stdin::add_to_linker::<Call, WasiCli>(linker, Call::cli)?;
    cli::stdout::add_to_linker::<Call, WasiCli>(linker, Call::cli)?;
    cli::stderr::add_to_linker::<Call, WasiCli>(linker, Call::cli)?;
    cli::terminal_input::add_to_linker::<Call, WasiCli>(linker, Call::cli)?;
    cli::terminal_output::add_to_linker::<Call, WasiCli>(linker, Call::cli)?;
    cli::terminal_stdin::add_to_linker::<Call, WasiCli>(linker, Call::cli)?;
    cli::terminal_stdout::add_to_linker::<Call, WasiCli>(linker, Call::cli)?;
    cli::terminal_stderr::add_to_linker::<Call, WasiCli>(linker, Call::cli)?;
    // No directory is ever handed out, so these name no file.
    filesystem::preopens::add_to_linker::<Call, WasiFilesystem>(linker, Call::filesystem)?;
    filesystem::types::add_to_linker::<Call, WasiFilesystem>(linker, Call::filesystem)?;
    let options = wasmtime_wasi_http::p2::bindings::LinkOptions::default();
    wasmtime_wasi_http::p2::bindings::http::types::add_to_linker::<Call, WasiHttp>(
        linker,
        &(&options).into(),
        Call::http,
    )
}

fn wasi_0_3(linker: &mut Linker<Call>) -> wasmtime::Result<()> {
    wasmtime_wasi::p3::cli::add_to_linker(linker)?;
    wasmtime_wasi::p3::clocks::add_to_linker(linker)?;
    wasmtime_wasi::p3::random::add_to_linker(linker)?;
    wasmtime_wasi_http::p3::bindings::http::types::add_to_linker::<Call, WasiHttp>(linker, Call::http)
}
