//! The program: reads the command line and hands over to the library.
//! Everything it does lives in `host_harness::cli`.

fn main() -> std::process::ExitCode {
    host_harness::cli::run()
}
