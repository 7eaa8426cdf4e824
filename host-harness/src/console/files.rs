//! Files on records: reading one, adding one.
//! Whether a browser may show a file in its tab is the platform's judgement of its bytes.

use super::{failure, office::Office, words};
use crate::{AppState, web::Failure};
use axum::{
    body::Body,
    extract::{Multipart, Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::TryStreamExt;
use platform::{MAX_FILE_BYTES, NewFile, OwnerKind};

/// Bytes of an upload: the largest file and room for the form around it.
pub(super) const MAX_UPLOAD: usize = MAX_FILE_BYTES as usize + 64 * 1024;

/// `GET /c/{slug}/files/{id}`
pub(super) async fn read(
    State(state): State<AppState>,
    office: Office,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let file = state.platform.files().get(office.id(), &id).await.map_err(failure)?;
    let bytes = state
        .platform
        .files()
        .read(office.id(), &file, None)
        .await
        .map_err(failure)?;
    let how = if file.viewable() { "inline" } else { "attachment" };
    let disposition = format!("{how}; filename*=UTF-8''{}", words::encode(&file.name));
    let value = |text: &str| HeaderValue::from_str(text).map_err(Failure::internal);
    let headers = [
        (header::CONTENT_TYPE, value(&file.media_type)?),
        (header::CONTENT_DISPOSITION, value(&disposition)?),
        (header::CONTENT_LENGTH, HeaderValue::from(file.size)),
    ];
    Ok((headers, Body::from_stream(bytes)).into_response())
}

/// `POST /c/{slug}/add-file/{kind}/{owner}`
pub(super) async fn add(
    State(state): State<AppState>,
    office: Office,
    Path((_, kind, owner)): Path<(String, String, String)>,
    mut upload: Multipart,
) -> Result<Response, Failure> {
    let owner_kind = OwnerKind::parse(&kind).ok_or_else(Failure::not_found)?;
    let unreadable = |_| Failure::bad_request("The file could not be read to its end. Try again.");
    // The choice stands after the file in the form, so the file waits in memory for it.
    let (mut file, mut visible) = (None, false);
    while let Some(field) = upload.next_field().await.map_err(unreadable)? {
        match field.name() {
            Some("visible") => visible = true,
            Some("file") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                file = Some((name, field.bytes().await.map_err(too_large)?));
            }
            _ => {}
        }
    }
    let Some((name, bytes)) = file.filter(|(name, bytes)| !name.is_empty() && !bytes.is_empty()) else {
        return Err(Failure::bad_request(
            "Choose a file first; an empty one cannot be added.",
        ));
    };
    let new = NewFile {
        owner_kind,
        owner_id: owner.clone(),
        name,
        visible,
    };
    let stream = Box::pin(futures_util::stream::iter([Ok(bytes)]).map_err(|never: std::io::Error| never));
    state
        .platform
        .files()
        .put(office.id(), new, stream, &office.actor())
        .await
        .map_err(failure)?;
    Ok(office.after(&office.record(&format!("{kind}s"), &owner), "added"))
}

fn too_large(refused: axum::extract::multipart::MultipartError) -> Failure {
    if refused.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let most = words::size(MAX_FILE_BYTES);
        Failure::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "That is too large",
            format!("A file may have at most {most}."),
        )
    } else {
        Failure::bad_request("The file could not be read to its end. Try again.")
    }
}
