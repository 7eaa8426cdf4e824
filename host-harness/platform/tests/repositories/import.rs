//! Import of a folder: everything or nothing, every problem with its line, twice is once.
//! Every test here runs on SQLite and on PostgreSQL.

use crate::world::*;
use platform::*;
use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

on_both_engines! {
    a_folder_is_imported_and_twice_changes_nothing
    a_change_in_the_folder_is_the_only_change
    every_bad_row_is_reported_and_nothing_is_stored
    the_report_is_capped_but_counts_all
    paths_stay_inside_the_folder
    only_company_and_customers_are_required
    references_may_point_into_the_store
    progress_moves_to_its_end
}

const COMPANY: &str = r##"slug = "acme"
name = "Acme Plumbing"
locale = "en-US"
time_zone = "America/Denver"
currency = "USD"
phone = "(303) 555-0199"
accent = "#1a6fb5"
logo = "logo.png"
"##;

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn good_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| write(folder.path(), name, text);
    put("company.toml", COMPANY);
    fs::write(folder.path().join("logo.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    put(
        "customers.csv",
        "id,first_name,last_name,company_name,email,internal_notes\nC-1,Zoë,Müller,,zoe@example.com,\"two\nlines\"\nC-2,,,北京建材,,\n",
    );
    put(
        "projects.csv",
        "id,customer_id,name,status,start_date,percent_complete\nP-1,C-1,Remodel,active,today-10,40\n",
    );
    put(
        "jobs.csv",
        "id,customer_id,project_id,title,status,starts,ends\nJ-1,C-1,P-1,Rough-in,scheduled,today+3T09:00,today+3T12:00\nJ-2,C-2,,Leak,warranty,,\n",
    );
    put(
        "estimates.csv",
        "id,customer_id,number,title,status,sent_date,expiration_date,discount,tax_name,tax_rate\nE-1,C-1,2001,Boiler,sent,today-5,today+25,15.00,Sales tax,8.63\n",
    );
    put(
        "estimate_lines.csv",
        "estimate_id,position,name,quantity,unit_price,optional,taxable\nE-1,2,Permit,1,50,no,no\nE-1,1,Boiler,1,100.00,no,yes\nE-1,3,Filter,2,9.99,yes,yes\n",
    );
    put(
        "invoices.csv",
        "id,customer_id,job_id,number,title,status,invoice_date,due_date\nI-1,C-1,J-1,1001,Deposit,issued,today-40,today-10\nI-2,C-2,,1002,Draft,draft,,\n",
    );
    put(
        "invoice_lines.csv",
        "invoice_id,position,name,quantity,unit_price\nI-1,1,Labour,1.5,80\n",
    );
    put(
        "payments.csv",
        "id,customer_id,invoice_id,date,amount,method\nPAY-1,C-1,I-1,today-3,20.00,check\n",
    );
    put(
        "requests.csv",
        "id,customer_id,summary,status,submitted_date,job_id\nR-1,C-1,Drip,scheduled,today-4,J-1\n",
    );
    put(
        "files.csv",
        "id,customer_id,owner_kind,owner_id,name,path,visible\nF-1,C-1,job,J-1,Notes,notes.txt,yes\n",
    );
    put("files/notes.txt", "plain words\n");
    put(
        "statuses.csv",
        "kind,code,label,tone,open\njob,warranty,Warranty visit,warning,yes\n",
    );
    put(
        "templates.csv",
        "id,channel,name,subject,body\nT-1,email,Welcome,Hello {{ customer.first_name }},\"Hi,\nwelcome\"\n",
    );
    folder
}

async fn import(world: &World, folder: &Path) -> Result<ImportReport, ImportError> {
    world.platform.import(folder, &Actor::system(), &|_| ()).await
}

async fn problems(world: &World, folder: &Path) -> Vec<String> {
    match import(world, folder).await {
        Err(ImportError::Invalid { problems, .. }) => problems,
        other => panic!("expected problems, got {other:?}"),
    }
}

fn total(report: &ImportReport) -> (u64, u64, u64) {
    report.counts.values().fold((0, 0, 0), |sum, counts| {
        (sum.0 + counts.created, sum.1 + counts.updated, sum.2 + counts.unchanged)
    })
}

async fn a_folder_is_imported_and_twice_changes_nothing(world: Arc<World>) {
    let folder = good_folder();
    let report = import(&world, folder.path()).await.unwrap();
    assert_eq!(total(&report), (13, 0, 0), "{report:?}");
    let (platform, id) = (&world.platform, report.company_id.as_str());

    let company = platform.companies().by_slug("acme").await.unwrap();
    assert_eq!((company.first_import_date, company.has_logo), (Some(today()), true));
    let estimate = platform.estimates().get(id, "E-1").await.unwrap();
    assert_eq!(
        (
            estimate.totals.subtotal,
            estimate.totals.discount,
            estimate.totals.tax,
            estimate.totals.total
        ),
        (15_000, 1_500, 777, 14_277)
    );
    assert_eq!(
        platform.estimates().lines(id, "E-1").await.unwrap()[1].details.name,
        "Permit"
    );
    let invoice = platform.invoices().get(id, "I-1").await.unwrap();
    assert_eq!(
        (invoice.status.code.as_str(), invoice.amount_paid, invoice.amount_due),
        ("overdue", 2_000, 10_000)
    );
    let job = platform.jobs().get(id, "J-1").await.unwrap();
    assert_eq!(job.details.starts, Some(jiff::civil::date(2026, 6, 18).at(9, 0, 0, 0)));
    assert_eq!(
        platform.jobs().get(id, "J-2").await.unwrap().status.label,
        "Warranty visit"
    );
    let request = platform.requests().get(id, "R-1").await.unwrap();
    assert_eq!(request.submitted_at, "2026-06-11T15:00:00Z".parse().unwrap());
    assert_eq!(platform.files().get(id, "F-1").await.unwrap().media_type, "text/plain");
    assert_eq!(
        platform.customers().get(id, "C-2").await.unwrap().display_name(),
        "北京建材"
    );
    assert_eq!(
        platform.templates().get(id, "T-1").await.unwrap().details.body,
        "Hi,\nwelcome"
    );
    let log = platform
        .activity()
        .audit(id, None, None, 100)
        .await
        .unwrap()
        .items
        .len();

    // A year later `today` is still the day of the first import.
    world.clock.advance(365 * 24 * 3600);
    let again = import(&world, folder.path()).await.unwrap();
    assert_eq!(total(&again), (0, 0, 13), "{again:?}");
    assert_eq!(platform.jobs().get(id, "J-1").await.unwrap(), job);
    assert_eq!(
        platform
            .activity()
            .audit(id, None, None, 100)
            .await
            .unwrap()
            .items
            .len(),
        log
    );
}

async fn a_change_in_the_folder_is_the_only_change(world: Arc<World>) {
    let folder = good_folder();
    let id = import(&world, folder.path()).await.unwrap().company_id;
    write(
        folder.path(),
        "invoice_lines.csv",
        "invoice_id,position,name,quantity,unit_price\nI-1,1,Labour (senior),1.5,80\n",
    );
    write(
        folder.path(),
        "payments.csv",
        "id,customer_id,invoice_id,date,amount,method\nPAY-1,C-1,I-1,today-3,120.00,check\n",
    );
    let report = import(&world, folder.path()).await.unwrap();
    assert_eq!(total(&report), (0, 2, 11), "{report:?}");
    let lines = world.platform.invoices().lines(&id, "I-1").await.unwrap();
    assert_eq!((lines.len(), lines[0].details.name.as_str()), (1, "Labour (senior)"));
    assert_eq!(
        world.platform.invoices().get(&id, "I-1").await.unwrap().status.code,
        "paid"
    );
}

async fn every_bad_row_is_reported_and_nothing_is_stored(world: Arc<World>) {
    let folder = good_folder();
    let put = |name: &str, text: &str| write(folder.path(), name, text);
    put(
        "customers.csv",
        "id,first_name,last_name,email\nC-1,\"A\nB\",x,zoe@example.com\nC-2,Ann,Able,nonsense\nC-2,Bob,Baker,\n,No,Id,\n",
    );
    put(
        "jobs.csv",
        "id,customer_id,project_id,title,status,starts\nJ-1,C-9,P-1,Visit,scheduled,31/12/2026\nJ-2,C-2,P-1,Visit,dancing,\n",
    );
    put(
        "invoices.csv",
        "id,customer_id,number,title,status,discount\nI-1,C-1,1001,Deposit,issued,-5\n",
    );
    put(
        "invoice_lines.csv",
        "invoice_id,position,name,quantity,unit_price\nI-1,1,Labour,1,-80\nI-7,1,Lost,1,1\n",
    );
    put(
        "payments.csv",
        "id,customer_id,invoice_id,date,amount,method\nPAY-1,C-2,I-1,2026-02-30,20.001,gold\n",
    );
    put("requests.csv", "id,customer_id,summary,status,submitted_date\n");
    put("files.csv", "id,customer_id,owner_kind,owner_id,name,path\n");
    put("estimates.csv", "id,customer_id,number,title,status,colour\n");
    put("estimate_lines.csv", "estimate_id,position,name,quantity,unit_price\n");
    let found = problems(&world, folder.path()).await;
    let expected = [
        "invoice_lines.csv:2: unit_price \"-80\" is negative",
        "customers.csv:2: first_name: Line breaks and control characters are not allowed here.",
        "customers.csv:4: email: This is not an e-mail address such as name@example.com.",
        "customers.csv:5: duplicate id \"C-2\"",
        "customers.csv:6: id is empty",
        "jobs.csv:2: starts \"31/12/2026\" is not a time such as 2026-05-31T09:00 or today+3T09:00",
        "jobs.csv:2: unknown customer \"C-9\"",
        "jobs.csv:3: status: There is no job status \"dancing\".",
        "jobs.csv:3: \"P-1\" in projects belongs to another customer",
        "estimates.csv:1: unknown column \"colour\"",
        "invoices.csv:2: discount \"-5\" is negative",
        "payments.csv:2: date \"2026-02-30\" is not a date such as 2026-05-31 or today+3",
        "payments.csv:2: amount \"20.001\" has more than 2 decimal places",
        "payments.csv:2: method \"gold\" is none of card, bank_transfer, check, cash, other",
        "payments.csv:2: \"I-1\" in invoices belongs to another customer",
        "invoice_lines.csv:3: there is no document \"I-7\"",
    ];
    assert_eq!(found, expected);
    assert!(matches!(
        world.platform.companies().by_slug("acme").await,
        Err(Error::NotFound)
    ));

    write(
        folder.path(),
        "company.toml",
        "slug = \"acme\"\nname = \"Acme\"\nlocale = \"en-US\"\ntime_zone = \"Mars/Base\"\ncurrency = \"USD\"\n",
    );
    assert_eq!(
        problems(&world, folder.path()).await,
        ["company.toml:4: time_zone: Use an IANA time zone such as America/Denver."]
    );
    write(folder.path(), "company.toml", "slug = \"acme\"\ncolour = 3\n");
    assert!(problems(&world, folder.path()).await[0].starts_with("company.toml:2: unknown field `colour`"));
}

async fn the_report_is_capped_but_counts_all(world: Arc<World>) {
    let folder = good_folder();
    let mut csv = String::from("id,first_name,last_name\n");
    for n in 0..1_500 {
        csv.push_str(&format!("C-{n},,\n"));
    }
    write(folder.path(), "customers.csv", &csv);
    let Err(ImportError::Invalid { problems, total }) = import(&world, folder.path()).await else {
        panic!("accepted")
    };
    assert_eq!(
        (
            problems.len(),
            problems[0].starts_with("customers.csv:2: last_name: Give a first name")
        ),
        (1_000, true)
    );
    assert!(total >= 1_500, "{total}");
}

async fn paths_stay_inside_the_folder(world: Arc<World>) {
    let folder = good_folder();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), folder.path().join("files/link.txt")).unwrap();
    let absolute = folder.path().join("secret.txt");
    for path in [
        "../secret.txt",
        "files/../../secret.txt",
        "link.txt",
        "missing.txt",
        ".",
        "a/../notes.txt",
        absolute.to_str().unwrap(),
    ] {
        let csv = format!("id,customer_id,owner_kind,owner_id,name,path\nF-1,C-1,job,J-1,Notes,{path}\n");
        write(folder.path(), "files.csv", &csv);
        let expected = format!("files.csv:2: path {path:?} is no file under files/");
        assert_eq!(problems(&world, folder.path()).await, [expected]);
    }
}

async fn only_company_and_customers_are_required(world: Arc<World>) {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "company.toml",
        &COMPANY.replace("logo = \"logo.png\"\n", ""),
    );
    assert_eq!(
        problems(&world, folder.path()).await,
        ["customers.csv:1: the file is missing"]
    );
    write(
        folder.path(),
        "customers.csv",
        "id,first_name,last_name\r\nC-1,Ann,Able\r\n",
    );
    assert_eq!(total(&import(&world, folder.path()).await.unwrap()), (2, 0, 0));
    let empty = tempfile::tempdir().unwrap();
    assert!(problems(&world, empty.path()).await[0].starts_with("company.toml:1: cannot be read"));
}

async fn references_may_point_into_the_store(world: Arc<World>) {
    let folder = good_folder();
    let id = import(&world, folder.path()).await.unwrap().company_id;
    for name in [
        "customers.csv",
        "projects.csv",
        "jobs.csv",
        "estimates.csv",
        "estimate_lines.csv",
        "invoices.csv",
        "invoice_lines.csv",
        "requests.csv",
        "files.csv",
    ] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    write(
        folder.path(),
        "customers.csv",
        "id,first_name,last_name\nC-3,New,Comer\n",
    );
    write(
        folder.path(),
        "payments.csv",
        "id,customer_id,invoice_id,date,amount,method\nPAY-2,C-1,I-1,today,5,cash\n",
    );
    import(&world, folder.path()).await.unwrap();
    assert_eq!(
        world.platform.invoices().get(&id, "I-1").await.unwrap().amount_paid,
        2_500
    );
    write(
        folder.path(),
        "payments.csv",
        "id,customer_id,invoice_id,date,amount,method\nPAY-3,C-3,I-1,today,5,cash\nPAY-4,C-2,I-2,today,5,cash\n",
    );
    assert_eq!(
        problems(&world, folder.path()).await,
        [
            "payments.csv:2: \"I-1\" in invoices belongs to another customer",
            "payments.csv:3: invoice \"I-2\" is a draft and cannot be paid"
        ]
    );
}

async fn progress_moves_to_its_end(world: Arc<World>) {
    let folder = good_folder();
    let seen = Mutex::new(Vec::new());
    let note = |progress: ImportProgress| seen.lock().unwrap().push(progress);
    world
        .platform
        .import(folder.path(), &Actor::system(), &note)
        .await
        .unwrap();
    let seen = seen.into_inner().unwrap();
    for stage in ["Checking", "Storing files", "Importing"] {
        let last = seen.iter().rfind(|progress| progress.stage == stage).unwrap();
        assert_eq!(last.done, last.total, "{stage}");
    }
}
