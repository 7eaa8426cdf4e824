//! The staff console: server-rendered pages for a company's office, complete without script.
//! One file per area; every route is added with its access rule in `routes` below and nowhere else.

mod access;
mod account;
mod actions;
mod assets;
mod audit;
mod choose;
mod communications;
mod customer_profile;
mod customers;
mod estimates;
mod files;
mod first_admin;
mod form;
mod import;
mod invoices;
mod jobs;
mod layout;
mod lines;
mod listing;
mod mailbox;
mod office;
mod outbox;
mod panel;
mod payments;
mod preview;
mod projects;
mod qr;
mod record;
mod requests;
mod sending;
mod settings;
mod sign_in;
mod view;
mod view_as;
mod words;

#[cfg(test)]
mod tests;

use crate::{
    AppState,
    middleware::{MAX_FORM, MAX_PLUGIN_UPLOAD},
    web::Failure,
};
use access::{Access, Routes};
use axum::{Router, extract::DefaultBodyLimit, http::StatusCode};
use platform::Role;

/// Every route of the staff console.
pub fn router() -> Router<AppState> {
    routes().into_router().layer(DefaultBodyLimit::max(MAX_FORM))
}

fn routes() -> Routes {
    let staff = Access::Office(Role::Staff);
    let admin = Access::Office(Role::CompanyAdmin);
    let platform = Access::Office(Role::PlatformAdmin);
    Routes::default()
        .get("/-/console/{hash}/{name}", Access::Anyone, assets::serve)
        .get("/sign-in", Access::Anyone, sign_in::form)
        .post("/sign-in", Access::Anyone, sign_in::with_password)
        .get("/sign-in/t/{token}", Access::Anyone, sign_in::link)
        .post("/sign-in/t/{token}", Access::Anyone, sign_in::with_link)
        .get("/sign-in/b/{token}", Access::Anyone, first_admin::form)
        .post("/sign-in/b/{token}", Access::Anyone, first_admin::create)
        .get("/mailbox", Access::DemoMailbox, mailbox::list)
        .get("/mailbox/{id}", Access::DemoMailbox, mailbox::show)
        .get("/mailbox/{id}/html", Access::DemoMailbox, mailbox::html)
        .get("/", Access::SignedIn, sign_in::home)
        .post("/sign-out", Access::SignedIn, sign_in::sign_out)
        .get("/account", Access::SignedIn, account::form)
        .post("/account", Access::SignedIn, account::save)
        .post("/account/sign-out-others", Access::SignedIn, account::sign_out_others)
        .get("/c/{slug}/choose/{kind}", staff, choose::list)
        .get("/c/{slug}/customers", staff, customers::list)
        .get("/c/{slug}/new/customer", staff, customers::new)
        .post("/c/{slug}/new/customer", staff, customers::create)
        .get("/c/{slug}/customers/{id}", staff, customer_profile::show)
        .get("/c/{slug}/customers/{id}/timeline", staff, customer_profile::timeline)
        .get("/c/{slug}/customers/{id}/edit", staff, customers::edit)
        .post("/c/{slug}/customers/{id}/edit", staff, customers::update)
        .get(
            "/c/{slug}/customers/{id}/actions/{plugin}/{item}",
            staff,
            actions::back_to_profile,
        )
        .post("/c/{slug}/customers/{id}/actions/{plugin}/{item}", staff, actions::open)
        .post(
            "/c/{slug}/customers/{id}/actions/{plugin}/{item}/submit",
            staff,
            actions::submit,
        )
        .post("/c/{slug}/customers/{id}/view-as/{plugin}", staff, view_as::offer)
        .get("/c/{slug}/requests", staff, requests::list)
        .get("/c/{slug}/requests/{id}", staff, requests::show)
        .post("/c/{slug}/requests/{id}", staff, requests::update)
        .post("/c/{slug}/requests/{id}/job", staff, requests::create_job)
        .get("/c/{slug}/jobs", staff, jobs::list)
        .get("/c/{slug}/new/job", staff, jobs::new)
        .post("/c/{slug}/new/job", staff, jobs::create)
        .get("/c/{slug}/jobs/{id}", staff, jobs::show)
        .post("/c/{slug}/jobs/{id}", staff, jobs::update)
        .get("/c/{slug}/projects", staff, projects::list)
        .get("/c/{slug}/new/project", staff, projects::new)
        .post("/c/{slug}/new/project", staff, projects::create)
        .get("/c/{slug}/projects/{id}", staff, projects::show)
        .post("/c/{slug}/projects/{id}", staff, projects::update)
        .get("/c/{slug}/estimates", staff, estimates::list)
        .get("/c/{slug}/new/estimate", staff, estimates::new)
        .post("/c/{slug}/new/estimate", staff, estimates::create)
        .get("/c/{slug}/estimates/{id}", staff, estimates::show)
        .post("/c/{slug}/estimates/{id}", staff, estimates::update)
        .get("/c/{slug}/invoices", staff, invoices::list)
        .get("/c/{slug}/new/invoice", staff, invoices::new)
        .post("/c/{slug}/new/invoice", staff, invoices::create)
        .get("/c/{slug}/invoices/{id}", staff, invoices::show)
        .post("/c/{slug}/invoices/{id}", staff, invoices::update)
        .get("/c/{slug}/payments", staff, payments::list)
        .get("/c/{slug}/new/payment", staff, payments::new)
        .post("/c/{slug}/new/payment", staff, payments::create)
        .get("/c/{slug}/payments/{id}", staff, payments::show)
        .post("/c/{slug}/payments/{id}/delete", staff, payments::delete)
        .get("/c/{slug}/files/{id}", staff, files::read)
        .upload(
            "/c/{slug}/add-file/{kind}/{owner}",
            staff,
            files::MAX_UPLOAD,
            files::add,
        )
        .get("/c/{slug}/communications", staff, communications::list)
        .get("/c/{slug}/new/template", staff, communications::new)
        .post("/c/{slug}/new/template", staff, communications::create)
        .get("/c/{slug}/communications/{id}", staff, communications::edit)
        .post("/c/{slug}/communications/{id}", staff, communications::update)
        .post("/c/{slug}/communications/{id}/delete", staff, communications::delete)
        .post("/c/{slug}/preview", staff, preview::alone)
        .post("/c/{slug}/preview/new", staff, preview::in_new)
        .post("/c/{slug}/preview/of/{id}", staff, preview::in_editor)
        .get("/c/{slug}/communications/{id}/send", staff, sending::choose)
        .post("/c/{slug}/communications/{id}/send", staff, sending::send)
        .get("/c/{slug}/sends/{id}", staff, sending::progress)
        .get("/c/{slug}/outbox", staff, outbox::list)
        .get("/c/{slug}/outbox/{id}", staff, outbox::show)
        .post("/c/{slug}/outbox/{id}/retry", staff, outbox::retry)
        .get("/c/{slug}/settings", staff, settings::index)
        .get("/c/{slug}/settings/plugins", admin, settings::plugins::list)
        .get("/c/{slug}/settings/plugins/{id}", admin, settings::plugins::show)
        .post(
            "/c/{slug}/settings/plugins/{id}/enable",
            admin,
            settings::plugins::enable,
        )
        .post(
            "/c/{slug}/settings/plugins/{id}/disable",
            admin,
            settings::plugins::disable,
        )
        .post(
            "/c/{slug}/settings/plugins/{id}/resume",
            admin,
            settings::plugins::resume,
        )
        .post(
            "/c/{slug}/settings/plugins/{id}/settings",
            admin,
            settings::plugins::save,
        )
        .post(
            "/c/{slug}/settings/plugins/{id}/rollback",
            platform,
            settings::install::rollback,
        )
        .get(
            "/c/{slug}/settings/plugins/{id}/uninstall",
            platform,
            settings::uninstall::form,
        )
        .post(
            "/c/{slug}/settings/plugins/{id}/uninstall",
            platform,
            settings::uninstall::act,
        )
        .get("/c/{slug}/settings/install", platform, settings::install::form)
        .upload(
            "/c/{slug}/settings/install",
            platform,
            MAX_PLUGIN_UPLOAD,
            settings::install::upload,
        )
        .post("/c/{slug}/settings/install/pick", platform, settings::install::pick)
        .get("/c/{slug}/settings/api-keys", admin, settings::api_keys::list)
        .post("/c/{slug}/settings/api-keys", admin, settings::api_keys::create)
        .post(
            "/c/{slug}/settings/api-keys/{id}/revoke",
            admin,
            settings::api_keys::revoke,
        )
        .get("/c/{slug}/settings/team", admin, settings::team::list)
        .post("/c/{slug}/settings/team", admin, settings::team::invite)
        .get("/c/{slug}/settings/team/{id}", admin, settings::team_member::show)
        .post("/c/{slug}/settings/team/{id}", admin, settings::team_member::set_role)
        .post(
            "/c/{slug}/settings/team/{id}/deactivate",
            admin,
            settings::team_member::deactivate,
        )
        .post(
            "/c/{slug}/settings/team/{id}/reactivate",
            admin,
            settings::team_member::reactivate,
        )
        .post(
            "/c/{slug}/settings/team/{id}/sign-out",
            admin,
            settings::team_member::sign_out,
        )
        .post(
            "/c/{slug}/settings/team/{id}/link",
            admin,
            settings::team_member::fresh_link,
        )
        .get("/c/{slug}/settings/audit", admin, audit::list)
        .get("/c/{slug}/settings/import", admin, import::show)
}

/// What the platform's refusal means to somebody at the console.
fn failure(error: platform::Error) -> Failure {
    match error {
        platform::Error::NotFound => Failure::not_found(),
        platform::Error::Denied(why) => Failure::forbidden(why),
        platform::Error::Conflict(why) => Failure::conflict(why),
        platform::Error::Invalid(errors) => Failure::bad_request(
            errors
                .into_iter()
                .map(|error| error.message)
                .collect::<Vec<_>>()
                .join(" "),
        ),
        platform::Error::RateLimited(seconds) => Failure::too_many(seconds),
        platform::Error::Unavailable(why) => {
            let mut failure = Failure::new(StatusCode::SERVICE_UNAVAILABLE, "Not possible right now", why);
            failure.retry_after = Some(5);
            failure
        }
        other => Failure::internal(other),
    }
}
