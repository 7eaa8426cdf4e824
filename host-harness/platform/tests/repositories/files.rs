//! Files: types from bytes, ranges, visibility, logos.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use bytes::Bytes;
use capabilities::{ByteStream, Error as Refusal};
use futures_util::{StreamExt, TryStreamExt, stream};
use platform::*;
use std::sync::Arc;

on_both_engines! {
    a_file_is_streamed_in_and_out
    the_type_comes_from_the_bytes
    hidden_files_and_files_of_drafts_stay
    names_are_no_paths
    deleting_keeps_bytes_another_file_needs
    a_logo_is_an_image
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nthe rest of the picture";

fn bytes(content: impl Into<Bytes>) -> ByteStream {
    stream::iter([Ok(content.into())]).boxed()
}

async fn put(world: &World, job: &Job, name: &str, content: &'static [u8], visible: bool) -> StoredFile {
    let new = NewFile {
        owner_kind: OwnerKind::Job,
        owner_id: job.id.clone(),
        name: name.into(),
        visible,
    };
    world
        .platform
        .files()
        .put(world.id(), new, bytes(content), &staff())
        .await
        .unwrap()
}

async fn collect(stream: ByteStream) -> Vec<u8> {
    stream
        .try_fold(Vec::new(), async |mut all, chunk| {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
        .unwrap()
}

async fn a_file_is_streamed_in_and_out(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let job = world.job(&ann, "Visit", "scheduled", None).await;
    let chunks: Vec<std::io::Result<Bytes>> = (0..40_u8).map(|n| Ok(Bytes::from(vec![n; 100_000]))).collect();
    let new = NewFile {
        owner_kind: OwnerKind::Job,
        owner_id: job.id.clone(),
        name: "video".into(),
        visible: true,
    };
    let file = world
        .platform
        .files()
        .put(world.id(), new, stream::iter(chunks).boxed(), &staff())
        .await
        .unwrap();
    assert_eq!((file.size, file.customer_id.as_str()), (4_000_000, ann.id.as_str()));
    let files = world.platform.files();
    assert_eq!(
        collect(files.read(world.id(), &file, None).await.unwrap()).await.len(),
        4_000_000
    );
    let part = collect(files.read(world.id(), &file, Some(99_999..100_002)).await.unwrap()).await;
    assert_eq!(part, [0, 1, 1]);
    assert_eq!(
        collect(files.read(world.id(), &file, Some(7..7)).await.unwrap()).await,
        Vec::<u8>::new()
    );
    let beyond = files.read(world.id(), &file, Some(0..4_000_001)).await;
    assert!(matches!(beyond.err(), Some(Error::Invalid(_))));
    assert!(matches!(
        files.get(&world.other.id, &file.id).await,
        Err(Error::NotFound)
    ));

    let handle = world.handle(&ann).await.job(&job.id).await.unwrap();
    assert_eq!(handle.files[0].id, file.id);
    let document = world.grants().documents.unwrap().file(&ann.id, &file.id).await.unwrap();
    assert_eq!((document.info().size, document.info().etag), (4_000_000, file.sha256));
    assert_eq!(collect(document.read(Some(0..3)).await.unwrap()).await, [0, 0, 0]);
}

async fn the_type_comes_from_the_bytes(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let job = world.job(&ann, "Visit", "scheduled", None).await;
    let picture = put(&world, &job, "invoice.pdf", PNG, true).await;
    assert_eq!((picture.media_type.as_str(), picture.viewable()), ("image/png", true));
    let page = put(&world, &job, "photo.png", b"<html><script>", true).await;
    assert_eq!(
        (page.media_type.as_str(), page.viewable()),
        ("application/octet-stream", false)
    );
}

async fn hidden_files_and_files_of_drafts_stay(world: Arc<World>) {
    let (ann, bob) = (
        world.customer("Ann", "Able").await,
        world.customer("Bob", "Baker").await,
    );
    let job = world.job(&ann, "Visit", "scheduled", None).await;
    let hidden = put(&world, &job, "cost.txt", b"internal", false).await;
    let shown = put(&world, &job, "photo.png", PNG, true).await;
    let draft = world.estimate(&ann, "draft", None).await;
    let new = NewFile {
        owner_kind: OwnerKind::Estimate,
        owner_id: draft.id,
        name: "plan".into(),
        visible: true,
    };
    let of_draft = world
        .platform
        .files()
        .put(world.id(), new, bytes(PNG), &staff())
        .await
        .unwrap();
    let documents = world.grants().documents.unwrap();
    documents.file(&ann.id, &shown.id).await.unwrap();
    for (customer, file) in [(&ann, &hidden), (&ann, &of_draft), (&bob, &shown)] {
        assert_eq!(
            documents.file(&customer.id, &file.id).await.err(),
            Some(Refusal::NotFound),
            "{}",
            file.name
        );
    }
    let listed = world.handle(&ann).await.job(&job.id).await.unwrap().files;
    assert_eq!(
        listed.iter().map(|file| file.id.as_str()).collect::<Vec<_>>(),
        [shown.id.as_str()]
    );
}

async fn names_are_no_paths(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let job = world.job(&ann, "Visit", "scheduled", None).await;
    for (name, code) in [
        ("../../etc/passwd", "name not-allowed"),
        ("a\\b", "name not-allowed"),
        ("", "name required"),
        ("a\nb", "name not-allowed"),
    ] {
        let new = NewFile {
            owner_kind: OwnerKind::Job,
            owner_id: job.id.clone(),
            name: name.into(),
            visible: true,
        };
        assert_eq!(
            refused(world.platform.files().put(world.id(), new, bytes(PNG), &staff()).await),
            [code],
            "{name:?}"
        );
    }
    let new = NewFile {
        owner_kind: OwnerKind::Job,
        owner_id: "nothing".into(),
        name: "a".into(),
        visible: true,
    };
    assert!(matches!(
        world.platform.files().put(world.id(), new, bytes(PNG), &staff()).await,
        Err(Error::NotFound)
    ));
}

async fn deleting_keeps_bytes_another_file_needs(world: Arc<World>) {
    let ann = world.customer("Ann", "Able").await;
    let job = world.job(&ann, "Visit", "scheduled", None).await;
    let (one, two) = (
        put(&world, &job, "one.png", PNG, true).await,
        put(&world, &job, "two.png", PNG, true).await,
    );
    let files = world.platform.files();
    files.delete(world.id(), &one.id, &staff()).await.unwrap();
    assert_eq!(collect(files.read(world.id(), &two, None).await.unwrap()).await, PNG);
    files.delete(world.id(), &two.id, &staff()).await.unwrap();
    assert!(files.read(world.id(), &two, None).await.is_err());
    assert!(matches!(
        files.delete(world.id(), &two.id, &staff()).await,
        Err(Error::NotFound)
    ));
}

async fn a_logo_is_an_image(world: Arc<World>) {
    let companies = world.platform.companies();
    assert!(matches!(companies.logo(world.id()).await, Err(Error::NotFound)));
    let script = Bytes::from_static(b"<svg onload=alert(1)>");
    assert_eq!(
        refused(companies.set_logo(world.id(), Some(script), &staff()).await),
        ["logo not-allowed"]
    );
    companies
        .set_logo(world.id(), Some(Bytes::from_static(PNG)), &staff())
        .await
        .unwrap();
    let logo = companies.logo(world.id()).await.unwrap();
    assert_eq!((logo.media_type.as_str(), logo.bytes.as_ref()), ("image/png", PNG));
    assert!(companies.get(world.id()).await.unwrap().has_logo);
    companies.set_logo(world.id(), None, &staff()).await.unwrap();
    assert!(matches!(companies.logo(world.id()).await, Err(Error::NotFound)));
}
