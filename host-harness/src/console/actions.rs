//! What a plugin adds to a customer's Actions menu: its panel drawn from the declarative answer, and sent back.
//! Opening may make something (a link, say), so it is a post; a refusal shows as a notice inside the panel.

use super::{
    failure,
    form::Posted,
    layout::Nav,
    office::Office,
    panel::{self, PanelPage, PanelView},
    view::{Link, Pill},
};
use crate::{
    AppState,
    web::{Failure, page, see_other},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use capabilities::Tone;

struct Place {
    customer: String,
    plugin: String,
    item: String,
}

type PlacePath = Path<(String, String, String, String)>;

impl Place {
    fn new(Path((_, customer, plugin, item)): PlacePath) -> Self {
        Self { customer, plugin, item }
    }

    fn action(&self, office: &Office) -> String {
        let profile = office.record("customers", &self.customer);
        format!(
            "{profile}/actions/{}/{}/submit",
            super::words::encode(&self.plugin),
            super::words::encode(&self.item)
        )
    }
}

async fn show(
    state: &AppState,
    office: &Office,
    place: &Place,
    status: StatusCode,
    panel: PanelView,
) -> Result<Response, Failure> {
    let customer = state
        .platform
        .customers()
        .get(office.id(), &place.customer)
        .await
        .map_err(failure)?;
    let back = Link::new(office.record("customers", &place.customer), customer.display_name());
    Ok(page(
        status,
        &PanelPage {
            page: office.page(panel.title.clone(), Nav::Customers),
            back,
            panel,
        },
    ))
}

/// `GET …/actions/{plugin}/{item}`: a panel is opened by its menu entry; its address leads back to the profile.
pub(super) async fn back_to_profile(office: Office, path: PlacePath) -> Response {
    see_other(&office.record("customers", &Place::new(path).customer))
}

/// `POST …/actions/{plugin}/{item}`
pub(super) async fn open(State(state): State<AppState>, office: Office, path: PlacePath) -> Result<Response, Failure> {
    let place = Place::new(path);
    let opened = state
        .plugins
        .open_panel(office.id(), &place.plugin, &place.item, &place.customer, &office.call())
        .await;
    match opened {
        Ok(panel) => {
            let panel = PanelView::new(panel, place.action(&office));
            show(&state, &office, &place, StatusCode::OK, panel).await
        }
        Err(error) if error.status() == StatusCode::NOT_FOUND => Err(error.into()),
        Err(error) => {
            show(
                &state,
                &office,
                &place,
                error.status(),
                PanelView::refusal(error.message(), place.action(&office)),
            )
            .await
        }
    }
}

/// `POST …/actions/{plugin}/{item}/submit`
pub(super) async fn submit(
    State(state): State<AppState>,
    office: Office,
    path: PlacePath,
    posted: Posted,
) -> Result<Response, Failure> {
    let place = Place::new(path);
    let submission = panel::read(&posted);
    let (plugins, context) = (&state.plugins, office.call());
    let answered = plugins
        .submit_panel(
            office.id(),
            &place.plugin,
            &place.item,
            &place.customer,
            submission.clone(),
            &context,
        )
        .await;
    let error = match answered {
        Ok(panel) => {
            let panel = PanelView::new(panel, place.action(&office));
            return show(&state, &office, &place, StatusCode::OK, panel).await;
        }
        Err(error) if error.status() == StatusCode::NOT_FOUND => return Err(error.into()),
        Err(error) => error,
    };
    // The panel again, as it stands now, with what was typed and why it was refused.
    let panel = match plugins
        .open_panel(office.id(), &place.plugin, &place.item, &place.customer, &context)
        .await
    {
        Ok(panel) => {
            let mut panel = PanelView::new(panel, place.action(&office));
            panel.notice = Some(Pill::new(error.message(), Tone::Danger));
            panel.refill(&submission);
            panel
        }
        Err(_) => PanelView::refusal(error.message(), place.action(&office)),
    };
    show(&state, &office, &place, error.status(), panel).await
}
