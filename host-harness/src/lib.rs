//! The reference host: staff console, public listener, JSON API, commands and the wiring between them.
//! Data flows one way: listener → middleware → handler → platform; plugins are reached through `plugins` only.

pub mod api;
pub mod audit;
pub mod bootstrap;
pub mod cli;
pub mod config;
pub mod console;
pub mod demo;
pub mod doctor;
pub mod import;
pub mod messages;
pub mod middleware;
pub mod plugins;
mod private;
pub mod public;
pub mod serve;
pub mod state;
pub mod web;
pub mod words;

pub use state::AppState;
